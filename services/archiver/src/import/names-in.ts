import type { Name } from '@poglog/hot-store'
import { spokenText } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'

/** Which names a record tells: its channel's, and its user's where the line has that too. */
export function namesIn(record: LogRecord): Name[] {
  const { channelId, channelLogin, sentAtMs: seenAtMs, userId } = record
  const names: Name[] = []
  if (channelLogin !== '') names.push({ id: channelId, login: ownCopy(channelLogin), seenAtMs })
  const login = userLoginOf(record)
  if (userId !== '' && login !== '') names.push({ id: userId, login: ownCopy(login), seenAtMs })
  return names
}

/** The login that goes with a record's user id; a ban names its target in the text. */
function userLoginOf(record: LogRecord): string {
  const { type } = record
  if (type === 'CLEARCHAT') return spokenText(record).text ?? ''
  const isUsers = type === 'PRIVMSG' || type === 'USERNOTICE' || type === 'CLEARMSG'
  return isUsers ? spokenText(record).login : ''
}

/** A slice would keep alive the whole text it was cut from. */
function ownCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
