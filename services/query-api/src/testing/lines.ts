import { recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'

/** What a made-up line says; everything has a default. */
export interface LineParts {
  readonly number: number
  readonly channelId?: string
  readonly userId?: string
  readonly sentAtMs?: number
  readonly text?: string
  readonly type?: 'PRIVMSG' | 'USERNOTICE' | 'CLEARCHAT' | 'NOTICE'
}

/** A UUID that only depends on a number, scattered so that keys do not rise with it. */
export function uuidOf(number: number): string {
  const hex = (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')
  return `${hex}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}

/** A line as Twitch could send it, different for every number. */
export function lineOf(parts: LineParts): string {
  const { number, channelId = '10', userId = '2', sentAtMs = 1_700_000_000_000 } = parts
  const { type = 'PRIVMSG', text = `message ${number}` } = parts
  const channel = `#chan${channelId}`
  const login = `user${userId}`
  const id = `id=${uuidOf(number)}`
  const ends = `room-id=${channelId};tmi-sent-ts=${sentAtMs}`
  switch (type) {
    case 'PRIVMSG':
      return `@badges=;color=#1e90ff;display-name=User${userId};${id};mod=0;${ends};user-id=${userId} :${login}!${login}@${login}.tmi.twitch.tv PRIVMSG ${channel} :${text}`
    case 'USERNOTICE':
      return `@${id};login=${login};msg-id=resub;system-msg=Again\\shere!;${ends};user-id=${userId} :tmi.twitch.tv USERNOTICE ${channel} :${text}`
    case 'CLEARCHAT':
      return `@ban-duration=${600 + number};${ends};target-user-id=${userId} :tmi.twitch.tv CLEARCHAT ${channel} :${login}`
    case 'NOTICE':
      return `@msg-id=slow_off :tmi.twitch.tv NOTICE ${channel} :${text}`
  }
}

/** The record of a line, received when it was sent unless told otherwise. */
export function recordOf(parts: LineParts, receivedAtMs = parts.sentAtMs ?? 0): LogRecord {
  const { channelId = '10' } = parts
  const record = recordFromLine(lineOf(parts), { channelId, receivedAtMs })
  if (record === undefined) throw new Error('a made-up line is no record')
  return record
}
