import { encodeLine } from './shape.ts'
import type { LogRecord } from './types.ts'
import type { RowGroupColumns } from './write-parquet.ts'

const KEY_BYTES = 16

/** Turns the records of one row group into columns. */
export function columnsOf(records: readonly LogRecord[]): RowGroupColumns {
  const columns = emptyColumns(records.length)
  const keys = Buffer.from(records.map(({ key }) => key).join(''), 'hex')
  const text = new Utf8Column(columns.text)
  const tags = new Utf8Column(columns.tags)
  const raw = new Utf8Column(columns.raw)
  for (const [row, record] of records.entries()) {
    const line = encodeLine(record, record.raw)
    columns.channel_id[row] = record.channelId
    columns.user_id[row] = record.userId === '' ? null : record.userId
    columns.sent_at[row] = BigInt(record.sentAtMs)
    columns.type[row] = record.type
    columns.channel_login[row] = record.channelLogin
    columns.received_at[row] = BigInt(record.receivedAtMs)
    columns.login[row] = line.login
    columns.display_name[row] = line.displayName
    columns.color[row] = line.color
    columns.badges[row] = line.badges
    columns.badge_info[row] = line.badgeInfo
    columns.emotes[row] = line.emotes
    text.set(row, line.text)
    tags.set(row, line.tags)
    columns.shape[row] = line.shape
    raw.set(row, line.raw)
    columns.id[row] = keys.subarray(row * KEY_BYTES, (row + 1) * KEY_BYTES)
  }
  return columns
}

function emptyColumns(rows: number): RowGroupColumns {
  const values = (): unknown[] => Array.from({ length: rows })
  return {
    channel_id: values(),
    user_id: values(),
    sent_at: values(),
    type: values(),
    channel_login: values(),
    received_at: values(),
    login: values(),
    display_name: values(),
    color: values(),
    badges: values(),
    badge_info: values(),
    emotes: values(),
    text: values(),
    tags: values(),
    shape: values(),
    raw: values(),
    id: values(),
  }
}

/** Fills a column with UTF-8 bytes that share large buffers: one allocation per text costs more than the text. */
class Utf8Column {
  readonly #values: unknown[]
  #buffer = Buffer.alloc(0)
  #at = 0

  constructor(values: unknown[]) {
    this.#values = values
  }

  set(row: number, text: string | null): void {
    if (text === null) {
      this.#values[row] = null
      return
    }
    const bytesMax = text.length * 3
    if (this.#at + bytesMax > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(bytesMax, 262_144))
      this.#at = 0
    }
    const written = this.#buffer.write(text, this.#at, 'utf8')
    this.#values[row] = this.#buffer.subarray(this.#at, this.#at + written)
    this.#at += written
  }
}
