import { parseBadges } from './badges.ts'
import type { ChatUser, PinnedChat, Reply, SharedChat } from './message.ts'
import { textOrNone, wholeNumberOf } from './values.ts'

type Tags = ReadonlyMap<string, string>

export function chatUserOf(tags: Tags, login: string): ChatUser {
  return {
    userId: textOf(tags, 'user-id'),
    login,
    displayName: textOf(tags, 'display-name'),
    color: textOrNone(tags.get('color')),
    badges: parseBadges(textOf(tags, 'badges')),
    badgeInfo: parseBadges(textOf(tags, 'badge-info')),
    isModerator: isSet(tags, 'mod'),
    isSubscriber: isSet(tags, 'subscriber'),
    isTurbo: isSet(tags, 'turbo'),
    isVip: isSet(tags, 'vip'),
    userType: textOf(tags, 'user-type'),
  }
}

export function replyOf(tags: Tags): Reply | undefined {
  const parentId = textOf(tags, 'reply-parent-msg-id')
  if (parentId === '') return undefined
  return {
    parentId,
    parentUserId: textOf(tags, 'reply-parent-user-id'),
    parentLogin: textOf(tags, 'reply-parent-user-login'),
    parentDisplayName: textOf(tags, 'reply-parent-display-name'),
    parentText: textOf(tags, 'reply-parent-msg-body'),
    threadParentId: textOf(tags, 'reply-thread-parent-msg-id'),
    threadParentUserId: textOf(tags, 'reply-thread-parent-user-id'),
    threadParentLogin: textOf(tags, 'reply-thread-parent-user-login'),
    threadParentDisplayName: textOf(tags, 'reply-thread-parent-display-name'),
  }
}

export function sharedChatOf(tags: Tags): SharedChat | undefined {
  const sourceChannelId = textOf(tags, 'source-room-id')
  if (sourceChannelId === '') return undefined
  return {
    sourceChannelId,
    sourceId: textOf(tags, 'source-id'),
    sourceBadges: parseBadges(textOf(tags, 'source-badges')),
    sourceBadgeInfo: parseBadges(textOf(tags, 'source-badge-info')),
    sourceMessageType: textOf(tags, 'source-msg-id'),
    isSourceOnly: isSet(tags, 'source-only'),
  }
}

export function pinnedChatOf(tags: Tags): PinnedChat | undefined {
  const amount = wholeNumberOf(tags.get('pinned-chat-paid-amount'))
  if (amount === undefined) return undefined
  return {
    amount,
    currency: textOf(tags, 'pinned-chat-paid-currency'),
    exponent: wholeNumberOf(tags.get('pinned-chat-paid-exponent')) ?? 0,
    level: textOf(tags, 'pinned-chat-paid-level'),
    isSystemMessage: isSet(tags, 'pinned-chat-paid-is-system-message'),
  }
}

/** Whether a tag says `1`. */
export function isSet(tags: Tags, name: string): boolean {
  return tags.get(name) === '1'
}

/** A tag's text, `''` where absent. */
export function textOf(tags: Tags, name: string): string {
  return tags.get(name) ?? ''
}
