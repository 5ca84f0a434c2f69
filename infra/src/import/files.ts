import { stat } from 'node:fs/promises'
import { Problem } from '../problem.ts'
import { fileUnit, standardInput } from './file-unit.ts'
import { justlogUnits } from './justlog-folder.ts'
import type { Unit } from './unit.ts'

/**
 * The units of files, folders of justlog, and `-` for standard input, in the order to import them in.
 *
 * @throws {Problem} for a path that is not there, or a folder that is not laid out as justlog's.
 */
export async function unitsOf(
  sources: readonly string[],
  channelId: string | undefined,
): Promise<Unit[]> {
  const units: Unit[] = []
  for (const source of sources) {
    if (source === '-') units.push(standardInput(channelId))
    else {
      const found = await stat(source).catch((error: unknown) => {
        throw new Problem(`cannot read ${source}: there is no such file or folder`, {
          cause: error,
        })
      })
      if (!found.isDirectory()) units.push(await fileUnit(source, { channelId }))
      else {
        const ofFolder = await justlogUnits(source)
        if (ofFolder.length === 0) {
          throw new Problem(
            `${source} holds no logs as justlog lays them out (channel id/year/month/day/channel.txt): ` +
              'name the files themselves, for example with a pattern of the shell',
          )
        }
        units.push(...ofFolder)
      }
    }
  }
  return units
}
