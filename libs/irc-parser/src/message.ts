import type { Badge } from './badges.ts'
import type { EmoteRange } from './emotes.ts'
import type { IrcLine } from './parse-line.ts'
import type { UserNoticeEvent } from './user-notice.ts'

/** What every message has, whatever its command. */
export interface MessageBase extends IrcLine {
  /** Login without `#`; `''` where the line has no channel. */
  readonly channel: string
  /** The `room-id` tag; `''` where absent. */
  readonly channelId: string
  /** `tmi-sent-ts`: milliseconds since the Unix epoch, UTC. */
  readonly sentAtMs: number | undefined
}

/** Who wrote or did something, as the tags tell it. What a line does not say is `''`, `undefined` or `false`. */
export interface ChatUser {
  readonly userId: string
  readonly login: string
  readonly displayName: string
  /** `#RRGGBB`; `undefined` for a user who never chose one. */
  readonly color: string | undefined
  readonly badges: readonly Badge[]
  readonly badgeInfo: readonly Badge[]
  readonly isModerator: boolean
  readonly isSubscriber: boolean
  readonly isTurbo: boolean
  readonly isVip: boolean
  /** `admin`, `global_mod`, `staff`, `mod` or `''`. */
  readonly userType: string
}

/** The message that a message answers, and the first one of the thread. */
export interface Reply {
  readonly parentId: string
  readonly parentUserId: string
  readonly parentLogin: string
  readonly parentDisplayName: string
  readonly parentText: string
  readonly threadParentId: string
  readonly threadParentUserId: string
  readonly threadParentLogin: string
  readonly threadParentDisplayName: string
}

/** Where a shared-chat message was written. `sourceChannelId` equals `channelId` in the source channel itself. */
export interface SharedChat {
  readonly sourceChannelId: string
  readonly sourceId: string
  readonly sourceBadges: readonly Badge[]
  readonly sourceBadgeInfo: readonly Badge[]
  /** The `source-msg-id` tag; `''` where absent. */
  readonly sourceMessageType: string
  /** Whether it was sent to the source channel only. */
  readonly isSourceOnly: boolean
}

/** A paid (Hype Chat) message: `amount / 10 ** exponent` in `currency` (ISO 4217). */
export interface PinnedChat {
  readonly amount: number
  readonly currency: string
  readonly exponent: number
  /** `ONE` to `TEN`; `''` where absent. */
  readonly level: string
  readonly isSystemMessage: boolean
}

/** One chat message. */
export interface PrivmsgMessage extends MessageBase, ChatUser {
  readonly command: 'PRIVMSG'
  readonly id: string
  /** Without the ACTION wrapper; emote ranges count from its start. */
  readonly text: string
  /** Whether it was sent with `/me`. */
  readonly isAction: boolean
  readonly emotes: readonly EmoteRange[]
  readonly bits: number | undefined
  /** `highlighted-message`, `skip-subs-mode-message` and the like; `undefined` for a plain message. */
  readonly messageType: string | undefined
  readonly customRewardId: string | undefined
  readonly clientNonce: string | undefined
  readonly isFirstMessage: boolean
  readonly isReturningChatter: boolean
  readonly isEmoteOnly: boolean
  readonly reply: Reply | undefined
  readonly sharedChat: SharedChat | undefined
  readonly pinnedChat: PinnedChat | undefined
}

/** A subscription, raid, announcement or another event, with the text its user wrote, if any. */
export interface UserNoticeMessage extends MessageBase, ChatUser {
  readonly command: 'USERNOTICE'
  readonly id: string
  /** The `msg-id` tag; `sharedchatnotice` for one that comes from another channel of a shared chat. */
  readonly messageType: string
  /** What happened. Of a `sharedchatnotice`, what happened in the source channel. */
  readonly event: UserNoticeEvent
  /** Twitch's English sentence about it. */
  readonly systemMessage: string
  /** `undefined` where the user wrote nothing. */
  readonly text: string | undefined
  readonly emotes: readonly EmoteRange[]
  readonly sharedChat: SharedChat | undefined
}

/** A cleared chat, a ban or a timeout. */
export interface ClearChatMessage extends MessageBase {
  readonly command: 'CLEARCHAT'
  readonly action: 'clear' | 'ban' | 'timeout'
  /** `''` where the whole chat was cleared. */
  readonly targetUserId: string
  readonly targetLogin: string
  /** Only of a timeout. */
  readonly durationSeconds: number | undefined
}

/** One deleted message. */
export interface ClearMsgMessage extends MessageBase {
  readonly command: 'CLEARMSG'
  /** Who wrote the deleted message. */
  readonly login: string
  readonly targetMessageId: string
  /** The deleted text, without the ACTION wrapper. */
  readonly text: string
  readonly isAction: boolean
}

/** A word from Twitch: the outcome of a command, a mode that changed, a failed login. */
export interface NoticeMessage extends MessageBase {
  readonly command: 'NOTICE'
  /** The `msg-id` tag; `undefined` before the login and where Twitch sends none. */
  readonly messageType: string | undefined
  readonly text: string
  /** Of whom it tells, where it tells. */
  readonly targetUserId: string | undefined
}

/** The modes of a channel: all of them after a join, later only those that changed (the others `undefined`). */
export interface RoomStateMessage extends MessageBase {
  readonly command: 'ROOMSTATE'
  readonly isEmoteOnly: boolean | undefined
  /** How long one must have followed; 0: any follower; -1: everybody may write. */
  readonly followersOnlyMinutes: number | undefined
  readonly isUnique: boolean | undefined
  /** Time between two messages of a user; 0: off. */
  readonly slowSeconds: number | undefined
  readonly isSubscribersOnly: boolean | undefined
}

/** What the connected user is in a channel, after a join and after each message sent. */
export interface UserStateMessage extends MessageBase, ChatUser {
  readonly command: 'USERSTATE'
  readonly emoteSets: readonly string[]
  /** The id of the message just sent; `undefined` after a join. */
  readonly id: string | undefined
}

/** What the connected user is everywhere, after the login. */
export interface GlobalUserStateMessage extends MessageBase, ChatUser {
  readonly command: 'GLOBALUSERSTATE'
  readonly emoteSets: readonly string[]
}

/** A private message. */
export interface WhisperMessage extends MessageBase, ChatUser {
  readonly command: 'WHISPER'
  readonly recipientLogin: string
  readonly id: string
  readonly threadId: string
  readonly text: string
  readonly isAction: boolean
  readonly emotes: readonly EmoteRange[]
}

/** A channel began or stopped hosting another one (until 2022). */
export interface HostTargetMessage extends MessageBase {
  readonly command: 'HOSTTARGET'
  /** `undefined` where hosting stopped. */
  readonly hostedLogin: string | undefined
  readonly viewers: number | undefined
}

/** Somebody came into a channel or left it. */
export interface MembershipMessage extends MessageBase {
  readonly command: 'JOIN' | 'PART'
  readonly login: string
}

/** Twitch will close the connection soon: open another one. */
export interface ReconnectMessage extends MessageBase {
  readonly command: 'RECONNECT'
}

/** The answer to a request for capabilities. */
export interface CapMessage extends MessageBase {
  readonly command: 'CAP'
  /** `ACK`, `NAK`, `LS` ... */
  readonly subcommand: string
  readonly capabilities: readonly string[]
}

/** A sign of life. `text` has to come back in the PONG. */
export interface PingMessage extends MessageBase {
  readonly command: 'PING' | 'PONG'
  readonly text: string | undefined
}

/** A numeric reply, as 001 (welcome) or 353 (names). */
export interface NumericMessage extends MessageBase {
  readonly command: 'NUMERIC'
  /** 0 to 999. */
  readonly code: number
  readonly text: string | undefined
}

/** Any other command; `verb` tells which. */
export interface OtherMessage extends MessageBase {
  readonly command: 'OTHER'
  readonly text: string | undefined
}

/** Any line that Twitch sends; `command` tells the members apart. */
export type TwitchMessage =
  | PrivmsgMessage
  | UserNoticeMessage
  | ClearChatMessage
  | ClearMsgMessage
  | NoticeMessage
  | RoomStateMessage
  | UserStateMessage
  | GlobalUserStateMessage
  | WhisperMessage
  | HostTargetMessage
  | MembershipMessage
  | ReconnectMessage
  | CapMessage
  | PingMessage
  | NumericMessage
  | OtherMessage
