import type { Message } from '../chat/message-schema.ts'

/** A message as the API answers it, of a line made from these parts. */
export function message(
  parts: Partial<Message> & { readonly command?: string; readonly trailing?: string } = {},
): Message {
  const { command = 'PRIVMSG', trailing, ...given } = parts
  const { username = 'icemad', channel = 'pogfox', text = 'lol', tags = {} } = given
  const last = trailing ?? text
  return {
    text,
    displayName: username,
    timestamp: '2026-11-21T18:40:00.123Z',
    id: '00000000-0000-4000-8000-000000000001',
    tags,
    username,
    channel,
    raw: `@x=y\\s:z :${username}!${username}@${username} ${command} #${channel}${last === '' ? '' : ` :${last}`}`,
    channelId: '22004726',
    userId: '1001',
    ...given,
  }
}
