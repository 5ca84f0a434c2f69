import { createHash } from 'node:crypto'
import type { HotEntry } from '@poglog/hot-store'
import { recordFromLine, recordTypeOf } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'

const KEY_HEX_DIGITS = 32

/**
 * The record of a hot entry, the same that a seal makes of it: channel, user and sent time are those it was stored
 * with. A line that a later parser refuses is kept as it is, so that it is shown before its seal as after it.
 */
export function recordOfEntry(entry: HotEntry): LogRecord {
  const { channelId, userId, sentAtMs, receivedAtMs, raw } = entry
  const record = recordFromLine(raw, { channelId, userId, sentAtMs, receivedAtMs })
  if (record !== undefined) {
    const isAsStored =
      record.sentAtMs === sentAtMs && record.userId === userId && record.channelId === channelId
    return isAsStored ? record : { ...record, channelId, userId, sentAtMs }
  }
  const identity = `${channelId}\n${sentAtMs}\n${raw}`
  const key = createHash('sha256').update(identity).digest('hex').slice(0, KEY_HEX_DIGITS)
  const type = recordTypeOf(entry.type) ?? 'NOTICE'
  return { channelId, channelLogin: '', userId, sentAtMs, receivedAtMs, type, key, raw }
}
