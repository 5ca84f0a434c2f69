import type { Freeze, SegmentEntry } from '@poglog/hot-store'
import { SegmentError, encodeSegment } from '@poglog/log-format'
import type { LogRecord, SegmentIdentity } from '@poglog/log-format'
import type { ArchiveDeps } from '../deps.ts'
import { putVerified } from '../compact/put-verified.ts'

/** What a segment is made of. `nowMs` is the time of day, for its name. */
export interface SegmentPlan {
  readonly freeze: Freeze
  /** Arrivals the segment covers, `[arrivalFromMs, arrivalToMs)`. */
  readonly arrivalFromMs: number
  readonly arrivalToMs: number
  readonly records: readonly LogRecord[]
  readonly nowMs: number
}

/**
 * Writes a segment under a name of its own and proves it, see {@link putVerified}. Returns its manifest
 * entry, which nobody knows yet.
 *
 * @throws {ObjectStoreError} an object that nobody names may be left; the sweep removes it.
 * @throws {SegmentError} `corrupt` when what was read back is not what was written; likewise.
 */
export async function writeSegment(plan: SegmentPlan, deps: ArchiveDeps): Promise<SegmentEntry> {
  const { hot, newUlid, signal, step } = deps
  const identity: SegmentIdentity = {
    shard: plan.freeze.shard,
    shards: hot.shards,
    number: plan.freeze.next,
    projection: 'by-channel',
    level: 'hour',
    arrivalFromMs: plan.arrivalFromMs,
    arrivalToMs: plan.arrivalToMs,
  }
  const encoded = await step('encode', () => encodeSegment([plan.records], identity, { signal }))
  const entry = await putVerified({ identity, ulid: newUlid(plan.nowMs), encoded }, deps)
  if (entry.records !== plan.records.length) {
    throw new SegmentError('corrupt', entry.key, { detail: 'has not all the records given' })
  }
  return entry
}
