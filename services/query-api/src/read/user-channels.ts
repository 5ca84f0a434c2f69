import type { SegmentEntry, ShardState } from '@poglog/hot-store'
import type { HotReads } from './deps.ts'
import { isRangeWanted } from './log-query.ts'
import type { UserQuery } from './read-user-logs.ts'

const DAY_MS = 86_400_000

/** Days of arrival, `[fromDayMs, toDayMs]`, each midnight UTC. */
export interface DayRange {
  readonly fromDayMs: number
  readonly toDayMs: number
}

/**
 * The channels in which a user may have records of the query, in all shards.
 *
 * The sets go by day of arrival, the query by sent time: the manifest tells which arrivals a range of
 * sent times can have come with, and hot records may have any.
 */
export async function userChannels(query: UserQuery, hot: HotReads): Promise<string[]> {
  const shards = Array.from({ length: hot.shards }, (_, shard) => shard)
  const found = await Promise.all(shards.map((shard) => channelsOfShard(shard, query, hot)))
  return [...new Set(found.flat())]
}

async function channelsOfShard(shard: number, query: UserQuery, hot: HotReads): Promise<string[]> {
  const { userId } = query
  // The state first: what is sealed between the two calls is then seen twice, not never.
  const state = await hot.state(shard)
  // A shard that was never sealed is hot from the epoch on: 20,000 empty days.
  const isUnsealed = state.boundaryMs === 0
  const firstMs = isUnsealed ? await hot.firstArrival(shard) : state.boundaryMs
  const hotFromMs = Math.min(firstMs ?? state.nowMs, state.nowMs)
  const ranges = arrivalDays(query, { ...state, hotFromMs }, await hot.manifest(shard))
  const found: string[] = []
  for (const range of ranges) {
    query.signal?.throwIfAborted()
    found.push(...(await hot.userChannels({ shard, userId, ...range })))
  }
  return found
}

/** The days of arrival that the query's records can have, as ranges that do not touch. */
export function arrivalDays(
  query: UserQuery,
  state: Pick<ShardState, 'floorMs' | 'nowMs'> & { readonly hotFromMs: number },
  segments: readonly SegmentEntry[],
): DayRange[] {
  const cold = segments
    .filter(({ sentMinMs, sentMaxMs }) =>
      isRangeWanted(query, { minMs: sentMinMs, maxMs: sentMaxMs }),
    )
    .map(({ arrivalFromMs, arrivalToMs }) => ({ fromMs: arrivalFromMs, toMs: arrivalToMs }))
  const hot = { fromMs: state.hotFromMs, toMs: Math.max(state.floorMs, state.nowMs) }
  const days = [...cold, hot]
    .map(({ fromMs, toMs }) => ({
      // A day more on both ends: a stream's ids run ahead of the clock after it stepped back.
      fromDayMs: Math.max(0, dayOf(fromMs) - DAY_MS),
      toDayMs: dayOf(toMs) + DAY_MS,
    }))
    .toSorted((left, right) => left.fromDayMs - right.fromDayMs)
  const joined: DayRange[] = []
  for (const range of days) {
    const last = joined.at(-1)
    if (last === undefined || range.fromDayMs > last.toDayMs + DAY_MS) joined.push(range)
    else joined.splice(-1, 1, { ...last, toDayMs: Math.max(last.toDayMs, range.toDayMs) })
  }
  return joined
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) * DAY_MS
}
