import { unescapeTagValue } from '@poglog/irc-parser'
import { recordTag, spokenText } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { ledgerText } from './ledger-text.ts'

const ACTION_START = '\u0001ACTION '
const ACTION_END = '\u0001'
/** Who shows as the sender of our own records. */
const LEDGER_NAME = 'poglog'

/** Who a message shows as its sender and what it says, as rustlog's text lines have it. */
export interface FriendlyText {
  /** The login, never the display name; `''` where nobody said it. */
  readonly username: string
  readonly text: string
}

/**
 * Says in words what a record tells.
 *
 * A message is its text without an ACTION wrapper; a sub or raid is the system message, a space and
 * the user's text; a ban names its target, who also stands as the user. Types that rustlog never
 * answers (CLEARMSG, NOTICE, ROOMSTATE) have no text: their lines are in `raw`. PRESENCE and GAP, which are
 * ours, are said in words.
 *
 * A record of a segment is read by its columns; its line is not made.
 *
 * @see https://github.com/boring-nick/rustlog
 */
export function friendlyText(record: LogRecord): FriendlyText {
  const { login, text = '' } = spokenText(record)
  switch (record.type) {
    case 'PRIVMSG':
      return { username: login, text: withoutAction(text) }
    case 'USERNOTICE': {
      const systemText = recordTag(record, 'system-msg')
      const username = tagOf(record, 'login')
      return { username, text: systemText === undefined ? '' : joined(systemText, text) }
    }
    case 'CLEARCHAT':
      return { username: text, text: moderationText(text, recordTag(record, 'ban-duration')) }
    case 'CLEARMSG':
    case 'NOTICE':
    case 'ROOMSTATE':
      return { username: login === tagOf(record, 'login') ? '' : login, text: '' }
    case 'PRESENCE':
    case 'GAP':
      return { username: LEDGER_NAME, text: ledgerText(record) }
  }
}

/**
 * The text that `q` looks into: what {@link friendlyText} says, and for types it says nothing of,
 * the last parameter of the line (the deleted text of a CLEARMSG, what a NOTICE said).
 */
export function searchableText(record: LogRecord): string {
  switch (record.type) {
    case 'PRIVMSG':
      return withoutAction(spokenText(record).text ?? '')
    case 'USERNOTICE':
    case 'CLEARCHAT':
    case 'PRESENCE':
    case 'GAP':
      return friendlyText(record).text
    case 'CLEARMSG':
    case 'NOTICE':
    case 'ROOMSTATE':
      return spokenText(record).text ?? ''
  }
}

/** Some clients leave out the end of the wrapper. */
function withoutAction(text: string): string {
  if (!text.startsWith(ACTION_START)) return text
  const end = text.endsWith(ACTION_END) ? -ACTION_END.length : text.length
  return text.slice(ACTION_START.length, end)
}

function joined(systemText: string, text: string): string {
  const system = unescapeTagValue(systemText)
  return system !== '' && text !== '' ? `${system} ${text}` : system + text
}

function moderationText(target: string, durationSeconds: string | undefined): string {
  if (target === '') return 'Chat has been cleared'
  if (durationSeconds === undefined || durationSeconds === '') return `${target} has been banned`
  return `${target} has been timed out for ${durationSeconds} seconds`
}

function tagOf(record: LogRecord, name: string): string {
  return unescapeTagValue(recordTag(record, name) ?? '')
}
