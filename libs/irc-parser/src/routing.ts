import { unescapeTagValue } from './escape.ts'
import { commandOf, layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'
import { channelOf, textOf } from './params.ts'
import { nickOf } from './source.ts'
import { wholeNumberOf } from './values.ts'
import { tagEnd, valueAfter } from './tags.ts'

/**
 * What it takes to store one line without understanding the rest of it.
 *
 * - `command`: upper case; three digits for a numeric.
 * - `channel`: the first parameter where it begins with `#`, without the `#`; else `''`.
 * - `channelId`: the `room-id` tag; `''` where absent (NOTICE, and CLEARMSG has it empty).
 * - `userId`: the `user-id` tag, else `target-user-id` (a ban belongs to its target), else `''`.
 * - `login`: the nick of the source, else the `login` tag, else `''`.
 * - `id`: the `id` tag, `''` where absent.
 * - `sentAtMs`: the `tmi-sent-ts` tag, milliseconds since the Unix epoch, UTC; `undefined` where it
 *   is absent or not 1 to 15 digits. Nothing falls back to the local clock.
 * - `text`: the last parameter of two or more, an ACTION still wrapped; `undefined` where there is none.
 * - `raw`: the line without trailing CR and LF.
 *
 * @see https://dev.twitch.tv/docs/chat/irc/
 */
export interface Routing {
  readonly command: string
  readonly channel: string
  readonly channelId: string
  readonly userId: string
  readonly login: string
  readonly id: string
  readonly sentAtMs: number | undefined
  readonly text: string | undefined
  readonly raw: string
}

const ID = 'id'
const LOGIN = 'login'
const ROOM_ID = 'room-id'
const USER_ID = 'user-id'
const TARGET_USER_ID = 'target-user-id'
const SENT_TS = 'tmi-sent-ts'

/**
 * Reads the routing fields of one line, with or without its CR LF, and leaves the rest alone.
 *
 * This is the hot path of a logger: it builds no tag map and unescapes only where there is an escape.
 * Never throws, whatever the string holds, and takes time proportional to its length.
 *
 * @returns `undefined` for a line that is no IRC message: no command, a command that is neither
 *   letters nor three digits, an empty tag section or source, a CR or LF before its end.
 */
export function parseRouting(line: string): Routing | undefined {
  const layout = layoutOf(line)
  return layout === undefined ? undefined : routingOf(line, layout)
}

export function routingOf(line: string, layout: Layout): Routing {
  const { tagsEnd, end } = layout
  let channelId = ''
  let userId = ''
  let targetUserId = ''
  let login = ''
  let id = ''
  let sentAt = ''
  let at = 1
  while (at < tagsEnd) {
    const next = tagEnd(line, at, tagsEnd)
    switch (line.charCodeAt(at)) {
      case 0x69:
        if (line.startsWith(ID, at)) id = valueAfter(line, at + ID.length, next) ?? id
        break
      case 0x6c:
        if (line.startsWith(LOGIN, at)) login = valueAfter(line, at + LOGIN.length, next) ?? login
        break
      case 0x72:
        if (line.startsWith(ROOM_ID, at))
          channelId = valueAfter(line, at + ROOM_ID.length, next) ?? channelId
        break
      case 0x74:
        if (line.startsWith(SENT_TS, at))
          sentAt = valueAfter(line, at + SENT_TS.length, next) ?? sentAt
        if (line.startsWith(TARGET_USER_ID, at))
          targetUserId = valueAfter(line, at + TARGET_USER_ID.length, next) ?? targetUserId
        break
      case 0x75:
        if (line.startsWith(USER_ID, at))
          userId = valueAfter(line, at + USER_ID.length, next) ?? userId
        break
      default:
    }
    at = next + 1
  }
  return {
    command: commandOf(line, layout),
    channel: channelOf(line, layout),
    channelId: unescapeTagValue(channelId),
    userId: unescapeTagValue(userId) || unescapeTagValue(targetUserId),
    login: nickOf(line, layout) || unescapeTagValue(login),
    id: unescapeTagValue(id),
    sentAtMs: wholeNumberOf(sentAt),
    text: textOf(line, layout),
    raw: end === line.length ? line : line.slice(0, end),
  }
}
