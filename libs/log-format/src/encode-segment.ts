import { DigestSum } from './digest.ts'
import { compareRecords, compareUserRecords } from './order.ts'
import { RecordColumns } from './row-group.ts'
import { SAMPLE_EVERY } from './segment-proof.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { EncodedSegment, EncodeOptions } from './segment-writer.ts'
import type { LogRecord, Projection, SegmentIdentity } from './types.ts'

const ROW_GROUP_RECORDS = 16_000
/** Keeps a row group of very long lines in bounds (characters of `raw`). */
const ROW_GROUP_LENGTH_MAX = 16_777_216

type Records = LogRecord | readonly LogRecord[]

/** What the order of a projection asks of a writer. */
interface Ordering {
  readonly compare: (left: LogRecord, right: LogRecord) => number
  /** Whether the second begins another channel or user. */
  readonly isEdge: (left: LogRecord, right: LogRecord) => boolean
  /** From here on a row group ends at an edge. Users are many and small: theirs is never far. */
  readonly rowGroupRecordsMin: number
}

const BY_CHANNEL: Ordering = {
  compare: compareRecords,
  isEdge: (left, right) => left.channelId !== right.channelId,
  rowGroupRecordsMin: 8_000,
}

const BY_USER: Ordering = {
  compare: compareUserRecords,
  isEdge: (left, right) => left.userId !== right.userId,
  rowGroupRecordsMin: 14_000,
}

/**
 * Encodes records, one by one or in batches, into a by-channel or by-user segment.
 *
 * Holds one row group of records, plus the compressed body unless `path` is given. Every line has been
 * rebuilt from its columns and compared; read the stored object back with `verifyStored` before
 * anything else is given up (A1).
 *
 * @param records in the order of {@link compareRecords} or {@link compareUserRecords}, as the identity's
 *   projection says, no two at one place, at least one; by-user, each with a user id.
 * @throws Error when they are not; a file at `path` may be left.
 */
export async function encodeSegment(
  records: Iterable<Records> | AsyncIterable<Records>,
  identity: SegmentIdentity,
  options: EncodeOptions = {},
): Promise<EncodedSegment> {
  const ordering = orderingOf(identity.projection)
  await using writer = await SegmentWriter.open(identity, options)
  const encoder = new SegmentEncoder(writer, ordering)
  if (Symbol.iterator in records) await addAll(encoder, records)
  else for await (const piece of records) await addAll(encoder, [piece])
  return await encoder.finish()
}

function orderingOf(projection: Projection): Ordering {
  switch (projection) {
    case 'by-channel':
      return BY_CHANNEL
    case 'by-user':
      return BY_USER
    case 'words':
      throw new Error('a words segment holds no records')
  }
}

async function addAll(encoder: SegmentEncoder, pieces: Iterable<Records>): Promise<void> {
  for (const piece of pieces) {
    for (const record of isBatch(piece) ? piece : [piece]) {
      const written = encoder.add(record)
      if (written !== undefined) await written
    }
  }
}

function isBatch(piece: Records): piece is readonly LogRecord[] {
  return Array.isArray(piece)
}

class SegmentEncoder {
  readonly #writer: SegmentWriter
  readonly #ordering: Ordering
  readonly #digest = new DigestSum()
  #sample = new DigestSum()
  readonly #group = new RecordColumns()
  #groupLength = 0
  #last: LogRecord | undefined
  #records = 0
  #sentMinMs = Number.POSITIVE_INFINITY
  #sentMaxMs = Number.NEGATIVE_INFINITY

  constructor(writer: SegmentWriter, ordering: Ordering) {
    this.#writer = writer
    this.#ordering = ordering
  }

  /** Returns a promise only when a row group was written: awaiting each record would cost more than encoding it. */
  add(record: LogRecord): Promise<void> | void {
    this.#check(record)
    const written = this.#isFull(record) ? this.#write() : undefined
    return written === undefined ? this.#take(record) : written.then(() => this.#take(record))
  }

  async finish(): Promise<EncodedSegment> {
    if (this.#records === 0) throw new Error('a segment needs at least one record')
    if (this.#group.rows > 0) await this.#write()
    return await this.#writer.finish({
      records: this.#records,
      sentMinMs: this.#sentMinMs,
      sentMaxMs: this.#sentMaxMs,
      digest: this.#digest.toString(),
    })
  }

  #check(record: LogRecord): void {
    const last = this.#last
    const { compare } = this.#ordering
    if (last !== undefined && compare(last, record) >= 0) {
      throw new Error(`records are not sorted or equal at ${record.channelId} ${record.key}`)
    }
    if (record.userId === '' && this.#ordering === BY_USER) {
      throw new Error(`a record without a user in a by-user segment: ${record.key}`)
    }
  }

  /** Whether the row group ends before this record. */
  #isFull(record: LogRecord): boolean {
    const last = this.#last
    const { rows } = this.#group
    if (last === undefined || rows === 0) return false
    if (rows >= ROW_GROUP_RECORDS || this.#groupLength >= ROW_GROUP_LENGTH_MAX) return true
    const { isEdge, rowGroupRecordsMin } = this.#ordering
    return rows >= rowGroupRecordsMin && isEdge(last, record)
  }

  #take(record: LogRecord): void {
    this.#last = record
    if (this.#group.rows % SAMPLE_EVERY === 0) this.#sample.add(record)
    this.#group.push(record)
    this.#groupLength += record.raw.length
    this.#records += 1
    this.#digest.add(record)
    if (record.sentAtMs < this.#sentMinMs) this.#sentMinMs = record.sentAtMs
    if (record.sentAtMs > this.#sentMaxMs) this.#sentMaxMs = record.sentAtMs
  }

  async #write(): Promise<void> {
    const { columns, rows } = this.#group
    const sample = this.#sample.toString()
    this.#sample = new DigestSum()
    await this.#writer.writeRowGroup(columns, rows, sample)
    this.#group.clear()
    this.#groupLength = 0
  }
}
