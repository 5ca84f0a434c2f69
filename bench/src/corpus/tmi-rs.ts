import { escapeTagValue, parseLine, parseMessage, renderLine } from '@poglog/irc-parser'
import type { Badge, ChatUser, TwitchMessage, UserNoticeEvent } from '@poglog/irc-parser'
import type { SuiteReader } from './suite.ts'
import { difference, differenceOfFields, isRecord, plain } from './values.ts'

type View = Readonly<Record<string, unknown>>
/** What tells about a channel or the connection, not about a user. */
type RoomMessage = Exclude<TwitchMessage, ChatUser>

/** jprochazk/tmi-rs: Twitch's messages with every field. It leaves tag values escaped, so we escape ours to compare. */
export const tmiRs: SuiteReader = {
  source: 'jprochazk/tmi-rs',
  check({ input, fields: { kind, expected } }) {
    const message = parseMessage(input)
    if (message === undefined) return 'not read as a message'
    if (kind === 'roundtrip') {
      const rendered = renderLine({ ...message, source: message.source?.raw })
      return difference(parseLine(rendered)?.params, message.params)
    }
    const fields = plain(expected)
    return isRecord(fields)
      ? differenceOfFields(viewOf(message), fields)
      : 'no such expectation is known'
  },
}

function viewOf(message: TwitchMessage): View {
  const { channel, channelId, sentAtMs } = message
  return {
    channel: channel === '' ? null : `#${channel}`,
    channel_id: channelId,
    timestamp: sentAtMs === undefined ? null : new Date(sentAtMs).toISOString(),
    ...commandView(message),
  }
}

function commandView(message: TwitchMessage): View {
  switch (message.command) {
    case 'PRIVMSG':
      return { ...userView(message), ...privmsgView(message) }
    case 'USERNOTICE':
      return { ...userView(message), ...userNoticeView(message) }
    case 'WHISPER':
      return { ...userView(message), recipient: message.recipientLogin, text: message.text }
    case 'USERSTATE':
    case 'GLOBALUSERSTATE':
      return {
        ...userView(message),
        id: message.userId,
        name: escapeTagValue(message.displayName),
        user_name: escapeTagValue(message.displayName),
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

function privmsgView(message: Extract<TwitchMessage, { command: 'PRIVMSG' }>): View {
  const { reply, pinnedChat } = message
  return {
    id: message.id,
    msg_id: message.messageType,
    text: message.text,
    is_action: message.isAction,
    bits: message.bits,
    custom_reward_id: message.customRewardId,
    reply_to: reply && {
      thread_parent_message_id: reply.threadParentId,
      thread_parent_user_login: reply.threadParentLogin,
      message_id: reply.parentId,
      sender: namedView(reply.parentUserId, reply.parentLogin, reply.parentDisplayName),
      text: escapeTagValue(reply.parentText),
    },
    pinned_chat: pinnedChat && {
      paid_amount: pinnedChat.amount,
      paid_currency: pinnedChat.currency,
      paid_exponent: pinnedChat.exponent,
      paid_level: pinnedChat.level,
      is_system_message: pinnedChat.isSystemMessage,
    },
  }
}

function userNoticeView(message: Extract<TwitchMessage, { command: 'USERNOTICE' }>): View {
  const { event } = message
  // It names no sender of what is anonymous, or of an event that it does not know.
  const isNameless = event.kind === 'other' || ('isAnonymous' in event && event.isAnonymous)
  return {
    message_id: message.id,
    event_id: message.messageType,
    text: message.text,
    system_message: message.systemMessage === '' ? null : escapeTagValue(message.systemMessage),
    event: eventView(event),
    ...(isNameless ? { sender: null } : {}),
  }
}

function userView(user: ChatUser & Pick<TwitchMessage, 'tags'>): View {
  return {
    sender: namedView(user.userId, user.login, user.displayName),
    color: user.color,
    badges: user.badges.map((badge) => badgeView(badge, user.badgeInfo)),
    emotes: user.tags.get('emotes'),
  }
}

function badgeView({ name, version }: Badge, info: readonly Badge[]): unknown {
  if (name === 'moderator') return 'Moderator'
  if (name === 'broadcaster') return 'Broadcaster'
  if (name !== 'subscriber') return { name, version, extra: null, type: 'Other' }
  const months = info.find((detail) => detail.name === name)?.version
  return { version, months, months_n: Number(months), type: 'Subscriber' }
}

function namedView(id: string, login: string, name: string): View {
  return { id, login, name: escapeTagValue(name) }
}

function roomView(message: RoomMessage): View {
  switch (message.command) {
    case 'CLEARCHAT':
      return { action: clearView(message) }
    case 'CLEARMSG':
      return {
        sender: message.login,
        target_message_id: message.targetMessageId,
        text: message.text,
        is_action: message.isAction,
      }
    case 'NOTICE':
      return { text: message.text, id: message.messageType }
    case 'ROOMSTATE':
      return {
        emote_only: message.isEmoteOnly,
        followers_only: followersView(message.followersOnlyMinutes),
        r9k: message.isUnique,
        slow: durationView(message.slowSeconds),
        subs_only: message.isSubscribersOnly,
      }
    case 'JOIN':
    case 'PART':
      return { user: message.login }
    case 'PING':
    case 'PONG':
      return { nonce: message.text }
    case 'CAP':
    case 'HOSTTARGET':
    case 'NUMERIC':
    case 'OTHER':
    case 'RECONNECT':
      return {}
  }
}

function clearView({
  action,
  targetLogin: user,
  targetUserId: id,
  durationSeconds,
}: Extract<TwitchMessage, { command: 'CLEARCHAT' }>): unknown {
  if (action === 'clear') return 'Clear'
  return action === 'ban'
    ? { user, id, type: 'Ban' }
    : { user, id, duration: durationView(durationSeconds), type: 'TimeOut' }
}

function durationView(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined
  return seconds === 0 ? '0ns' : `${seconds}s`
}

function followersView(minutes: number | undefined): unknown {
  if (minutes === undefined) return null
  if (minutes === -1) return 'Disabled'
  return ['Enabled', minutes === 0 ? null : durationView(minutes * 60)]
}

function eventView(event: UserNoticeEvent): unknown {
  switch (event.kind) {
    case 'sub':
    case 'resub':
      return {
        type: 'SubOrResub',
        is_resub: event.kind === 'resub',
        cumulative_months: event.cumulativeMonths,
        streak_months: event.streakMonths,
        sub_plan: event.plan,
        sub_plan_name: escapeTagValue(event.planName),
      }
    case 'subgift':
      return {
        type: 'SubGift',
        cumulative_months: event.cumulativeMonths,
        recipient: namedView(
          event.recipient.userId,
          event.recipient.login,
          event.recipient.displayName,
        ),
        sub_plan: event.plan,
        sub_plan_name: escapeTagValue(event.planName),
        num_gifted_months: event.giftMonths,
      }
    case 'submysterygift':
      return event.isAnonymous
        ? { type: 'AnonSubMysteryGift', count: event.giftCount, sub_plan: event.plan }
        : {
            type: 'SubMysteryGift',
            count: event.giftCount,
            sender_total_gifts: event.senderCount,
            sub_plan: event.plan,
          }
    case 'giftpaidupgrade':
      return upgradeView(event)
    case 'ritual':
      return { type: 'Ritual', name: event.name }
    case 'announcement':
      return { type: 'Announcement', highlight_color: event.color }
    case 'bitsbadgetier':
    case 'charitydonation':
    case 'communitypayforward':
    case 'other':
    case 'primepaidupgrade':
    case 'raid':
    case 'standardpayforward':
    case 'viewermilestone':
      return 'Unknown'
  }
}

function upgradeView(event: Extract<UserNoticeEvent, { kind: 'giftpaidupgrade' }>): View {
  const { promoName, promoGiftTotal } = event
  const promotion =
    promoName === undefined ? null : { total_gifts: promoGiftTotal, promo_name: promoName }
  return event.isAnonymous
    ? { type: 'AnonGiftPaidUpgrade', promotion }
    : {
        type: 'GiftPaidUpgrade',
        gifter_login: event.giver.login,
        gifter_name: event.giver.displayName,
        promotion,
      }
}
