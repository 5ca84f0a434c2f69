import type { Message } from './message-schema.ts'

/**
 * What kind of line it is, by its IRC command.
 *
 * - `said`: PRIVMSG. `event`: USERNOTICE (a sub, a raid, an announcement). `ban`: CLEARCHAT. `removal`: CLEARMSG.
 * - `notice`: NOTICE and ROOMSTATE. `ledger`: poglog's own PRESENCE and GAP.
 */
export type LineType = 'said' | 'event' | 'ban' | 'removal' | 'notice' | 'ledger'

export interface Badge {
  readonly name: string
  readonly version: string
}

/** What a message answers to. */
export interface Reply {
  readonly messageId: string
  readonly name: string
  readonly text: string
}

/** A record as the log shows it. Texts are as Twitch sent them, unescaped; what is absent is `''` or `undefined`. */
export interface Line {
  /** The same for the same record, wherever it came from. */
  readonly key: string
  readonly type: LineType
  /** Milliseconds since the Unix epoch. */
  readonly sentMs: number
  /** Twitch's id of the message. */
  readonly id: string
  readonly channel: { readonly id: string; readonly login: string }
  /** Whose line it is: who spoke, or who was banned. */
  readonly user: { readonly id: string; readonly login: string; readonly name: string }
  /** As the user chose it, `#RRGGBB`. */
  readonly color: string | undefined
  readonly badges: readonly Badge[]
  /** What the user wrote. */
  readonly text: string
  /** What Twitch, or poglog, says of it. */
  readonly systemText: string
  /** The tag with the ids and places of emotes in {@link text}. */
  readonly emotes: string
  readonly isAction: boolean
  readonly reply: Reply | undefined
  /** Of a removal: which message. */
  readonly removedId: string | undefined
  /** Of a ban: for how long; `undefined` for ever. */
  readonly banSeconds: number | undefined
  /** Of an event: which, such as `resub`, `raid`, `announcement`. */
  readonly event: string
  /** Of an announcement: its colour by name. */
  readonly accent: string
  /** Copied from another channel by a shared chat. */
  readonly isShared: boolean
}

const TYPES: Readonly<Record<string, LineType>> = {
  PRIVMSG: 'said',
  USERNOTICE: 'event',
  CLEARCHAT: 'ban',
  CLEARMSG: 'removal',
}
const OWN = new Set(['PRESENCE', 'GAP'])
const ACTION = '\u0001ACTION '
const ACTION_END = '\u0001'
const COLOR = /^#[0-9A-F]{6}$/i

/** Makes the line of a message of the API. */
export function lineOf(message: Message): Line {
  const { tags, id, raw } = message
  const { command, trailing } = partsOf(raw)
  const type = TYPES[command] ?? (OWN.has(command) ? 'ledger' : 'notice')
  const color = tags['color'] ?? ''
  const reply = replyOf(tags)
  // Of a removal, only a tag says whose message it was.
  const login = message.username || (tags['login'] ?? '')
  return {
    key: id === '' ? raw : id,
    type,
    sentMs: Date.parse(message.timestamp),
    id,
    channel: { id: message.channelId, login: message.channel },
    user: { id: message.userId, login, name: message.displayName || login },
    color: COLOR.test(color) ? color : undefined,
    badges: badgesOf(tags['badges'] ?? ''),
    ...textsOf(type, message, trailing),
    emotes: tags['emotes'] ?? '',
    isAction: trailing.startsWith(ACTION),
    reply,
    removedId: type === 'removal' ? tags['target-msg-id'] : undefined,
    banSeconds: secondsOf(tags['ban-duration']),
    event: type === 'event' ? (tags['msg-id'] ?? '') : '',
    accent: tags['msg-param-color'] ?? '',
    isShared: tags['source-room-id'] !== undefined && tags['source-room-id'] !== tags['room-id'],
  }
}

/** The line as a line of text, as the API's text format has it. */
export function textOf({ sentMs, channel, user, text, systemText }: Line): string {
  const time = new Date(sentMs).toISOString().slice(0, 19).replace('T', ' ')
  const said = [systemText, text].filter((part) => part !== '').join(' ')
  return `[${time}] #${channel.login} ${user.login === '' ? '' : `${user.login}: `}${said}`
}

/** The command and the last parameter of an IRC line. Neither tags nor prefix hold a space. */
function partsOf(raw: string): { readonly command: string; readonly trailing: string } {
  let at = raw.startsWith('@') ? raw.indexOf(' ') + 1 : 0
  if (raw.startsWith(':', at)) at = raw.indexOf(' ', at) + 1
  const end = raw.indexOf(' ', at)
  const begins = raw.indexOf(' :', at)
  return {
    command: end === -1 ? raw.slice(at) : raw.slice(at, end),
    trailing: begins === -1 ? '' : raw.slice(begins + 2),
  }
}

function textsOf(
  type: LineType,
  { text, tags }: Message,
  trailing: string,
): Pick<Line, 'text' | 'systemText'> {
  switch (type) {
    case 'said':
      return { text, systemText: '' }
    case 'event':
      return { text: trailing, systemText: tags['system-msg'] ?? '' }
    case 'removal':
      return { text: withoutAction(trailing), systemText: '' }
    case 'notice':
      return { text: '', systemText: trailing === '' ? roomState(tags) : trailing }
    case 'ban':
    case 'ledger':
      return { text: '', systemText: text }
  }
}

const ROOM_MODES = ['emote-only', 'followers-only', 'r9k', 'slow', 'subs-only'] as const

function roomState(tags: Message['tags']): string {
  const modes = ROOM_MODES.flatMap((mode) => {
    const value = tags[mode]
    return value === undefined ? [] : [`${mode} ${modeText(value)}`]
  })
  return `Chat settings: ${modes.join(', ')}`
}

/** Followers-only is -1 where it is off. */
const modeText = (value: string): string => (value === '-1' || value === '0' ? 'off' : value)

function withoutAction(text: string): string {
  if (!text.startsWith(ACTION)) return text
  return text.slice(ACTION.length, text.endsWith(ACTION_END) ? -ACTION_END.length : undefined)
}

function badgesOf(tag: string): readonly Badge[] {
  if (tag === '') return []
  return tag.split(',').map((badge) => {
    const [name = '', version = ''] = badge.split('/')
    return { name, version }
  })
}

function replyOf(tags: Message['tags']): Reply | undefined {
  const messageId = tags['reply-parent-msg-id']
  if (messageId === undefined) return undefined
  const name = tags['reply-parent-display-name'] || tags['reply-parent-user-login'] || ''
  return { messageId, name, text: tags['reply-parent-msg-body'] ?? '' }
}

function secondsOf(tag: string | undefined): number | undefined {
  return tag !== undefined && /^\d{1,12}$/.test(tag) ? Number(tag) : undefined
}
