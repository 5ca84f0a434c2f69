import type { Connection } from './connection.ts'
import { arrivalOf } from './entries.ts'
import { channelsKey, stateKey, streamKey } from './keys.ts'
import { toArray, toText } from './reply.ts'
import { loadScript } from './script.ts'

const SCAN_COUNT = 500
const FIRST_ARRIVALS = loadScript('first-arrivals')

/** Yields groups of channel ids, each id once. A channel that is in the set for the whole scan is always yielded. */
export async function* channelGroups(
  shard: number,
  connection: Connection,
): AsyncGenerator<string[]> {
  const key = channelsKey(shard)
  // SSCAN may return an element twice when the set grows meanwhile.
  const yielded = new Set<string>()
  let cursor = '0'
  do {
    const [next, members] = toArray(
      await connection.command('sscan', key, cursor, 'COUNT', SCAN_COUNT),
    )
    cursor = toText(next)
    const fresh = toArray(members)
      .map(toText)
      .filter((channelId) => !yielded.has(channelId))
    for (const channelId of fresh) yielded.add(channelId)
    if (fresh.length > 0) yield fresh
  } while (cursor !== '0')
}

/** The arrival of the earliest record at or after the boundary, `undefined` when there is none. */
export async function firstArrival(
  shard: number,
  connection: Connection,
): Promise<number | undefined> {
  let earliest: number | undefined
  for await (const channelIds of channelGroups(shard, connection)) {
    const keys = [stateKey(shard), ...channelIds.map((channelId) => streamKey(shard, channelId))]
    const ids = toArray(await connection.run({ script: FIRST_ARRIVALS, keys, args: [] }))
    for (const id of ids)
      earliest = Math.min(earliest ?? Number.POSITIVE_INFINITY, arrivalOf(toText(id)))
  }
  return earliest
}
