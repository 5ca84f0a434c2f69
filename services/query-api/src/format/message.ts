import { parseTags } from '@poglog/irc-parser'
import type { LogRecord, RecordType } from '@poglog/log-format'
import { friendlyText } from './friendly-text.ts'

/** A record as JSON: the fields of rustlog's full object, then ours. */
export interface Message {
  readonly text: string
  readonly displayName: string
  readonly timestamp: string
  readonly id: string
  readonly tags: Readonly<Record<string, string>>
  readonly username: string
  readonly channel: string
  readonly raw: string
  readonly type: number
  readonly channelId: string
  readonly userId: string
  readonly receivedAt: string
}

/** rustlog's and justlog's numbers; what they do not know is -1, justlog's "unset". */
const TYPE_NUMBERS: Readonly<Record<RecordType, number>> = {
  PRIVMSG: 1,
  CLEARCHAT: 2,
  ROOMSTATE: 3,
  USERNOTICE: 4,
  NOTICE: 6,
  CLEARMSG: 13,
  PRESENCE: -1,
  GAP: -1,
}
/** What rustlog always sends, also where Twitch did not. */
const TAGS_ALWAYS = ['badges', 'badge-info', 'flags', 'user-type', 'emotes'] as const
const WHOLE_SECOND = '.000Z'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * Makes the JSON message of a record.
 *
 * `tags` holds every tag Twitch sent, unescaped, and those rustlog adds: the always present ones and
 * a ban's `user-id`; `color` is in upper case as there. `raw` is the line as it came.
 */
export function toMessage(record: LogRecord): Message {
  const received = parseTags(record.raw)
  const { username, text } = friendlyText(record)
  const id = received.get('id')?.toLowerCase() ?? ''
  return {
    text,
    displayName: received.get('display-name') || username,
    timestamp: rfc3339(record.sentAtMs),
    id: UUID.test(id) ? id : '',
    tags: messageTags(received, record),
    username,
    channel: record.channelLogin,
    raw: record.raw,
    type: TYPE_NUMBERS[record.type],
    channelId: record.channelId,
    userId: record.userId,
    receivedAt: rfc3339(record.receivedAtMs),
  }
}

/** RFC 3339 in UTC; the fraction has three digits, or is left out for a whole second. */
export function rfc3339(timeMs: number): string {
  const text = new Date(timeMs).toISOString()
  return text.endsWith(WHOLE_SECOND) ? `${text.slice(0, -WHOLE_SECOND.length)}Z` : text
}

function messageTags(
  received: ReadonlyMap<string, string>,
  record: LogRecord,
): Readonly<Record<string, string>> {
  // `fromEntries` makes an own property of a tag named `__proto__`; a plain assignment takes half the time.
  const tags: Record<string, string> = received.has('__proto__') ? Object.fromEntries(received) : {}
  for (const [name, value] of received) if (name !== '__proto__') tags[name] = value
  if (!received.has('tmi-sent-ts')) tags['tmi-sent-ts'] = String(record.sentAtMs)
  for (const name of TAGS_ALWAYS) if (!received.has(name)) tags[name] = ''
  const target = received.get('target-user-id')
  if (target !== undefined && !received.has('user-id')) tags['user-id'] = target
  const color = received.get('color')
  if (color !== undefined) tags['color'] = color.toUpperCase()
  return tags
}
