import { DigestSum } from './digest.ts'
import { openSegment } from './open-segment.ts'
import type { OpenOptions } from './open-segment.ts'
import { compareRecords, compareUserRecords } from './order.ts'
import { readSegment } from './read-segment.ts'
import { readWords } from './read-words.ts'
import { SegmentError } from './segment-error.ts'
import type { LogRecord, SegmentSource, SegmentSummary, WordCount } from './types.ts'
import { compareWordCounts } from './words.ts'

const HOUR_MS = 3_600_000
const EVERYTHING = {
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
  order: 'asc',
} as const

/** What was read of a segment so far. */
interface Tally {
  readonly digest: DigestSum
  rows: number
  sentMinMs: number
  sentMaxMs: number
}

/**
 * Reads a segment of any projection whole, as a reader would, and compares it with what its footer says: every checksum,
 * every line rebuilt, the order, the number of rows and the digest over all their fields. When this returns the digest
 * that `encodeSegment` or `encodeWords` gave, the store holds exactly those rows (A1).
 *
 * @throws {SegmentError} `corrupt` for the first thing that is not as it was written.
 */
export async function verifySegment(
  source: SegmentSource,
  { signal }: Pick<OpenOptions, 'signal'> = {},
): Promise<SegmentSummary> {
  const footer = await openSegment(source, { signal })
  const { summary, sizeBytes, identity } = footer
  const corrupt = (detail: string): SegmentError =>
    new SegmentError('corrupt', source.key, { detail })
  // Opened once: what it says and what is read are of the same object.
  const options = { footers: { get: () => footer, set: () => undefined } }
  const query = { ...EVERYTHING, signal }
  const tally =
    identity.projection === 'words'
      ? await tallyWords(readWords(source, query, options), corrupt)
      : await tallyRecords(readSegment(source, query, options), {
          corrupt,
          compare: identity.projection === 'by-user' ? compareUserRecords : compareRecords,
        })
  if (tally.rows !== summary.records) throw corrupt(`${tally.rows} of ${summary.records} records`)
  if (tally.digest.toString() !== summary.digest) throw corrupt('digest of the records')
  if (tally.sentMinMs !== summary.sentMinMs || tally.sentMaxMs !== summary.sentMaxMs) {
    throw corrupt('range of sent times')
  }
  return { ...summary, sizeBytes }
}

async function tallyRecords(
  batches: AsyncIterable<LogRecord[]>,
  {
    corrupt,
    compare,
  }: {
    readonly corrupt: (detail: string) => SegmentError
    readonly compare: (left: LogRecord, right: LogRecord) => number
  },
): Promise<Tally> {
  const tally = emptyTally()
  let last: LogRecord | undefined
  for await (const batch of batches) {
    for (const record of batch) {
      if (last !== undefined && compare(last, record) >= 0) throw corrupt('order of records')
      last = record
      tally.digest.add(record)
      addTimes(tally, record.sentAtMs, record.sentAtMs)
    }
  }
  return tally
}

async function tallyWords(
  batches: AsyncIterable<WordCount[]>,
  corrupt: (detail: string) => SegmentError,
): Promise<Tally> {
  const tally = emptyTally()
  let last: WordCount | undefined
  for await (const batch of batches) {
    for (const row of batch) {
      if (last !== undefined && compareWordCounts(last, row) >= 0) throw corrupt('order of rows')
      if (row.count < 1 || row.hourMs % HOUR_MS !== 0) throw corrupt('a row that is no count')
      last = row
      tally.digest.addWords(row)
      addTimes(tally, row.hourMs, row.hourMs + HOUR_MS - 1)
    }
  }
  return tally
}

function emptyTally(): Tally {
  const range = {
    sentMinMs: Number.POSITIVE_INFINITY,
    sentMaxMs: Number.NEGATIVE_INFINITY,
  }
  return { digest: new DigestSum(), rows: 0, ...range }
}

function addTimes(tally: Tally, firstMs: number, lastMs: number): void {
  tally.rows += 1
  if (firstMs < tally.sentMinMs) tally.sentMinMs = firstMs
  if (lastMs > tally.sentMaxMs) tally.sentMaxMs = lastMs
}
