import { layoutOf } from './layout.ts'
import type { Layout } from './layout.ts'
import type { MessageBase, TwitchMessage } from './message.ts'
import { lineOf } from './parse-line.ts'
import { roomMessage } from './room-message.ts'
import { routingOf } from './routing.ts'
import type { Routing } from './routing.ts'
import { serverMessage } from './server-message.ts'
import { userMessage } from './user-message.ts'

/**
 * Reads one line, with or without its CR LF, into a message typed by its `command`.
 *
 * Never throws, whatever the string holds: a value that is not what Twitch documents becomes
 * `undefined`, `''` or `false`, and stays readable in `tags` and `raw`.
 *
 * @returns `undefined` for exactly those lines for which `parseRouting` returns it.
 * @see https://dev.twitch.tv/docs/chat/irc/
 */
export function parseMessage(line: string): TwitchMessage | undefined {
  const layout = layoutOf(line)
  if (layout === undefined) return undefined
  const routing = routingOf(line, layout)
  const base = baseOf(line, layout, routing)
  return userMessage(base, routing) ?? roomMessage(base, routing) ?? serverMessage(base, routing)
}

function baseOf(line: string, layout: Layout, routing: Routing): MessageBase {
  const { channel, channelId, sentAtMs } = routing
  return { ...lineOf(line, layout), channel, channelId, sentAtMs }
}
