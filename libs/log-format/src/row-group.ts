import { encodeLine } from './shape.ts'
import type { LogRecord } from './types.ts'
import type { RowGroupColumns } from './write-parquet.ts'

const KEY_BYTES = 16

/** Turns the records of one row group into columns. */
export function columnsOf(records: readonly LogRecord[]): RowGroupColumns {
  const columns = emptyColumns()
  const keys = Buffer.from(records.map(({ key }) => key).join(''), 'hex')
  const text = new Utf8Column(columns.text)
  const tags = new Utf8Column(columns.tags)
  const raw = new Utf8Column(columns.raw)
  let keyAt = 0
  for (const record of records) {
    const line = encodeLine(record, record.raw)
    columns.channel_id.push(record.channelId)
    columns.user_id.push(record.userId === '' ? null : record.userId)
    columns.sent_at.push(BigInt(record.sentAtMs))
    columns.type.push(record.type)
    columns.channel_login.push(record.channelLogin)
    columns.received_at.push(BigInt(record.receivedAtMs))
    columns.login.push(line.login)
    columns.display_name.push(line.displayName)
    columns.color.push(line.color)
    columns.badges.push(line.badges)
    columns.badge_info.push(line.badgeInfo)
    columns.emotes.push(line.emotes)
    text.push(line.text)
    tags.push(line.tags)
    columns.shape.push(line.shape)
    raw.push(line.raw)
    columns.id.push(keys.subarray(keyAt, keyAt + KEY_BYTES))
    keyAt += KEY_BYTES
  }
  return columns
}

function emptyColumns(): RowGroupColumns {
  return {
    channel_id: [],
    user_id: [],
    sent_at: [],
    type: [],
    channel_login: [],
    received_at: [],
    login: [],
    display_name: [],
    color: [],
    badges: [],
    badge_info: [],
    emotes: [],
    text: [],
    tags: [],
    shape: [],
    raw: [],
    id: [],
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

  push(text: string | null): void {
    if (text === null) {
      this.#values.push(null)
      return
    }
    const bytesMax = text.length * 3
    if (this.#at + bytesMax > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(bytesMax, 262_144))
      this.#at = 0
    }
    const written = this.#buffer.write(text, this.#at, 'utf8')
    this.#values.push(this.#buffer.subarray(this.#at, this.#at + written))
    this.#at += written
  }
}
