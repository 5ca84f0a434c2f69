import type { AppendLine } from '@poglog/hot-store'
import { appendRejection } from '@poglog/hot-store'
import { rawTag } from '@poglog/irc-parser'
import { recordFromLine } from '@poglog/log-format'
import { ownCopy } from './own-copy.ts'

/** Stands for "the line has no time". */
const NO_TIME_MS = -1

/** The mark of every line that somebody else received for us. */
const MARK = 'historical=1'

/** A line that a recent-messages service received, ready to be stored. */
export interface RestoredLine {
  readonly line: AppendLine
  /** Milliseconds since the Unix epoch. When Twitch sent it; where it does not say, when the service got it. */
  readonly timeMs: number
  /** When the service got it, on its clock; the sent time where it does not say. */
  readonly serviceMs: number
  /** A CLEARMSG names its user by this login only; `''` for all other lines. */
  readonly login: string
  /** The service joined the channel at this time, and may have missed what was sent before. */
  readonly isJoin: boolean
}

/**
 * Reads a line of a recent-messages service; `undefined` for one that is not of this channel, that is not
 * logged, that cannot be stored, or that carries no time.
 */
export function readRestoredLine(
  text: string,
  channel: { readonly login: string; readonly channelId: string },
): RestoredLine | undefined {
  const serviceMs = receivedAtMsOf(text)
  const record = recordFromLine(markRestored(text), {
    receivedAtMs: NO_TIME_MS,
    sentAtMs: serviceMs,
    channelId: channel.channelId,
  })
  if (record === undefined || record.sentAtMs === NO_TIME_MS) return undefined
  const { channelId, key, raw, sentAtMs, type, userId } = record
  if (type === 'PRESENCE' || type === 'GAP') return undefined
  if (channelId !== channel.channelId || record.channelLogin !== channel.login) return undefined
  // On the socket a line break ends a line; in JSON it may stand inside one.
  if (/[\r\n]/.test(raw)) return undefined
  const line = { channelId: channel.channelId, key, raw, sentAtMs, userId, type }
  if (appendRejection(line) !== undefined) return undefined
  const isUnknownUser = type === 'CLEARMSG' && userId === ''
  return {
    line,
    timeMs: sentAtMs,
    serviceMs: serviceMs ?? sentAtMs,
    login: isUnknownUser ? ownCopy(rawTag(raw, 'login') ?? '') : '',
    isJoin: type === 'ROOMSTATE' && isFullState(raw),
  }
}

/** Marks a line as received by somebody else, and takes off what the service concluded about it (`rm-deleted`). */
export function markRestored(text: string): string {
  const end = text.indexOf(' ')
  if (!text.startsWith('@') || end < 0) return `@${MARK} ${text}`
  const tags = text
    .slice(1, end)
    .split(';')
    .filter((tag) => !/^rm-deleted(?:=|$)/.test(tag))
    .filter((tag) => tag === MARK || !/^historical(?:=|$)/.test(tag))
  if (!tags.includes(MARK)) tags.unshift(MARK)
  return `@${tags.join(';')}${text.slice(end)}`
}

function receivedAtMsOf(text: string): number | undefined {
  const digits = rawTag(text, 'rm-received-ts')
  return digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}

/** Twitch tells the whole state at a join, later only what has changed. */
function isFullState(raw: string): boolean {
  return ['emote-only', 'slow', 'subs-only'].every((name) => rawTag(raw, name) !== undefined)
}
