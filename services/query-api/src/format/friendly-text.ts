import { parseRouting, rawTag, unescapeTagValue } from '@poglog/irc-parser'
import type { LogRecord } from '@poglog/log-format'

const ACTION_START = '\u0001ACTION '
const ACTION_END = '\u0001'

/** Who a message shows as its sender and what it says, as rustlog's text lines have it. */
export interface FriendlyText {
  /** The login, never the display name; `''` where nobody said it. */
  readonly username: string
  readonly text: string
}

type RecordLine = Pick<LogRecord, 'type' | 'raw' | 'channelLogin'>

/**
 * Says in words what a record tells.
 *
 * A message is its text without an ACTION wrapper; a sub or raid is the system message, a space and
 * the user's text; a ban names its target, who also stands as the user. Types that rustlog never
 * answers (CLEARMSG, NOTICE, ROOMSTATE) have no text: their lines are in `raw`.
 *
 * @see https://github.com/boring-nick/rustlog
 */
export function friendlyText(record: RecordLine): FriendlyText {
  const { type, raw } = record
  const usual = type === 'PRIVMSG' ? usualMessage(record) : undefined
  if (usual !== undefined) return usual
  const routing = parseRouting(raw)
  if (routing === undefined) return { username: '', text: '' }
  const text = routing.text ?? ''
  switch (type) {
    case 'PRIVMSG':
      return { username: routing.login, text: withoutAction(text) }
    case 'USERNOTICE': {
      const systemText = rawTag(raw, 'system-msg')
      const username = tagOf(raw, 'login')
      return { username, text: systemText === undefined ? '' : joined(systemText, text) }
    }
    case 'CLEARCHAT':
      return { username: text, text: moderationText(text, rawTag(raw, 'ban-duration')) }
    case 'CLEARMSG':
    case 'NOTICE':
    case 'ROOMSTATE':
    case 'PRESENCE':
    case 'GAP':
      return { username: routing.login === tagOf(raw, 'login') ? '' : routing.login, text: '' }
  }
}

/**
 * The text that `q` looks into: what {@link friendlyText} says, and for types it says nothing of,
 * the last parameter of the line (the deleted text of a CLEARMSG, what a NOTICE said).
 */
export function searchableText(record: RecordLine): string {
  switch (record.type) {
    case 'PRIVMSG':
    case 'USERNOTICE':
    case 'CLEARCHAT':
      return friendlyText(record).text
    case 'CLEARMSG':
    case 'NOTICE':
    case 'ROOMSTATE':
    case 'PRESENCE':
    case 'GAP':
      return parseRouting(record.raw)?.text ?? ''
  }
}

/**
 * Reads a message in the form that all of Twitch's have, `@tags :nick!user@host PRIVMSG #channel :text`, by
 * four searches instead of a parse: a seventh of the time of a text stream.
 *
 * @returns `undefined` for any other form.
 */
function usualMessage({ raw, channelLogin }: RecordLine): FriendlyText | undefined {
  const sourceAt = raw.startsWith('@') ? raw.indexOf(' ') + 1 : 0
  const sourceEnd = raw.indexOf(' ', sourceAt)
  const nickEnd = raw.indexOf('!', sourceAt)
  if (!raw.startsWith(':', sourceAt) || nickEnd === -1 || nickEnd > sourceEnd) return undefined
  const command = ` PRIVMSG #${channelLogin} :`
  if (nickEnd === sourceAt + 1 || !raw.startsWith(command, sourceEnd)) return undefined
  const text = raw.slice(sourceEnd + command.length)
  return { username: raw.slice(sourceAt + 1, nickEnd), text: withoutAction(text) }
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

function tagOf(raw: string, name: string): string {
  return unescapeTagValue(rawTag(raw, name) ?? '')
}
