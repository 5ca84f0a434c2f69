import { hash } from 'node:crypto'
import { rawTag } from '@poglog/irc-parser'
import type { Routing } from '@poglog/irc-parser'

const KEY_HEX_DIGITS = 32
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const ROOM_STATE_TAGS = ['emote-only', 'followers-only', 'r9k', 'slow', 'subs-only']

/**
 * The record key of a line: 32 lower-case hex digits. Two lines with one key are one record, so a
 * copy from a second replica or a replay is dropped.
 *
 * The `id` tag where it is a UUID as Twitch writes it; else 128 bits of the SHA-256 of what makes
 * the event: command, channel, sent time, who is concerned and the text (ROOMSTATE: the state).
 */
export function recordKey(routing: Routing, channelId: string): string {
  const uuid = keyOfUuid(routing.id)
  if (uuid !== undefined) return uuid
  return hash('sha256', eventOf(routing, channelId).join('\n'), 'hex').slice(0, KEY_HEX_DIGITS)
}

/** The key of a canonical (lower-case, dashed) UUID, else `undefined`. */
export function keyOfUuid(id: string): string | undefined {
  if (id.length !== 36 || !UUID.test(id)) return undefined
  return id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24)
}

/** No field can hold a line feed: a line with one is no IRC line. */
function eventOf(routing: Routing, channelId: string): string[] {
  const { command, raw } = routing
  if (command === 'PRESENCE' || command === 'GAP') return [command, channelId, raw]
  const tag = (name: string): string => rawTag(raw, name) ?? ''
  const time = routing.sentAtMs === undefined ? '' : String(routing.sentAtMs)
  if (command === 'ROOMSTATE') {
    return [command, channelId, time, ...ROOM_STATE_TAGS.map((name) => `${name}=${tag(name)}`)]
  }
  return [
    command,
    channelId,
    time,
    tag('id'),
    routing.userId,
    routing.login,
    tag('target-msg-id'),
    tag('ban-duration'),
    tag('msg-id'),
    routing.text ?? '',
  ]
}
