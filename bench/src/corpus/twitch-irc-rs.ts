import {
  parseLine,
  parseMessage,
  parseRouting,
  renderLine,
  toUtf16Ranges,
} from '@poglog/irc-parser'
import type { ChatUser, EmoteRange, IrcLine, NamedUser, TwitchMessage } from '@poglog/irc-parser'
import type { SuiteReader } from './suite.ts'
import { eventView } from './twitch-irc-rs-event.ts'
import { difference, differenceOfFields, isRecord, plain } from './values.ts'

type View = Readonly<Record<string, unknown>>
/** What tells about a channel or the connection, not about a user. */
type RoomMessage = Exclude<TwitchMessage, ChatUser>

/** robotty/twitch-irc-rs: Twitch's messages with every field, and plain IRC lines. */
export const twitchIrcRs: SuiteReader = {
  source: 'robotty/twitch-irc-rs',
  check({ input, fields: { checks } }) {
    if (!Array.isArray(checks)) return 'no checks'
    for (const check of checks) {
      const fault = isRecord(check) ? faultOf(input, check) : 'a check is an object'
      if (fault !== undefined) return `${isRecord(check) ? String(check['expr']) : ''}: ${fault}`
    }
    return undefined
  },
}

function faultOf(input: string, check: View): string | undefined {
  const expr = String(check['expr'])
  const expected = plain(check['expected'])
  const quoted = /^IRCMessage::parse\((".*")\)(\.unwrap\(\)\.command)?$/.exec(expr)
  if (quoted !== null) return quotedFault(quoted, expected)
  if (expr === 'IRCMessage::parse(&message.as_raw_irc()).unwrap()') return renderFault(input)
  if (expr === 'result' || expr === 'message') return lineFault(input, expected)
  const message = parseMessage(input)
  if (message === undefined) return 'not read as a message'
  if (expr === 'function_with_impl_arg(msg_ref)')
    return difference(viewOf(message)['message_id'], expected)
  const path = expr.replaceAll('()', '').split('.').slice(1)
  if (!('expected' in check)) return path.length === 0 ? 'no expectation' : undefined
  return pathFault(viewOf(message), path, expected)
}

/** Goes down the path, then compares; of an object those fields that are expected. */
function pathFault(view: View, path: readonly string[], expected: unknown): string | undefined {
  let found: unknown = view
  for (const name of path) {
    if (!isRecord(found) || !(name in found)) return `no field ${name}`
    found = found[name]
  }
  return isRecord(found) && isRecord(expected)
    ? differenceOfFields(found, expected)
    : difference(found, expected)
}

function quotedFault(quoted: RegExpExecArray, expected: unknown): string | undefined {
  const text: unknown = JSON.parse(quoted[1] ?? '""')
  const line = parseLine(String(text))
  if (quoted[2] !== undefined) return difference(parseRouting(String(text))?.command, expected)
  if (!Array.isArray(expected)) return 'no such expectation is known'
  if (expected[0] === 'Err') return line === undefined ? undefined : 'read as a message'
  return difference(partsOf(line), partsOf(parseLine(String(expected[1]))))
}

/** What is written anew has to be read as the same. */
function renderFault(input: string): string | undefined {
  const line = parseLine(input)
  if (line === undefined) return 'not read as a message'
  const rendered = renderLine({ ...line, source: line.source?.raw })
  return difference(partsOf(parseLine(rendered)), partsOf(line))
}

function lineFault(input: string, expected: unknown): string | undefined {
  const line = parseLine(input)
  if (Array.isArray(expected)) {
    return expected[0] === 'Err' && line !== undefined ? 'read as a message' : undefined
  }
  if (!isRecord(expected)) return 'no such expectation is known'
  return difference(partsOf(line), expected)
}

/** A line as the suite's `IRCMessage`, which has its command in upper case. */
function partsOf(line: IrcLine | undefined): View | undefined {
  if (line === undefined) return undefined
  const { source, tags, params, verb } = line
  return {
    tags: Object.fromEntries(tags),
    prefix: source === undefined ? null : prefixOf(source),
    command: verb.toUpperCase(),
    params,
  }
}

function prefixOf({ nick, user, host }: NonNullable<IrcLine['source']>): View {
  return nick === '' ? { host, type: 'HostOnly' } : { nick, user, host, type: 'Full' }
}

/** A message with the names that the suite has for its fields. */
function viewOf(message: TwitchMessage): View {
  const base = {
    source: 'irc_message',
    channel_login: message.channel === '' ? null : message.channel,
    channel_id: message.channelId,
    server_timestamp: message.sentAtMs,
  }
  return { ...base, ...commandView(message) }
}

function commandView(message: TwitchMessage): View {
  switch (message.command) {
    case 'PRIVMSG':
      return {
        ...userView(message),
        bits: message.bits,
        is_action: message.isAction,
        message_id: message.id,
        reply_parent: replyView(message.reply),
      }
    case 'USERNOTICE':
      return {
        ...userView(message),
        message_id: message.id,
        event_id: message.messageType,
        system_message: message.systemMessage,
        event: eventView(message.event, message.tags),
      }
    case 'WHISPER':
      return { ...userView(message), recipient_login: message.recipientLogin }
    case 'USERSTATE':
    case 'GLOBALUSERSTATE':
      return {
        ...userView({ ...message, text: undefined, emotes: [] }),
        user_id: message.userId,
        user_name: message.displayName,
        emote_sets: message.emoteSets,
      }
    case 'CAP':
    case 'CLEARCHAT':
    case 'CLEARMSG':
    case 'HOSTTARGET':
    case 'JOIN':
    case 'NOTICE':
    case 'NUMERIC':
    case 'OTHER':
    case 'PART':
    case 'PING':
    case 'PONG':
    case 'RECONNECT':
    case 'ROOMSTATE':
      return roomView(message)
  }
}

function roomView(message: RoomMessage): View {
  switch (message.command) {
    case 'CLEARCHAT':
      return { action: clearView(message) }
    case 'CLEARMSG':
      return {
        sender_login: message.login,
        message_id: message.targetMessageId,
        message_text: message.text,
        is_action: message.isAction,
      }
    case 'NOTICE':
      return { message_text: message.text, message_id: message.messageType }
    case 'ROOMSTATE':
      return {
        emote_only: message.isEmoteOnly,
        followers_only: followersView(message.followersOnlyMinutes),
        r9k: message.isUnique,
        slow_mode: message.slowSeconds,
        subscribers_only: message.isSubscribersOnly,
      }
    case 'JOIN':
    case 'PART':
      return { user_login: message.login }
    case 'CAP':
    case 'HOSTTARGET':
    case 'NUMERIC':
    case 'OTHER':
    case 'PING':
    case 'PONG':
    case 'RECONNECT':
      return {}
  }
}

type Clear = Extract<TwitchMessage, { command: 'CLEARCHAT' }>

function clearView({ action, targetLogin, targetUserId, durationSeconds }: Clear): unknown {
  if (action === 'clear') return 'ChatCleared'
  const user = { user_login: targetLogin, user_id: targetUserId }
  return action === 'ban'
    ? { ...user, type: 'UserBanned' }
    : { ...user, timeout_length: durationSeconds, type: 'UserTimedOut' }
}

function followersView(minutes: number | undefined): unknown {
  if (minutes === undefined) return null
  return minutes === -1 ? 'Disabled' : ['Enabled', minutes * 60]
}

function userView(
  message: NamedUser & {
    readonly text: string | undefined
    readonly color: string | undefined
    readonly badges: readonly unknown[]
    readonly badgeInfo: readonly unknown[]
    readonly emotes: readonly EmoteRange[]
  },
): View {
  const { text, color, badges, badgeInfo, emotes } = message
  return {
    sender: namedView(message),
    message_text: text,
    name_color: colorView(color),
    badges,
    badge_info: badgeInfo,
    emotes: emotesView(text ?? '', emotes),
  }
}

function namedView({ userId, login, displayName }: NamedUser): View {
  return { id: userId, login, name: displayName }
}

function colorView(color: string | undefined): unknown {
  if (color === undefined) return null
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
  return { r, g, b }
}

function emotesView(text: string, emotes: readonly EmoteRange[]): View[] {
  const codes = toUtf16Ranges(text, emotes).map(({ start, end }) => text.slice(start, end))
  return emotes.map(({ id, start, end }, index) => ({
    id,
    char_range: { start, end },
    code: codes[index],
  }))
}

type Reply = Extract<TwitchMessage, { command: 'PRIVMSG' }>['reply']

function replyView(reply: Reply): unknown {
  if (reply === undefined) return null
  const { parentId, parentUserId, parentLogin, parentDisplayName, parentText } = reply
  return {
    message_id: parentId,
    reply_parent_user: { id: parentUserId, login: parentLogin, name: parentDisplayName },
    message_text: parentText,
  }
}
