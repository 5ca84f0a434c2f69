import { createHash } from 'node:crypto'
import type { AppendLine } from '../types.ts'

/** A line to append; the key comes from the text unless given. */
export function appendLine(
  line: Partial<AppendLine> & { readonly text?: string } = {},
): AppendLine {
  const { text = 'hello', ...given } = line
  const channelId = given.channelId ?? '22484632'
  const userId = given.userId ?? '1001'
  const sentAtMs = 'sentAtMs' in given ? given.sentAtMs : 1_760_000_000_000
  const raw =
    given.raw ?? `@room-id=${channelId};user-id=${userId} :a!a@a.tmi.twitch.tv PRIVMSG #a :${text}`
  const key = given.key ?? createHash('md5').update(raw).digest('hex')
  return { channelId, userId, sentAtMs, raw, key, type: given.type ?? 'PRIVMSG' }
}
