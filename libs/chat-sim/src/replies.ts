/** The name Twitch's chat servers give themselves. */
export const SERVER = 'tmi.twitch.tv'

/**
 * What a login is answered with.
 *
 * @see https://dev.twitch.tv/docs/chat/irc/#successful-authentication
 */
export function loginReplies(nick: string): string[] {
  return [
    `:${SERVER} 001 ${nick} :Welcome, GLHF!`,
    `:${SERVER} 002 ${nick} :Your host is ${SERVER}`,
    `:${SERVER} 003 ${nick} :This server is rather new`,
    `:${SERVER} 004 ${nick} :-`,
    `:${SERVER} 375 ${nick} :-`,
    `:${SERVER} 372 ${nick} :You are in a maze of twisty passages, all alike.`,
    `:${SERVER} 376 ${nick} :>`,
  ]
}

/**
 * What a JOIN is answered with: its echo and the names (only the client's own, which is all Twitch
 * tells without the membership capability), USERSTATE for accounts, ROOMSTATE.
 *
 * @see https://dev.twitch.tv/docs/chat/irc/#roomstate-tags
 */
export function joinReplies(join: {
  nick: string
  channel: string
  roomId: string
  isAnonymous: boolean
}): { line: string; command: string }[] {
  const { nick, channel, roomId } = join
  const own = `:${nick}.${SERVER}`
  const userState = `@badge-info=;badges=;color=;display-name=${nick};emote-sets=0;mod=0;subscriber=0;user-type=`
  const roomState = `@emote-only=0;followers-only=-1;r9k=0;room-id=${roomId};slow=0;subs-only=0`
  return [
    { line: `:${nick}!${nick}@${nick}.${SERVER} JOIN #${channel}`, command: 'JOIN' },
    { line: `${own} 353 ${nick} = #${channel} :${nick}`, command: '353' },
    { line: `${own} 366 ${nick} #${channel} :End of /NAMES list`, command: '366' },
    ...(join.isAnonymous
      ? []
      : [{ line: `${userState} :${SERVER} USERSTATE #${channel}`, command: 'USERSTATE' }]),
    { line: `${roomState} :${SERVER} ROOMSTATE #${channel}`, command: 'ROOMSTATE' },
  ]
}

/** @see https://dev.twitch.tv/docs/chat/irc/#notice-message-ids (`msg_channel_suspended`) */
export function suspendedNotice(channel: string): string {
  return `@msg-id=msg_channel_suspended :${SERVER} NOTICE #${channel} :This channel does not exist or has been suspended.`
}

/** The numeric id of a name nobody gave one: always the same for the same name, never 0. */
export function userIdOf(login: string): string {
  let hash = 0x811c9dc5
  for (const char of login) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return String(100_000_000 + (hash % 900_000_000))
}
