import type { SegmentEntry } from '@poglog/hot-store'
import { SegmentError, createFooterCache, readSegment } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import type { ObjectInfo } from '@poglog/object-store'
import type { LookUpDeps } from '../deps.ts'
import { dropKnown } from '../seal/drop-known.ts'

const BATCH_RECORDS = 10_000
const FOOTER_BYTES_MAX = 64 * 1024 * 1024
const EVERYTHING = {
  fromMs: Number.MIN_SAFE_INTEGER,
  toMs: Number.MAX_SAFE_INTEGER,
  order: 'asc',
} as const

export interface IsElsewhereDeps extends LookUpDeps {
  /** Records that need be nowhere: erased ones. Default: none. */
  readonly isGone?: ((record: LogRecord) => boolean) | undefined
}

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
  deps: IsElsewhereDeps,
): Promise<boolean | 'gone'> {
  const { cold: store, events, signal, isGone } = deps
  const lookUpDeps = { footers: createFooterCache({ bytesMax: FOOTER_BYTES_MAX }), ...deps }
  const source = { store, key: object.key, sizeBytes: object.sizeBytes }
  let pending: LogRecord[] = []
  try {
    for await (const batch of readSegment(source, { ...EVERYTHING, signal })) {
      pending.push(...(isGone === undefined ? batch : batch.filter((record) => !isGone(record))))
      if (pending.length < BATCH_RECORDS) continue
      if ((await dropKnown(pending, segments, lookUpDeps)).length > 0) return false
      pending = []
    }
  } catch (error) {
    if (error instanceof SegmentError && error.kind === 'missing') return 'gone'
    const isCorrupt = error instanceof ObjectStoreError && error.kind === 'corrupt'
    if (!(error instanceof SegmentError) && !isCorrupt) throw error
    if (error instanceof SegmentError) events.lookUpFailed(error)
    return false
  }
  return (await dropKnown(pending, segments, lookUpDeps)).length === 0
}
