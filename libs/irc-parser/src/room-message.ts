import { unwrapAction } from './action.ts'
import { textOf } from './chat-fields.ts'
import type {
  ClearChatMessage,
  ClearMsgMessage,
  HostTargetMessage,
  MembershipMessage,
  MessageBase,
  NoticeMessage,
  RoomStateMessage,
} from './message.ts'
import type { Routing } from './routing.ts'
import { flagOf, integerOf, textOrNone, wholeNumberOf } from './values.ts'

type RoomMessage =
  | ClearChatMessage
  | ClearMsgMessage
  | NoticeMessage
  | RoomStateMessage
  | HostTargetMessage
  | MembershipMessage

/** Reads the messages that tell about a channel; `undefined` for other commands. */
export function roomMessage(base: MessageBase, routing: Routing): RoomMessage | undefined {
  switch (routing.command) {
    case 'CLEARCHAT':
      return clearChat(base, routing)
    case 'CLEARMSG':
      return {
        ...base,
        command: 'CLEARMSG',
        login: textOf(base.tags, 'login'),
        targetMessageId: textOf(base.tags, 'target-msg-id'),
        ...unwrapAction(routing.text ?? ''),
      }
    case 'NOTICE':
      return {
        ...base,
        command: 'NOTICE',
        messageType: textOrNone(base.tags.get('msg-id')),
        text: routing.text ?? '',
        targetUserId: textOrNone(base.tags.get('target-user-id')),
      }
    case 'ROOMSTATE':
      return roomState(base)
    case 'HOSTTARGET':
      return hostTarget(base)
    case 'JOIN':
    case 'PART':
      return { ...base, command: routing.command, login: routing.login }
    default:
      return undefined
  }
}

function clearChat(base: MessageBase, routing: Routing): ClearChatMessage {
  const targetUserId = textOf(base.tags, 'target-user-id')
  const targetLogin = routing.text ?? ''
  const durationSeconds = wholeNumberOf(base.tags.get('ban-duration'))
  const isClear = targetUserId === '' && targetLogin === ''
  return {
    ...base,
    command: 'CLEARCHAT',
    action: isClear ? 'clear' : durationSeconds === undefined ? 'ban' : 'timeout',
    targetUserId,
    targetLogin,
    durationSeconds: isClear ? undefined : durationSeconds,
  }
}

function roomState(base: MessageBase): RoomStateMessage {
  const { tags } = base
  return {
    ...base,
    command: 'ROOMSTATE',
    isEmoteOnly: flagOf(tags.get('emote-only')),
    followersOnlyMinutes: integerOf(tags.get('followers-only')),
    isUnique: flagOf(tags.get('r9k')),
    slowSeconds: wholeNumberOf(tags.get('slow')),
    isSubscribersOnly: flagOf(tags.get('subs-only')),
  }
}

/** `HOSTTARGET #channel :hosted 12`, or `:- 12` where hosting stopped; the viewers may be missing or `-`. */
function hostTarget(base: MessageBase): HostTargetMessage {
  const [hosted, viewers] = base.params.slice(1).join(' ').split(' ')
  return {
    ...base,
    command: 'HOSTTARGET',
    hostedLogin: hosted === '-' ? undefined : textOrNone(hosted),
    viewers: wholeNumberOf(viewers),
  }
}
