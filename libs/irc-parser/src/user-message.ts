import { unwrapAction } from './action.ts'
import { chatUserOf, isSet, pinnedChatOf, replyOf, sharedChatOf, textOf } from './chat-fields.ts'
import { parseEmotes } from './emotes.ts'
import type {
  GlobalUserStateMessage,
  MessageBase,
  PrivmsgMessage,
  UserNoticeMessage,
  UserStateMessage,
  WhisperMessage,
} from './message.ts'
import type { Routing } from './routing.ts'
import { userNoticeEvent } from './user-notice.ts'
import { listOf, textOrNone, wholeNumberOf } from './values.ts'

type UserMessage =
  | PrivmsgMessage
  | UserNoticeMessage
  | UserStateMessage
  | GlobalUserStateMessage
  | WhisperMessage

/** Reads the messages that tell about their user; `undefined` for other commands. */
export function userMessage(base: MessageBase, routing: Routing): UserMessage | undefined {
  switch (routing.command) {
    case 'PRIVMSG':
      return privmsg(base, routing)
    case 'USERNOTICE':
      return userNotice(base, routing)
    case 'WHISPER':
      return whisper(base, routing)
    case 'USERSTATE':
      return {
        ...base,
        ...chatUserOf(base.tags, routing.login),
        command: 'USERSTATE',
        emoteSets: listOf(textOf(base.tags, 'emote-sets'), ','),
        id: textOrNone(routing.id),
      }
    case 'GLOBALUSERSTATE':
      return {
        ...base,
        ...chatUserOf(base.tags, routing.login),
        command: 'GLOBALUSERSTATE',
        emoteSets: listOf(textOf(base.tags, 'emote-sets'), ','),
      }
    default:
      return undefined
  }
}

function privmsg(base: MessageBase, routing: Routing): PrivmsgMessage {
  const { tags } = base
  return {
    ...base,
    ...chatUserOf(tags, routing.login),
    command: 'PRIVMSG',
    id: routing.id,
    ...unwrapAction(routing.text ?? ''),
    emotes: parseEmotes(textOf(tags, 'emotes')),
    bits: wholeNumberOf(tags.get('bits')),
    messageType: textOrNone(tags.get('msg-id')),
    customRewardId: textOrNone(tags.get('custom-reward-id')),
    clientNonce: textOrNone(tags.get('client-nonce')),
    isFirstMessage: isSet(tags, 'first-msg'),
    isReturningChatter: isSet(tags, 'returning-chatter'),
    isEmoteOnly: isSet(tags, 'emote-only'),
    reply: replyOf(tags),
    sharedChat: sharedChatOf(tags),
    pinnedChat: pinnedChatOf(tags),
  }
}

function userNotice(base: MessageBase, routing: Routing): UserNoticeMessage {
  const { tags } = base
  const messageType = textOf(tags, 'msg-id')
  const isShared = messageType === 'sharedchatnotice'
  return {
    ...base,
    ...chatUserOf(tags, routing.login),
    command: 'USERNOTICE',
    id: routing.id,
    messageType,
    event: userNoticeEvent(isShared ? textOf(tags, 'source-msg-id') : messageType, tags),
    systemMessage: textOf(tags, 'system-msg'),
    text: routing.text,
    emotes: parseEmotes(textOf(tags, 'emotes')),
    sharedChat: sharedChatOf(tags),
  }
}

function whisper(base: MessageBase, routing: Routing): WhisperMessage {
  const { tags } = base
  return {
    ...base,
    ...chatUserOf(tags, routing.login),
    command: 'WHISPER',
    recipientLogin: base.params.at(0) ?? '',
    id: textOf(tags, 'message-id'),
    threadId: textOf(tags, 'thread-id'),
    ...unwrapAction(routing.text ?? ''),
    emotes: parseEmotes(textOf(tags, 'emotes')),
  }
}
