import { DigestSum } from './digest.ts'
import { openSegment } from './open-segment.ts'
import type { OpenOptions } from './open-segment.ts'
import { compareRecords } from './order.ts'
import { readSegment } from './read-segment.ts'
import { SegmentError } from './segment-error.ts'
import type { LogRecord, SegmentSource, SegmentSummary } from './types.ts'

/**
 * Reads a segment whole, as a reader would, and compares it with what its footer says: every checksum,
 * every line rebuilt, the order, the number of records and the digest over all their fields. When this
 * returns the digest that `encodeSegment` gave, the store holds exactly those records (A1).
 *
 * @throws {SegmentError} `corrupt` for the first thing that is not as it was written.
 */
export async function verifySegment(
  source: SegmentSource,
  { signal }: Pick<OpenOptions, 'signal'> = {},
): Promise<SegmentSummary> {
  const { summary, sizeBytes } = await openSegment(source, { signal })
  const corrupt = (detail: string): SegmentError =>
    new SegmentError('corrupt', source.key, { detail })
  const digest = new DigestSum()
  let records = 0
  let sentMinMs = Number.POSITIVE_INFINITY
  let sentMaxMs = Number.NEGATIVE_INFINITY
  let last: LogRecord | undefined
  const everything = { fromMs: 0, toMs: Number.POSITIVE_INFINITY, order: 'asc', signal } as const
  for await (const batch of readSegment(source, everything)) {
    for (const record of batch) {
      if (last !== undefined && compareRecords(last, record) >= 0) throw corrupt('order of records')
      last = record
      digest.add(record)
      records += 1
      sentMinMs = Math.min(sentMinMs, record.sentAtMs)
      sentMaxMs = Math.max(sentMaxMs, record.sentAtMs)
    }
  }
  if (records !== summary.records) throw corrupt(`${records} of ${summary.records} records`)
  if (digest.toString() !== summary.digest) throw corrupt('digest of the records')
  if (sentMinMs !== summary.sentMinMs || sentMaxMs !== summary.sentMaxMs) {
    throw corrupt('range of sent times')
  }
  return { ...summary, sizeBytes }
}
