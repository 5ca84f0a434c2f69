export { parseBadges } from './badges.ts'
export type { Badge } from './badges.ts'
export { parseEmotes, toUtf16Ranges } from './emotes.ts'
export type { EmoteRange } from './emotes.ts'
export { escapeTagValue, unescapeTagValue } from './escape.ts'
export type {
  CapMessage,
  ChatUser,
  ClearChatMessage,
  ClearMsgMessage,
  GlobalUserStateMessage,
  HostTargetMessage,
  MembershipMessage,
  MessageBase,
  NoticeMessage,
  NumericMessage,
  OtherMessage,
  PingMessage,
  PinnedChat,
  PrivmsgMessage,
  ReconnectMessage,
  Reply,
  RoomStateMessage,
  SharedChat,
  TwitchMessage,
  UserNoticeMessage,
  UserStateMessage,
  WhisperMessage,
} from './message.ts'
export { parseLine } from './parse-line.ts'
export type { IrcLine } from './parse-line.ts'
export { parseMessage } from './parse-message.ts'
export { renderLine } from './render.ts'
export type { LineParts } from './render.ts'
export { parseRouting } from './routing.ts'
export type { Routing } from './routing.ts'
export type { IrcSource } from './source.ts'
export { parseTags, rawTag } from './tags.ts'
export type {
  AnnouncementEvent,
  BitsBadgeTierEvent,
  CharityDonationEvent,
  GiftPaidUpgradeEvent,
  NamedUser,
  OtherEvent,
  PayForwardEvent,
  PrimePaidUpgradeEvent,
  RaidEvent,
  RitualEvent,
  SubEvent,
  SubGiftEvent,
  SubMysteryGiftEvent,
  SubPlan,
  UserNoticeEvent,
  ViewerMilestoneEvent,
} from './user-notice.ts'
