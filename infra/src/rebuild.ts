import {
  readJobConfig,
  rebuildNow,
  type RebuildProgress,
  type RebuildResult,
} from '@poglog/archiver'
import { Problem } from './problem.ts'
import { ProgressLine } from './progress-line.ts'
import { whereItRuns } from './where-it-runs.ts'

export interface RebuildCommand {
  readonly data: string
  readonly force?: true | undefined
  readonly skipDamaged?: true | undefined
}

const SHOWN_MAX = 20

/**
 * `poglog rebuild`: makes the manifests in Redis anew from the objects of the store, and prints what was found.
 *
 * @throws {Problem} when nothing was changed, with what to do.
 */
export async function rebuild(options: RebuildCommand, env: NodeJS.ProcessEnv): Promise<void> {
  const settings = readJobConfig({ ...(await whereItRuns(options.data, env)), ...env })
  const line = new ProgressLine()
  const result = await rebuildNow({
    settings,
    force: options.force === true,
    skipDamaged: options.skipDamaged === true,
    onProgress: (progress) => {
      line.show(() => describe(progress))
    },
    onWarning: (message) => {
      line.note(message)
    },
  })
  line.clear()
  console.log(told(result))
}

function describe({ step, done, total }: RebuildProgress): string {
  const count = done.toLocaleString('en')
  if (step === 'footers') return `reading footers: ${count}`
  const what = step === 'users' ? 'noting who wrote where' : 'learning names'
  return `${what}: ${count} of ${total.toLocaleString('en')} records`
}

/** The report of a rebuild. @throws {Problem} for one that did not take place. */
function told(result: RebuildResult): string {
  switch (result.kind) {
    case 'rebuilt': {
      const { segments, records, uncovered, leftOut, damaged } = result
      return [
        `rebuilt the manifests: ${segments} segments, ${records.toLocaleString('en')} records`,
        ...(uncovered > 0 ? [`${uncovered} of them wait for their compaction`] : []),
        ...(leftOut.length > 0
          ? [
              `${leftOut.length} objects are copies or were replaced, the sweep deletes them in time`,
            ]
          : []),
        ...damaged.map(({ problem }) => `left out: ${problem}`),
      ].join('\n')
    }
    case 'damaged':
      throw new Problem(
        `${result.damaged.length} objects cannot be read, nothing was changed:\n` +
          `${listed(result.damaged.map(({ problem }) => problem))}\n` +
          'restore them from a copy of the bucket, or go on without their records: --skip-damaged',
      )
    case 'not-empty':
      throw new Problem(
        `Redis knows ${result.segments} segments already, nothing was changed. If it was rolled back to an ` +
          'older state, replace what it knows: --force',
      )
    case 'other-shards':
      throw new Problem(
        `the objects were written with SHARDS=${result.found.join(' and ')}, this Redis has ${result.shards}: ` +
          'empty it and set SHARDS to that number; nothing was changed',
      )
    case 'busy':
      throw new Problem('archivers kept changing the manifests: stop them, and run it again')
  }
}

function listed(lines: readonly string[]): string {
  const more = lines.length - SHOWN_MAX
  return [...lines.slice(0, SHOWN_MAX), ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
}
