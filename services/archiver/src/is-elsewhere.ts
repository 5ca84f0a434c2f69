import type { SegmentEntry } from '@poglog/hot-store'
import { SegmentError, readSegment } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import type { ObjectInfo } from '@poglog/object-store'
import type { LookUpDeps } from './deps.ts'
import { dropKnown } from './drop-known.ts'

/** Records looked up at a time: every look-up opens the segments anew. */
const BATCH_RECORDS = 10_000
const EVERYTHING = {
  fromMs: Number.MIN_SAFE_INTEGER,
  toMs: Number.MAX_SAFE_INTEGER,
  order: 'asc',
} as const

/**
 * Whether every record of an object is in one of `segments` too, by a look-up of each: only then may
 * the object go (A1). Records that are only in Redis yet do not count, nor does an object that cannot
 * be read. Ends at the first batch that holds something else.
 *
 * @returns `gone` when there is no such object any more.
 * @throws {ObjectStoreError} nothing is known.
 */
export async function isElsewhere(
  object: ObjectInfo,
  segments: readonly SegmentEntry[],
  deps: LookUpDeps,
): Promise<boolean | 'gone'> {
  const { cold: store, events, signal } = deps
  const source = { store, key: object.key, sizeBytes: object.sizeBytes }
  let pending: LogRecord[] = []
  try {
    for await (const batch of readSegment(source, { ...EVERYTHING, signal })) {
      pending.push(...batch)
      if (pending.length < BATCH_RECORDS) continue
      if ((await dropKnown(pending, segments, deps)).length > 0) return false
      pending = []
    }
  } catch (error) {
    if (error instanceof SegmentError && error.kind === 'missing') return 'gone'
    const isCorrupt = error instanceof ObjectStoreError && error.kind === 'corrupt'
    if (!(error instanceof SegmentError) && !isCorrupt) throw error
    if (error instanceof SegmentError) events.lookUpFailed(error)
    return false
  }
  return (await dropKnown(pending, segments, deps)).length === 0
}
