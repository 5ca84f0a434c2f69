import type { ArchiveEvents } from './events.ts'

const ignore = (): void => {}

/** The events of a command-line tool: it prints its progress and what is thrown; only warnings are for it. */
export function onlyWarnings(warn: (message: string) => void): ArchiveEvents {
  return {
    moved: ignore,
    refused: ignore,
    commitRepeated: ignore,
    trimmed: ignore,
    swept: ignore,
    foreignObjects: ignore,
    compacted: ignore,
    folded: ignore,
    removedDeleted: ignore,
    setAside(_, error) {
      warn(`set aside: ${error instanceof Error ? error.message : 'a segment'}`)
    },
    unparsed(shard, records) {
      warn(`${records} lines of shard ${shard} do not parse, stored as they are`)
    },
    lookUpFailed(error) {
      warn(`late records not looked up: ${error.message}`)
    },
  }
}
