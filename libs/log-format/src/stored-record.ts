import { hash } from 'node:crypto'
import { recordFromLine } from './record-from-line.ts'
import { recordTypeOf } from './record-types.ts'
import type { LogRecord } from './types.ts'

const KEY_HEX_DIGITS = 32

/** A line as the hot log holds it, with the fields it was appended with. */
export interface StoredLine {
  readonly channelId: string
  readonly userId: string
  readonly sentAtMs: number
  readonly receivedAtMs: number
  readonly type: string
  readonly raw: string
}

/**
 * The record of a line that was appended to hot: channel, user and sent time are those it was stored with.
 *
 * Only lines that parse are appended, but a later parser could be stricter. Such a line (`isParsed` is `false`) is neither
 * lost nor does it hold up its shard or an answer: it is kept with what was stored, the same before its seal as after it.
 */
export function recordFromStored(line: StoredLine): {
  readonly record: LogRecord
  readonly isParsed: boolean
} {
  const { channelId, userId, sentAtMs, receivedAtMs, raw } = line
  const parsed = recordFromLine(raw, { channelId, userId, sentAtMs, receivedAtMs })
  if (parsed !== undefined) {
    const isAsStored =
      parsed.sentAtMs === sentAtMs && parsed.userId === userId && parsed.channelId === channelId
    const record = isAsStored ? parsed : { ...parsed, channelId, userId, sentAtMs }
    return { record, isParsed: true }
  }
  const key = hash('sha256', `${channelId}\n${sentAtMs}\n${raw}`, 'hex').slice(0, KEY_HEX_DIGITS)
  const type = recordTypeOf(line.type) ?? 'NOTICE'
  const fields = { channelId, channelLogin: '', userId, sentAtMs, receivedAtMs }
  return { record: { ...fields, type, key, raw }, isParsed: false }
}
