import type { SegmentEntry } from '@poglog/hot-store'
import { compareRecords, compareUserRecords, encodeSegment, segmentKey } from '@poglog/log-format'
import type { LogRecord, SegmentIdentity } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'

/** A ULID for every object of tests: the number makes their names unique. */
const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV'

/** Stores records as a segment, sorted as it should be and without equals, and gives its manifest entry. */
export async function storeSegment(
  records: readonly LogRecord[],
  identity: SegmentIdentity,
  cold: ObjectStore,
): Promise<SegmentEntry> {
  const compare = identity.projection === 'by-user' ? compareUserRecords : compareRecords
  const distinct = records.toSorted(compare).filter((record, at, sorted) => {
    const last = sorted[at - 1]
    return last === undefined || compare(last, record) !== 0
  })
  const { body, summary } = await encodeSegment(distinct, identity, { level: 1 })
  const key = segmentKey(identity, ULID)
  await cold.put(key, body)
  const { shards: _, replaces: __, companions: ___, ...entry } = { ...identity, ...summary, key }
  return entry
}

/** What a compaction is of, and the numbers that it may use. */
export interface GroupPlan {
  readonly shard: number
  readonly shards: number
  readonly firstNumber: number
  readonly arrivalFromMs: number
  readonly arrivalToMs: number
  readonly userShardOf: (userId: string) => number
}

/** Stores records as a compaction does, words left out: a by-user run a user shard, and the by-channel day. */
export async function storeGroup(
  records: readonly LogRecord[],
  plan: GroupPlan,
  cold: ObjectStore,
): Promise<SegmentEntry[]> {
  const { userShardOf, firstNumber, ...identity } = plan
  const entries: SegmentEntry[] = []
  const ofUsers = records.filter(({ userId }) => userId !== '')
  for (const [users, group] of Map.groupBy(ofUsers, ({ userId }) => userShardOf(userId))) {
    const number = firstNumber + 1 + users
    const run = { ...identity, number, users, projection: 'by-user', level: 'run' } as const
    entries.push(await storeSegment(group, run, cold))
  }
  const day = { ...identity, number: firstNumber, projection: 'by-channel', level: 'day' } as const
  return [...entries, await storeSegment(records, day, cold)]
}
