import { createHash } from 'node:crypto'
import type { Who } from './people.ts'

const SERVER = 'tmi.twitch.tv'
/** Twitch's own emotes by their codes. */
const EMOTES: Readonly<Record<string, string>> = {
  Kappa: '25',
  LUL: '425618',
  HeyGuys: '30259',
  BibleThump: '86',
  NotLikeThis: '58765',
}

/** Where and when somebody does something. */
export interface Scene {
  readonly channel: Who
  readonly user: Who
  /** Milliseconds since the Unix epoch, UTC. */
  readonly sentAtMs: number
}

/** A line of chat, with what a reader should see of it. */
export interface KnownLine extends Scene {
  readonly raw: string
  readonly type: 'PRIVMSG' | 'USERNOTICE' | 'CLEARCHAT' | 'CLEARMSG'
  /** Empty where Twitch gives none. */
  readonly id: string
  /** What the user wrote. */
  readonly text: string
}

interface SaidExtras {
  readonly isAction?: boolean
  readonly replyTo?: KnownLine
  /** The same message in the channel it was written in. */
  readonly copyOf?: KnownLine
}

/** A message. Its tags stand in alphabetical order, as Twitch sends them. */
export function said(scene: Scene, text: string, extras: SaidExtras = {}): KnownLine {
  const { channel, user, sentAtMs } = scene
  const id = idOf(scene, text)
  const tags = [
    `badge-info=`,
    `badges=${user.badges}`,
    `color=${user.color}`,
    `display-name=${user.displayName}`,
    `emotes=${emotesTag(text)}`,
    `first-msg=0`,
    `flags=`,
    `id=${id}`,
    `mod=${user.badges.includes('moderator') ? 1 : 0}`,
    ...replyTags(extras.replyTo),
    `returning-chatter=0`,
    `room-id=${channel.id}`,
    ...sourceTags(extras.copyOf),
    `subscriber=${user.badges.includes('subscriber') ? 1 : 0}`,
    `tmi-sent-ts=${sentAtMs}`,
    `turbo=0`,
    `user-id=${user.id}`,
    `user-type=`,
  ]
  const body = extras.isAction === true ? `\u0001ACTION ${text}\u0001` : text
  const from = `${user.login}!${user.login}@${user.login}.${SERVER}`
  const raw = `@${tags.join(';')} :${from} PRIVMSG #${channel.login} :${body}`
  return { ...scene, raw, type: 'PRIVMSG', id, text }
}

interface Notice {
  /** `sub`, `resub`, `announcement` and so on. */
  readonly kind: string
  readonly systemMessage?: string
  readonly text?: string
  /** `msg-param-` tags, in alphabetical order. */
  readonly params?: readonly string[]
}

/** Something that the server tells of a user, with what the user wrote to it. */
export function noticed(scene: Scene, notice: Notice): KnownLine {
  const { channel, user, sentAtMs } = scene
  const { kind, systemMessage = '', text = '', params = [] } = notice
  const id = idOf(scene, `${kind} ${systemMessage} ${text}`)
  const tags = [
    `badge-info=`,
    `badges=${user.badges}`,
    `color=${user.color}`,
    `display-name=${user.displayName}`,
    `emotes=${emotesTag(text)}`,
    `flags=`,
    `id=${id}`,
    `login=${user.login}`,
    `mod=0`,
    `msg-id=${kind}`,
    ...params,
    `room-id=${channel.id}`,
    `subscriber=1`,
    `system-msg=${escaped(systemMessage)}`,
    `tmi-sent-ts=${sentAtMs}`,
    `user-id=${user.id}`,
    `user-type=`,
  ]
  const tail = text === '' ? '' : ` :${text}`
  const raw = `@${tags.join(';')} :${SERVER} USERNOTICE #${channel.login}${tail}`
  return { ...scene, raw, type: 'USERNOTICE', id, text }
}

/** A user's messages are cleared: for some seconds, or for good when `durationSeconds` is `undefined`. */
export function cleared(scene: Scene, durationSeconds?: number): KnownLine {
  const { channel, user, sentAtMs } = scene
  const duration = durationSeconds === undefined ? [] : [`ban-duration=${durationSeconds}`]
  const tags = [
    ...duration,
    `room-id=${channel.id}`,
    `target-user-id=${user.id}`,
    `tmi-sent-ts=${sentAtMs}`,
  ]
  const raw = `@${tags.join(';')} :${SERVER} CLEARCHAT #${channel.login} :${user.login}`
  return { ...scene, raw, type: 'CLEARCHAT', id: '', text: '' }
}

/** One message is deleted. Twitch leaves the `room-id` of such a line empty. */
export function deleted(line: KnownLine, sentAtMs: number): KnownLine {
  const { channel, user, id, text } = line
  const tags = [`login=${user.login}`, `room-id=`, `target-msg-id=${id}`, `tmi-sent-ts=${sentAtMs}`]
  const raw = `@${tags.join(';')} :${SERVER} CLEARMSG #${channel.login} :${text}`
  return { channel, user, sentAtMs, raw, type: 'CLEARMSG', id: '', text: '' }
}

/** Where emotes stand, in code points. */
function emotesTag(text: string): string {
  const ranges = new Map<string, string[]>()
  let at = 0
  for (const word of text.split(' ')) {
    const length = Array.from(word).length
    const emote = EMOTES[word]
    if (emote !== undefined) {
      ranges.set(emote, [...(ranges.get(emote) ?? []), `${at}-${at + length - 1}`])
    }
    at += length + 1
  }
  return [...ranges].map(([emote, places]) => `${emote}:${places.join(',')}`).join('/')
}

function replyTags(to: KnownLine | undefined): string[] {
  if (to === undefined) return []
  const { user, text, id } = to
  return [
    `reply-parent-display-name=${user.displayName}`,
    `reply-parent-msg-body=${escaped(text)}`,
    `reply-parent-msg-id=${id}`,
    `reply-parent-user-id=${user.id}`,
    `reply-parent-user-login=${user.login}`,
    `reply-thread-parent-msg-id=${id}`,
    `reply-thread-parent-user-login=${user.login}`,
  ]
}

function sourceTags(original: KnownLine | undefined): string[] {
  if (original === undefined) return []
  return [
    `source-badge-info=`,
    `source-badges=${original.user.badges}`,
    `source-id=${original.id}`,
    `source-only=0`,
    `source-room-id=${original.channel.id}`,
  ]
}

/** @see https://ircv3.net/specs/extensions/message-tags#escaping-values */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(';', '\\:').replaceAll(' ', '\\s')
}

/** A UUID that follows from what it is of. */
function idOf({ channel, user, sentAtMs }: Scene, what: string): string {
  const name = `${channel.login} ${user.login} ${sentAtMs} ${what}`
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
