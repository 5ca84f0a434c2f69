import type { ColumnReader } from './column-reader.ts'
import type { LineColumns } from './line-columns.ts'
import { rebuildLine } from './rebuild-line.ts'
import { recordTypeOf } from './record-types.ts'
import { required } from './row-group-reader.ts'
import type { RowGroupReader } from './row-group-reader.ts'
import { SegmentError } from './segment-error.ts'
import type { LogRecord, RecordType } from './types.ts'

const KEY_BYTES = 16
const NO_BYTES: Buffer = Buffer.alloc(0)

/**
 * Makes records of some rows of a row group, given in the order they are wanted in.
 *
 * A record has its routing fields; its key, its text and its line stay bytes until asked for. The bytes are copied, so
 * that a record that is kept for long keeps its batch in memory, about as much as the lines themselves would take, and
 * not the row group.
 *
 * @throws {SegmentError}
 */
export function recordsOf(
  reader: RowGroupReader,
  rows: Int32Array,
  segmentKey: string,
): SegmentRecord[] {
  return reader.decode('rows', () => {
    const batch = new RecordBatch(reader, rows, segmentKey)
    const channelIds = reader.column('channel_id').texts(rows)
    const channelLogins = reader.column('channel_login').texts(rows)
    const userIds = reader.column('user_id').texts(rows)
    const types = reader.column('type').texts(rows)
    const sent = reader.column('sent_at')
    const received = reader.column('received_at')
    const records: SegmentRecord[] = []
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] ?? 0
      records.push(
        new SegmentRecord(batch, index, {
          channelId: required(channelIds[index]),
          channelLogin: required(channelLogins[index]),
          userId: userIds[index] ?? '',
          sentAtMs: sent.number(row),
          receivedAtMs: received.number(row),
          type: typeOf(required(types[index]), segmentKey),
        }),
      )
    }
    return records
  })
}

/** A record whose line and key are made from its columns when first asked for, and then kept. */
export class SegmentRecord implements LogRecord {
  readonly channelId: string
  readonly channelLogin: string
  readonly userId: string
  readonly sentAtMs: number
  readonly receivedAtMs: number
  readonly type: RecordType
  readonly #batch: RecordBatch
  readonly #index: number
  #key: string | undefined
  #raw: string | undefined

  constructor(batch: RecordBatch, index: number, fields: Omit<LogRecord, 'key' | 'raw'>) {
    this.channelId = fields.channelId
    this.channelLogin = fields.channelLogin
    this.userId = fields.userId
    this.sentAtMs = fields.sentAtMs
    this.receivedAtMs = fields.receivedAtMs
    this.type = fields.type
    this.#batch = batch
    this.#index = index
  }

  get key(): string {
    return (this.#key ??= this.#batch.key(this.#index))
  }

  /** @throws {SegmentError} `corrupt` where the columns do not make a line. */
  get raw(): string {
    return (this.#raw ??= this.#batch.line(this, this.#index))
  }

  get login(): string | null {
    return this.#batch.logins[this.#index] ?? null
  }

  get text(): string | null {
    return this.#batch.texts.at(this.#index)
  }

  /** `null` where the line is not made of columns. */
  get shape(): string | null {
    return this.#batch.shapes[this.#index] ?? null
  }

  /** The columns of the line. */
  columns(): LineColumns {
    return this.#batch.columns(this.#index)
  }

  /** For `JSON.stringify`, which would not see key and line. */
  toJSON(): LogRecord {
    return plainFields(this)
  }
}

/** The fields of a record as a plain object. */
export function plainFields(record: LogRecord): LogRecord {
  const { channelId, channelLogin, userId, sentAtMs, receivedAtMs, type, key, raw } = record
  return { channelId, channelLogin, userId, sentAtMs, receivedAtMs, type, key, raw }
}

/** What the records of one batch are made of, apart from the row group. */
class RecordBatch {
  readonly logins: readonly (string | null)[]
  readonly texts: BatchTexts
  readonly shapes: readonly (string | null)[]
  readonly #displayNames: readonly (string | null)[]
  readonly #colors: readonly (string | null)[]
  readonly #badges: readonly (string | null)[]
  readonly #badgeInfos: readonly (string | null)[]
  readonly #emotes: readonly (string | null)[]
  readonly #tags: BatchTexts
  readonly #raws: BatchTexts
  readonly #keys: BatchTexts
  readonly #segmentKey: string

  constructor(reader: RowGroupReader, rows: Int32Array, segmentKey: string) {
    this.logins = reader.column('login').texts(rows)
    this.texts = new BatchTexts(reader.column('text'), rows)
    this.shapes = reader.column('shape').texts(rows)
    this.#displayNames = reader.column('display_name').texts(rows)
    this.#colors = reader.column('color').texts(rows)
    this.#badges = reader.column('badges').texts(rows)
    this.#badgeInfos = reader.column('badge_info').texts(rows)
    this.#emotes = reader.column('emotes').texts(rows)
    this.#tags = new BatchTexts(reader.column('tags'), rows)
    this.#raws = new BatchTexts(reader.column('raw'), rows)
    this.#keys = new BatchTexts(reader.column('id'), rows)
    this.#segmentKey = segmentKey
  }

  key(index: number): string {
    return this.#keys.hex(index)
  }

  line(record: LogRecord, index: number): string {
    const line = rebuildLine(record, this.columns(index))
    if (line !== undefined) return line
    const detail = `the line of record ${record.key} cannot be rebuilt`
    throw new SegmentError('corrupt', this.#segmentKey, { detail })
  }

  columns(index: number): LineColumns {
    return {
      login: this.logins[index] ?? null,
      displayName: this.#displayNames[index] ?? null,
      color: this.#colors[index] ?? null,
      badges: this.#badges[index] ?? null,
      badgeInfo: this.#badgeInfos[index] ?? null,
      emotes: this.#emotes[index] ?? null,
      text: this.texts.at(index),
      tags: this.#tags.at(index),
      shape: this.shapes[index] ?? null,
      raw: this.#raws.at(index),
    }
  }
}

/** Bytes of a column's values for the rows of a batch. */
class BatchTexts {
  readonly #bytes: Buffer
  /** Begin and end of each value in the bytes; begin -1 for null. */
  readonly #places: Int32Array

  /** Values that lie one behind the other in their page, as those of neighbouring rows do, are copied together. */
  constructor(column: ColumnReader, rows: Int32Array) {
    const places = new Int32Array(rows.length * 2)
    const pieces: Buffer[] = []
    let length = 0
    let run = { bytes: NO_BYTES, start: 0, end: 0 }
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] ?? 0
      const page = column.page(row)
      if (page.places === undefined) throw new Error('values of unexpected encoding')
      const at = (row - page.firstRow) * 2
      const start = page.places[at] ?? -1
      const end = page.places[at + 1] ?? -1
      if (start === -1) {
        places[index * 2] = -1
        continue
      }
      if (start === run.end && page.bytes === run.bytes) run.end = end
      else {
        pieces.push(run.bytes.subarray(run.start, run.end))
        run = { bytes: page.bytes, start, end }
      }
      places[index * 2] = length
      length += end - start
      places[index * 2 + 1] = length
    }
    pieces.push(run.bytes.subarray(run.start, run.end))
    this.#bytes = Buffer.concat(pieces, length)
    this.#places = places
  }

  at(index: number): string | null {
    const start = this.#places[index * 2] ?? -1
    if (start === -1) return null
    return this.#bytes.toString('utf8', start, this.#places[index * 2 + 1])
  }

  hex(index: number): string {
    const start = this.#places[index * 2] ?? -1
    if (start === -1) throw new Error('a record without a key')
    return this.#bytes.toString('hex', start, start + KEY_BYTES)
  }
}

function typeOf(name: string, segmentKey: string): RecordType {
  const type = recordTypeOf(name)
  if (type !== undefined) return type
  throw new SegmentError('unsupported', segmentKey, { detail: `record type ${name}` })
}
