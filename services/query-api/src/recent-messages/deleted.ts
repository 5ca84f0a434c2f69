import { parseMessage, rawTag } from '@poglog/irc-parser'
import type { LogRecord } from '@poglog/log-format'

/**
 * Those of some records, oldest first, that a later one of them deleted: a ban or timeout the messages of its target, a
 * deletion one message, a clear everything before it. What comes later is untouched.
 */
export function deletedOf(records: readonly LogRecord[]): ReadonlySet<LogRecord> {
  const deleted = new Set<LogRecord>()
  const byUser = new Map<string, LogRecord[]>()
  const byId = new Map<string, LogRecord>()
  let clearedTo = 0
  const remove = (gone: readonly LogRecord[]): void => {
    for (const record of gone) deleted.add(record)
  }
  for (const [at, record] of records.entries()) {
    if (record.type === 'PRIVMSG' || record.type === 'USERNOTICE') {
      const own = byUser.get(record.userId)
      if (own === undefined) byUser.set(record.userId, [record])
      else own.push(record)
      byId.set(rawTag(record.raw, 'id') ?? '', record)
      continue
    }
    if (record.type !== 'CLEARCHAT' && record.type !== 'CLEARMSG') continue
    const moderation = parseMessage(record.raw)
    if (moderation?.command === 'CLEARMSG' && moderation.targetMessageId !== '') {
      const one = byId.get(moderation.targetMessageId)
      if (one !== undefined) remove([one])
    } else if (moderation?.command === 'CLEARCHAT') {
      if (moderation.action === 'clear') {
        remove(records.slice(clearedTo, at))
        clearedTo = at
      } else if (moderation.targetUserId !== '') {
        remove(byUser.get(moderation.targetUserId) ?? [])
        byUser.delete(moderation.targetUserId)
      }
    }
  }
  return deleted
}
