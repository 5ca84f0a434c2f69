import type { SegmentEntry, ShardState, Snapshot } from '@poglog/hot-store'
import { USER_DAYS_MAX } from '../limits.ts'
import type { HotReads } from './deps.ts'
import { isRangeWanted } from './log-query.ts'
import type { LogFilter } from './log-query.ts'
import { DAY_MS, HOUR_MS, dayOf } from './periods.ts'
import { isUncovered } from './segment-runs.ts'
import { MovedError } from './start-over.ts'

/** Days asked for at once. */
const DAYS_AT_ONCE = 64
/** How far an arrival may lie from the one its day was taken of: a clock that stepped back. */
const CLOCK_STEP_MS = HOUR_MS

/** Days of arrival, `[fromDayMs, toDayMs]`, each midnight UTC. */
export interface DayRange {
  readonly fromDayMs: number
  readonly toDayMs: number
}

/** The days of arrival on which a user may have written in a channel; `undefined` for any day. */
export type ActiveDays = ReadonlySet<number> | undefined

/** A channel in which a user may have records that by-user segments do not hold. */
export interface UserChannel {
  readonly channelId: string
  readonly shard: number
  /** Days of arrival on which the user may have written there. */
  readonly days: ActiveDays
  /** Whether hot records may be among them. */
  readonly isHot: boolean
}

/**
 * The channels in which a user may have records of a query that are hot, or in segments that by-user segments
 * do not cover yet.
 *
 * The sets go by day of arrival, the query by sent time: the manifest tells which arrivals a range of
 * sent times can have come with, and hot records may have any. They are asked after the snapshot: a set is
 * written before its record.
 *
 * @throws {MovedError} when a shard was sealed for the first time meanwhile.
 */
export async function userChannels(
  query: LogFilter & { readonly userId: string },
  snapshots: ReadonlyMap<number, Pick<Snapshot, 'state' | 'segments'>>,
  hot: HotReads,
): Promise<UserChannel[]> {
  const found = await Promise.all(
    [...snapshots.values()].map(async (snapshot) => channelsOfShard(snapshot, query, hot)),
  )
  return found.flat()
}

/** Whether a segment's arrivals touch one of the days. */
export function isActiveIn(
  { arrivalFromMs, arrivalToMs }: Pick<SegmentEntry, 'arrivalFromMs' | 'arrivalToMs'>,
  days: ActiveDays,
): boolean {
  if (days === undefined) return true
  const firstDayMs = dayOf(arrivalFromMs - CLOCK_STEP_MS)
  const lastDayMs = dayOf(arrivalToMs + CLOCK_STEP_MS)
  for (const day of days) if (day >= firstDayMs && day <= lastDayMs) return true
  return false
}

/** The days of arrival that the query's records can have, as ranges that do not touch. */
export function arrivalDays(
  query: LogFilter,
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
      fromDayMs: Math.max(0, dayOf(fromMs - CLOCK_STEP_MS)),
      toDayMs: dayOf(toMs + CLOCK_STEP_MS),
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

async function channelsOfShard(
  { state, segments }: Pick<Snapshot, 'state' | 'segments'>,
  query: LogFilter & { readonly userId: string },
  hot: HotReads,
): Promise<UserChannel[]> {
  const { shard } = state
  const hotFromMs = await hotFrom(state, hot)
  const uncovered = segments.filter((segment) => isUncovered(segment))
  const ranges = arrivalDays(query, { ...state, hotFromMs }, uncovered)
  const hotDays = { arrivalFromMs: hotFromMs, arrivalToMs: Math.max(state.floorMs, state.nowMs) }
  const found = await daysByChannel({ shard, ranges }, query, hot)
  return [...found].map(([channelId, days]) => {
    return { channelId, shard, days, isHot: isActiveIn(hotDays, days) }
  })
}

/** The arrival from which on records can be hot. */
async function hotFrom(state: ShardState, hot: HotReads): Promise<number> {
  if (state.boundaryMs > 0) return Math.min(state.boundaryMs, state.nowMs)
  // A shard that was never sealed is hot from the epoch on: 20,000 empty days.
  const firstMs = await hot.firstArrival(state.shard)
  const { state: now } = await hot.snapshot({
    shard: state.shard,
    channelId: undefined,
    maxEntries: 1,
  })
  if (now.boundaryMs > 0) throw new MovedError('a shard was sealed while it was looked at')
  return Math.min(firstMs ?? state.nowMs, state.nowMs)
}

async function daysByChannel(
  { shard, ranges }: { readonly shard: number; readonly ranges: readonly DayRange[] },
  { userId, signal }: LogFilter & { readonly userId: string },
  hot: HotReads,
): Promise<Map<string, ActiveDays>> {
  const days = ranges.flatMap(daysOf)
  const isByDay = days.length <= USER_DAYS_MAX
  const pieces = isByDay
    ? days.map((day) => ({ fromDayMs: day, toDayMs: day }))
    : ranges.flatMap(splitRange)
  const found = new Map<string, Set<number>>()
  for (let at = 0; at < pieces.length; at += DAYS_AT_ONCE) {
    signal?.throwIfAborted()
    const asked = pieces.slice(at, at + DAYS_AT_ONCE).map(async (piece) => ({
      day: piece.fromDayMs,
      channels: await hot.userChannels({ shard, userId, ...piece }),
    }))
    for (const { day, channels } of await Promise.all(asked)) {
      for (const channel of channels) found.set(channel, (found.get(channel) ?? new Set()).add(day))
    }
  }
  return isByDay ? found : new Map([...found.keys()].map((channel) => [channel, undefined]))
}

function daysOf({ fromDayMs, toDayMs }: DayRange): number[] {
  // More than that is not asked for day by day, so it need not be counted.
  const count = Math.min((toDayMs - fromDayMs) / DAY_MS + 1, USER_DAYS_MAX + 1)
  return Array.from({ length: count }, (_, at) => fromDayMs + at * DAY_MS)
}

/** Pieces of a long range, each of as many days as may be asked for at once. */
function splitRange({ fromDayMs, toDayMs }: DayRange): DayRange[] {
  const stepMs = USER_DAYS_MAX * DAY_MS
  const count = Math.floor((toDayMs - fromDayMs) / stepMs) + 1
  return Array.from({ length: count }, (_, at) => {
    const from = fromDayMs + at * stepMs
    return { fromDayMs: from, toDayMs: Math.min(from + stepMs - DAY_MS, toDayMs) }
  })
}
