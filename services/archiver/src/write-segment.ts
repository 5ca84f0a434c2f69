import type { Freeze, SegmentEntry } from '@poglog/hot-store'
import { SegmentError, encodeSegment, segmentKey, verifySegment } from '@poglog/log-format'
import type { LogRecord, SegmentIdentity } from '@poglog/log-format'
import type { ArchiveDeps } from './deps.ts'

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
 * Writes a segment under a name of its own, reads it back from the store whole, and compares count and
 * digest with what went in. Returns its manifest entry, which nobody knows yet.
 *
 * Reading back from the store, not from memory, also proves the upload (A1).
 *
 * @throws {ObjectStoreError} an object that nobody names may be left; the sweep removes it.
 * @throws {SegmentError} `corrupt` when what was read back is not what was written; likewise.
 */
export async function writeSegment(plan: SegmentPlan, deps: ArchiveDeps): Promise<SegmentEntry> {
  const { cold, hot, newUlid, signal } = deps
  const identity: SegmentIdentity = {
    shard: plan.freeze.shard,
    shards: hot.shards,
    number: plan.freeze.next,
    projection: 'by-channel',
    level: 'hour',
    arrivalFromMs: plan.arrivalFromMs,
    arrivalToMs: plan.arrivalToMs,
  }
  const { body, summary } = await encodeSegment([plan.records], identity, { signal })

  const key = segmentKey(identity, newUlid(plan.nowMs))
  await cold.put(key, body, { signal })
  const stored = await verifySegment({ store: cold, key, sizeBytes: summary.sizeBytes }, { signal })
  if (stored.records !== plan.records.length || stored.digest !== summary.digest) {
    throw new SegmentError('corrupt', key, { detail: 'read back is not what was written' })
  }
  return {
    number: identity.number,
    key,
    sizeBytes: summary.sizeBytes,
    projection: identity.projection,
    level: identity.level,
    arrivalFromMs: identity.arrivalFromMs,
    arrivalToMs: identity.arrivalToMs,
    sentMinMs: summary.sentMinMs,
    sentMaxMs: summary.sentMaxMs,
    records: summary.records,
    digest: summary.digest,
  }
}
