import { DictionaryValues, TextValues, TimeValues, UuidValues } from './column-values.ts'
import type { ColumnName } from './columns.ts'
import { encodeLine } from './shape.ts'
import type { LogRecord } from './types.ts'

/** The columns of the records of one row group; keep one and clear it. */
export class RecordColumns {
  readonly columns = {
    channel_id: new DictionaryValues(),
    user_id: new DictionaryValues(),
    sent_at: new TimeValues(),
    type: new DictionaryValues(),
    channel_login: new DictionaryValues(),
    received_at: new TimeValues(),
    login: new DictionaryValues(),
    display_name: new DictionaryValues(),
    color: new DictionaryValues(),
    badges: new DictionaryValues(),
    badge_info: new DictionaryValues(),
    emotes: new DictionaryValues(),
    text: new TextValues(),
    tags: new TextValues(),
    shape: new DictionaryValues(),
    raw: new TextValues(),
    id: new UuidValues(),
  } satisfies Record<ColumnName, unknown>

  get rows(): number {
    return this.columns.id.rows
  }

  /** Takes the record's line apart; it has been rebuilt from the parts and compared. */
  push(record: LogRecord): void {
    const { columns } = this
    const line = encodeLine(record, record.raw)
    columns.channel_id.push(record.channelId)
    columns.user_id.push(record.userId === '' ? null : record.userId)
    columns.sent_at.push(record.sentAtMs)
    columns.type.push(record.type)
    columns.channel_login.push(record.channelLogin)
    columns.received_at.push(record.receivedAtMs)
    columns.login.push(line.login)
    columns.display_name.push(line.displayName)
    columns.color.push(line.color)
    columns.badges.push(line.badges)
    columns.badge_info.push(line.badgeInfo)
    columns.emotes.push(line.emotes)
    columns.text.push(line.text)
    columns.tags.push(line.tags)
    columns.shape.push(line.shape)
    columns.raw.push(line.raw)
    columns.id.push(record.key)
  }

  clear(): void {
    for (const column of Object.values(this.columns)) column.clear()
  }
}
