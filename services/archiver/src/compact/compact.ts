import type { SegmentEntry } from '@poglog/hot-store'
import { compareRecords } from '@poglog/log-format'
import { LONGEST_QUERY_MS } from '../config.ts'
import type { ArchiveDeps } from '../deps.ts'
import { uncompacted } from './due-compactions.ts'
import { SegmentMerge } from './merge-segments.ts'
import { replacedUlids } from './replaced-ulids.ts'
import { judge } from './set-aside.ts'
import { untilKnown } from './until-known.ts'
import { UserBatches } from './user-batches.ts'
import { writeDay } from './write-day.ts'
import type { WrittenDay } from './write-day.ts'

/** A query that began with the segments as they were before looks the sets up until it ends. */
const USER_SETS_MS = 2 * LONGEST_QUERY_MS

export interface CompactRequest {
  readonly shard: number
  /** 0:00 UTC of the day of arrivals, milliseconds since the Unix epoch. It must have ended. */
  readonly dayMs: number
}

/** What a compaction did. */
export type CompactResult =
  | {
      readonly kind: 'compacted'
      /** The segments that the day's took the place of. */
      readonly inputs: readonly SegmentEntry[]
      readonly entries: readonly SegmentEntry[]
      readonly records: number
      /** Records left out because another input had the same, or their user is erased. */
      readonly equal: number
      readonly erased: number
      readonly sizeBytes: number
      /** Keys of inputs that could not be read: the day was compacted without them. */
      readonly setAside: readonly string[]
    }
  /** There is nothing (more) to compact: all is done, or cannot be read. */
  | { readonly kind: 'nothing' }
  /** Another archiver was here, or a user asked to be erased meanwhile: nothing was changed. */
  | { readonly kind: 'refused' }

/**
 * Merges a day's sealed segments of a shard into one in each order, and swaps them in the manifest, all at
 * once. Records of erased users and equal ones are left out; all others are proven by digest before
 * the swap. Safe to run at any time, again, and twice at once.
 *
 * An input that cannot be read is set aside: told, left as it is, and the rest compacted without it.
 *
 * @throws {HotStoreError} nothing was changed, or (swap) the outcome is unknown.
 * @throws {ObjectStoreError}, {SegmentError} or the file system's error: nothing was changed.
 */
export async function compact(request: CompactRequest, deps: ArchiveDeps): Promise<CompactResult> {
  const { hot, events, clock, setAside } = deps
  const startedAt = clock()
  const known = uncompacted(await hot.manifest(request.shard), request.dayMs)
  if (known.every(({ key }) => setAside.has(key))) return { kind: 'nothing' }
  const unreadable = new Set<string>()
  for (;;) {
    try {
      const result = await attempt(request, unreadable, deps)
      if (result.kind === 'compacted') events.compacted(request.shard, result, clock() - startedAt)
      if (result.kind === 'refused') events.refused(request.shard, 'swap')
      return result
    } catch (error) {
      const verdict = await judge(error, request.shard, deps)
      if (verdict.kind === 'passed') {
        events.refused(request.shard, 'swap')
        return { kind: 'refused' }
      }
      if (verdict.kind === 'other' || unreadable.has(verdict.key)) throw error
      unreadable.add(verdict.key)
    }
  }
}

async function attempt(
  { shard, dayMs }: CompactRequest,
  unreadable: ReadonlySet<string>,
  deps: ArchiveDeps,
): Promise<CompactResult> {
  const { hot, events, step } = deps
  const reservation = await step('reserve', () => hot.reserve(shard, 2 + hot.shards))
  const segments = await hot.manifest(shard)
  const { users: erased, erasures } = await hot.erased(shard)
  if (erasures !== reservation.erasures) return { kind: 'refused' }
  const inputs = uncompacted(segments, dayMs).filter(({ key }) => !unreadable.has(key))
  if (inputs.length === 0) return { kind: 'nothing' }

  const replaces = await replacedUlids(inputs, deps)
  const merge = new SegmentMerge({ inputs, compare: compareRecords, erased }, deps)
  const users = new UserBatches()
  const plan = {
    reservation,
    records: merge.records(),
    ...arrivalOf(inputs),
    nowMs: reservation.nowMs,
    replaces,
    onUser: (userId: string) => {
      users.add(userId)
    },
  }
  const day: WrittenDay = await writeDay(plan, deps)
  merge.assertOutput(day)

  const change = { removed: inputs, added: day.entries }
  const swapped = await step('swap', () => untilKnown(() => hot.swap(reservation, change), deps))
  if (swapped === 'stale') return { kind: 'refused' }
  if (swapped === 'already') events.commitRepeated(shard)
  for (const { key } of inputs) deps.setAside.remove(key)
  // While a segment of the day waits, the sets say in which channels of it a user wrote.
  if (unreadable.size === 0) await expireUserSets({ shard, dayMs }, users, deps)
  const { equal, erased: erasedRecords } = merge
  const what = { inputs, equal, erased: erasedRecords, setAside: [...unreadable] }
  return { kind: 'compacted', ...day, ...what }
}

async function expireUserSets(
  { shard, dayMs }: CompactRequest,
  users: UserBatches,
  deps: ArchiveDeps,
): Promise<void> {
  for (const userIds of users.batches()) {
    const what = { dayMs, userIds, afterMs: USER_SETS_MS }
    await untilKnown(() => deps.hot.expireUserSets(shard, what), deps)
  }
}

/** The arrivals that segments cover together; the begin is that of the earliest, so it lies in its day and month. */
export function arrivalOf(inputs: readonly SegmentEntry[]) {
  return {
    arrivalFromMs: Math.min(...inputs.map(({ arrivalFromMs }) => arrivalFromMs)),
    arrivalToMs: Math.max(...inputs.map(({ arrivalToMs }) => arrivalToMs)),
  }
}
