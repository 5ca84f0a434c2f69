import { commonRouting } from './common-line.ts'
import { layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'
import { channelOf, textOf } from './params.ts'
import { routingTags } from './routing-tags.ts'
import { nickOf } from './source.ts'

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

/**
 * Reads the routing fields of one line, with or without its CR LF, and leaves the rest alone.
 *
 * This is the hot path of a logger: it builds no tag map and unescapes only where there is an escape.
 * Never throws, whatever the string holds, and takes time proportional to its length.
 *
 * @returns `undefined` for a line that is no IRC message: no command, a command that is neither
 *   letters nor three digits, an empty tag section or source.
 */
export function parseRouting(line: string): Routing | undefined {
  const common = commonRouting(line)
  if (common !== undefined) return common
  const layout = layoutOf(line)
  return layout === undefined ? undefined : routingOf(line, layout)
}

export function routingOf(line: string, layout: Layout): Routing {
  const tags = routingTags(line, layout.tagsEnd)
  return {
    command: layout.verb.toUpperCase(),
    channel: channelOf(line, layout),
    channelId: tags.channelId,
    userId: tags.userId,
    login: nickOf(line, layout) || tags.login,
    id: tags.id,
    sentAtMs: tags.sentAtMs,
    text: textOf(line, layout),
    raw: layout.end === line.length ? line : line.slice(0, layout.end),
  }
}
