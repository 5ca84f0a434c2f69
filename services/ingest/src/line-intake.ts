import type { AppendLine } from '@poglog/hot-store'
import { parseRouting, rawTag, unescapeTagValue } from '@poglog/irc-parser'
import { logRejection, recordFromLine } from '@poglog/log-format'
import type { LineRejection, LogRecord } from '@poglog/log-format'
import type { ChatMessage } from './chat-commands.ts'
import type { KnownNames } from './known-names.ts'
import { ownCopy } from './own-copy.ts'
import type { LineSource } from './pool-deps.ts'

/**
 * NOTICEs that mean that we are not, or no longer, in the channel. Others (`msg_timedout`, `msg_suspended`,
 * `no_permission`) only refuse what was written or commanded, which we never do.
 *
 * @see https://dev.twitch.tv/docs/irc/msg-id/
 */
const REFUSALS = new Set([
  'msg_banned',
  'msg_channel_blocked',
  'msg_channel_suspended',
  'msg_room_not_found',
  'tos_ban',
])

/** Stands for "the line has no time": its record takes the time of its arrival in Redis. */
const NO_TIME_MS = -1

/** A channel's name is told again so often: not with each of its lines. */
const TELL_CHANNEL_MS = 60_000

/** A text that begins with `!`; tags hold no spaces, so that this stands nowhere before the text. */
const COMMAND_START = ' :!'

export interface IntakeDeps {
  readonly offer: (line: AppendLine) => void
  /** A CLEARMSG names its user by a login that no line told so far; offered later, with the id where it is found. */
  readonly offerLater: (line: AppendLine, login: string) => void
  readonly names: KnownNames
  readonly events: IntakeEvents
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number
}

export interface IntakeEvents {
  readonly rejected: (reason: LineRejection, raw: string) => void
}

interface Channel {
  readonly id: string
  /** When {@link KnownNames} was last told, by the time of the line. */
  readonly toldMs: number
}

/** Turns lines of the socket into lines to append, and learns from them. Never throws. */
export class LineIntake {
  readonly #deps: IntakeDeps
  readonly #channels = new Map<string, Channel>()
  readonly #logins = new Map<string, string>()

  constructor(deps: IntakeDeps) {
    this.#deps = deps
  }

  channelIdOf(login: string): string | undefined {
    return this.#channels.get(login)?.id
  }

  /** The login a channel had last. */
  loginOf(id: string): string | undefined {
    return this.#logins.get(id)
  }

  /** Notes a channel's id, for lines that do not carry it. */
  learnChannel(login: string, id: string): void {
    if (login !== '' && this.channelIdOf(login) !== id) {
      this.#noteChannel(login, { id, toldMs: -Infinity })
    }
  }

  /** @param said is told of messages that may be commands: only of those that come now, not of what is read later. */
  take(
    lines: readonly string[],
    source: LineSource,
    said: (message: ChatMessage) => void = ignore,
  ): void {
    for (const raw of lines) {
      const record = this.#recordOf(raw, source)
      if (record === undefined) continue
      this.#takeRecord(record, source)
      if (record.type === 'PRIVMSG' && raw.includes(COMMAND_START)) said(this.#messageOf(record))
    }
  }

  #messageOf(record: LogRecord): ChatMessage {
    const { raw, userId, sentAtMs } = record
    return {
      text: parseRouting(raw)?.text ?? '',
      userId,
      login: userLoginOf(record),
      sentAtMs: sentAtMs === NO_TIME_MS ? this.#deps.nowMs() : sentAtMs,
    }
  }

  #noteChannel(login: string, { id, toldMs }: Channel): void {
    const [ownLogin, ownId] = [ownCopy(login), ownCopy(id)]
    this.#channels.set(ownLogin, { id: ownId, toldMs })
    this.#logins.set(ownId, ownLogin)
  }

  #recordOf(raw: string, source: LineSource): LogRecord | undefined {
    const context = { receivedAtMs: NO_TIME_MS }
    const record = recordFromLine(raw, context)
    if (record !== undefined && isOfChannel(record)) return record
    const routing = parseRouting(raw)
    const channel = routing?.channel ?? ''
    if (routing?.command === 'NOTICE') {
      const messageId = rawTag(raw, 'msg-id') ?? ''
      if (REFUSALS.has(messageId)) source.refuse(channel, messageId)
    }
    const known = { ...context, channelId: this.channelIdOf(channel) }
    const later = record === undefined ? recordFromLine(raw, known) : undefined
    if (later !== undefined && isOfChannel(later)) return later
    const isForged = (record ?? later)?.channelLogin !== ''
    this.#deps.events.rejected(
      logRejection(raw, known) ?? (isForged ? 'not-logged' : 'malformed'),
      raw,
    )
    return undefined
  }

  #takeRecord(record: LogRecord, source: LineSource): void {
    const { channelId, channelLogin, key, raw, type, userId } = record
    if (type === 'ROOMSTATE' || source.isJoining()) source.confirm(channelLogin)
    const sentAtMs = record.sentAtMs === NO_TIME_MS ? undefined : record.sentAtMs
    const seenAtMs = sentAtMs ?? this.#deps.nowMs()
    const { names, offer, offerLater } = this.#deps
    const channel = this.#channels.get(channelLogin)
    if (channel?.id !== channelId || seenAtMs >= channel.toldMs + TELL_CHANNEL_MS) {
      names.see(channelLogin, channelId, seenAtMs)
      this.#noteChannel(channelLogin, { id: channelId, toldMs: seenAtMs })
    }
    const login = userLoginOf(record)
    names.see(login, userId, seenAtMs)

    const isUnknownUser = type === 'CLEARMSG' && userId === '' && login !== ''
    const knownUserId = isUnknownUser ? (names.idOf(login) ?? '') : userId
    const line = { channelId, key, raw, sentAtMs, userId: knownUserId, type }
    if (isUnknownUser && knownUserId === '') offerLater(line, ownCopy(login))
    else offer(line)
  }
}

/** PRESENCE and GAP are records of our own, which the socket cannot bring; all others name a channel. */
function isOfChannel({ type, channelLogin }: LogRecord): boolean {
  return type !== 'PRESENCE' && type !== 'GAP' && channelLogin !== ''
}

/** The login that goes with a record's user id; `''` where the line does not tell it. */
function userLoginOf({ type, raw }: LogRecord): string {
  if (type === 'PRIVMSG') return nickOf(raw)
  if (type === 'CLEARCHAT') return parseRouting(raw)?.text ?? ''
  const login = type === 'USERNOTICE' || type === 'CLEARMSG' ? rawTag(raw, 'login') : undefined
  return unescapeTagValue(login ?? '')
}

const ignore = (): void => {}

/** The nick of `@tags :nick!user@host ...`, without taking the whole line apart. */
function nickOf(raw: string): string {
  const start = raw.startsWith('@') ? raw.indexOf(' :') + 2 : 1
  return raw.slice(start, raw.indexOf('!', start))
}
