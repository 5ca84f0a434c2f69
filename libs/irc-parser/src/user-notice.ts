import { wholeNumberOf } from './values.ts'

/** A user as `msg-param-*` tags name one; parts that Twitch leaves out are `''`. */
export interface NamedUser {
  readonly userId: string
  readonly login: string
  readonly displayName: string
}

/** `1000`, `2000`, `3000` or `Prime`, and what the channel calls it. */
export interface SubPlan {
  readonly plan: string
  readonly planName: string
}

/** `sub` is the first subscription, `resub` a shared later one. */
export interface SubEvent extends SubPlan {
  readonly kind: 'sub' | 'resub'
  readonly cumulativeMonths: number | undefined
  /** `undefined` where the user does not share it. */
  readonly streakMonths: number | undefined
  readonly wasGifted: boolean
}

/** One gifted subscription. The giver is the user of the message; `isAnonymous` where Twitch hides them. */
export interface SubGiftEvent extends SubPlan {
  readonly kind: 'subgift'
  readonly isAnonymous: boolean
  readonly recipient: NamedUser
  readonly cumulativeMonths: number | undefined
  readonly giftMonths: number | undefined
  /** How many this user has gifted in the channel so far. */
  readonly senderCount: number | undefined
}

/** Several gifted subscriptions at once; a `subgift` for each recipient follows. */
export interface SubMysteryGiftEvent extends SubPlan {
  readonly kind: 'submysterygift'
  readonly isAnonymous: boolean
  readonly giftCount: number | undefined
  readonly senderCount: number | undefined
}

/** A gifted subscription goes on, paid by the user. */
export interface GiftPaidUpgradeEvent {
  readonly kind: 'giftpaidupgrade'
  readonly isAnonymous: boolean
  readonly giver: NamedUser
  readonly promoName: string | undefined
  readonly promoGiftTotal: number | undefined
}

/** A Prime subscription goes on as a paid one. */
export interface PrimePaidUpgradeEvent extends SubPlan {
  readonly kind: 'primepaidupgrade'
}

/** A gifted subscription is paid forward: to somebody (`standard`) or to the community. */
export interface PayForwardEvent {
  readonly kind: 'standardpayforward' | 'communitypayforward'
  readonly priorGiver: NamedUser
  readonly isPriorGiverAnonymous: boolean
  readonly recipient: NamedUser
}

/** Viewers come over from another channel. */
export interface RaidEvent {
  readonly kind: 'raid'
  readonly raider: NamedUser
  readonly viewers: number | undefined
}

/** An announcement of a moderator, in a colour (`BLUE` ...; `PRIMARY`, the channel's own, where none is said). */
export interface AnnouncementEvent {
  readonly kind: 'announcement'
  readonly color: string
}

/** `new_chatter`, while Twitch had rituals. */
export interface RitualEvent {
  readonly kind: 'ritual'
  readonly name: string
}

/** A user reached a badge for bits; `threshold` bits. */
export interface BitsBadgeTierEvent {
  readonly kind: 'bitsbadgetier'
  readonly threshold: number | undefined
}

/** A watch streak; `category` is `watch-streak`. */
export interface ViewerMilestoneEvent {
  readonly kind: 'viewermilestone'
  readonly category: string
  readonly value: number | undefined
  readonly channelPoints: number | undefined
}

/** A donation: `amount / 10 ** exponent` in `currency`. */
export interface CharityDonationEvent {
  readonly kind: 'charitydonation'
  readonly charityName: string
  readonly amount: number | undefined
  readonly currency: string
  readonly exponent: number | undefined
}

/** Anything else, as `unraid`, `rewardgift` or what Twitch invents next: see the `msg-param-*` tags. */
export interface OtherEvent {
  readonly kind: 'other'
}

/** What a USERNOTICE tells; `kind` tells the members apart, anonymous forms have the same kind as the others. */
export type UserNoticeEvent =
  | SubEvent
  | SubGiftEvent
  | SubMysteryGiftEvent
  | GiftPaidUpgradeEvent
  | PrimePaidUpgradeEvent
  | PayForwardEvent
  | RaidEvent
  | AnnouncementEvent
  | RitualEvent
  | BitsBadgeTierEvent
  | ViewerMilestoneEvent
  | CharityDonationEvent
  | OtherEvent

/** The account that Twitch names as the giver of anonymous gifts. */
const ANONYMOUS_GIVER_ID = '274598607'

type Tags = ReadonlyMap<string, string>

/** Reads what happened from the tags; `messageType` is `msg-id`, of a shared chat notice `source-msg-id`. */
export function userNoticeEvent(messageType: string, tags: Tags): UserNoticeEvent {
  switch (messageType) {
    case 'sub':
    case 'resub':
      return subEvent(messageType, tags)
    case 'subgift':
    case 'anonsubgift':
      return subGiftEvent(messageType, tags)
    case 'submysterygift':
    case 'anonsubmysterygift':
      return subMysteryGiftEvent(messageType, tags)
    case 'giftpaidupgrade':
    case 'anongiftpaidupgrade':
      return giftPaidUpgradeEvent(messageType, tags)
    case 'primepaidupgrade':
      return { kind: 'primepaidupgrade', ...planOf(tags) }
    case 'standardpayforward':
    case 'communitypayforward':
      return payForwardEvent(messageType, tags)
    default:
      return otherEvent(messageType, tags)
  }
}

function otherEvent(messageType: string, tags: Tags): UserNoticeEvent {
  switch (messageType) {
    case 'raid':
      return { kind: 'raid', raider: raiderOf(tags), viewers: numberOf(tags, 'viewerCount') }
    case 'announcement':
      return { kind: 'announcement', color: textOf(tags, 'color') || 'PRIMARY' }
    case 'ritual':
      return { kind: 'ritual', name: textOf(tags, 'ritual-name') }
    case 'bitsbadgetier':
      return { kind: 'bitsbadgetier', threshold: numberOf(tags, 'threshold') }
    case 'viewermilestone':
      return {
        kind: 'viewermilestone',
        category: textOf(tags, 'category'),
        value: numberOf(tags, 'value'),
        channelPoints: numberOf(tags, 'copoReward'),
      }
    case 'charitydonation':
      return {
        kind: 'charitydonation',
        charityName: textOf(tags, 'charity-name'),
        amount: numberOf(tags, 'donation-amount'),
        currency: textOf(tags, 'donation-currency'),
        exponent: numberOf(tags, 'exponent'),
      }
    default:
      return { kind: 'other' }
  }
}

function subEvent(kind: 'sub' | 'resub', tags: Tags): SubEvent {
  const isStreakShared = textOf(tags, 'should-share-streak') === '1'
  return {
    kind,
    ...planOf(tags),
    cumulativeMonths: numberOf(tags, 'cumulative-months'),
    streakMonths: isStreakShared ? numberOf(tags, 'streak-months') : undefined,
    wasGifted: textOf(tags, 'was-gifted') === 'true',
  }
}

function subGiftEvent(messageType: string, tags: Tags): SubGiftEvent {
  return {
    kind: 'subgift',
    ...planOf(tags),
    isAnonymous: isAnonymous(messageType, tags),
    recipient: userOf(tags, 'recipient'),
    cumulativeMonths: numberOf(tags, 'months'),
    giftMonths: numberOf(tags, 'gift-months'),
    senderCount: numberOf(tags, 'sender-count'),
  }
}

function subMysteryGiftEvent(messageType: string, tags: Tags): SubMysteryGiftEvent {
  return {
    kind: 'submysterygift',
    ...planOf(tags),
    isAnonymous: isAnonymous(messageType, tags),
    giftCount: numberOf(tags, 'mass-gift-count'),
    senderCount: numberOf(tags, 'sender-count'),
  }
}

function giftPaidUpgradeEvent(messageType: string, tags: Tags): GiftPaidUpgradeEvent {
  const promoName = textOf(tags, 'promo-name')
  return {
    kind: 'giftpaidupgrade',
    isAnonymous: messageType === 'anongiftpaidupgrade',
    giver: {
      userId: textOf(tags, 'sender-id'),
      login: textOf(tags, 'sender-login'),
      displayName: textOf(tags, 'sender-name'),
    },
    promoName: promoName === '' ? undefined : promoName,
    promoGiftTotal: numberOf(tags, 'promo-gift-total'),
  }
}

function payForwardEvent(kind: PayForwardEvent['kind'], tags: Tags): PayForwardEvent {
  return {
    kind,
    priorGiver: userOf(tags, 'prior-gifter'),
    isPriorGiverAnonymous: textOf(tags, 'prior-gifter-anonymous') === 'true',
    recipient: userOf(tags, 'recipient'),
  }
}

function isAnonymous(messageType: string, tags: Tags): boolean {
  return messageType.startsWith('anon') || tags.get('user-id') === ANONYMOUS_GIVER_ID
}

function planOf(tags: Tags): SubPlan {
  return { plan: textOf(tags, 'sub-plan'), planName: textOf(tags, 'sub-plan-name') }
}

function userOf(tags: Tags, role: string): NamedUser {
  return {
    userId: textOf(tags, `${role}-id`),
    login: textOf(tags, `${role}-user-name`),
    displayName: textOf(tags, `${role}-display-name`),
  }
}

/** The raider is the sender; Twitch names them a second time in parameters, from which we take them. */
function raiderOf(tags: Tags): NamedUser {
  return {
    userId: tags.get('user-id') ?? '',
    login: textOf(tags, 'login'),
    displayName: textOf(tags, 'displayName'),
  }
}

function textOf(tags: Tags, param: string): string {
  return tags.get(`msg-param-${param}`) ?? ''
}

function numberOf(tags: Tags, param: string): number | undefined {
  return wholeNumberOf(tags.get(`msg-param-${param}`))
}
