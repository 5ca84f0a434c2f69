import type { NamedUser, UserNoticeEvent } from '@poglog/irc-parser'

type View = Readonly<Record<string, unknown>>

/** An event with the names that twitch-irc-rs has for it and its fields. */
export function eventView(event: UserNoticeEvent, tags: ReadonlyMap<string, string>): unknown {
  switch (event.kind) {
    case 'sub':
    case 'resub':
      return {
        type: 'SubOrResub',
        is_resub: event.kind === 'resub',
        cumulative_months: event.cumulativeMonths,
        streak_months: event.streakMonths,
        sub_plan: event.plan,
        sub_plan_name: event.planName,
      }
    case 'subgift':
      return {
        type: 'SubGift',
        is_sender_anonymous: event.isAnonymous,
        cumulative_months: event.cumulativeMonths,
        recipient: namedView(event.recipient),
        sub_plan: event.plan,
        sub_plan_name: event.planName,
        num_gifted_months: event.giftMonths,
      }
    case 'submysterygift':
      return event.isAnonymous
        ? { type: 'AnonSubMysteryGift', mass_gift_count: event.giftCount, sub_plan: event.plan }
        : {
            type: 'SubMysteryGift',
            mass_gift_count: event.giftCount,
            sender_total_gifts: event.senderCount,
            sub_plan: event.plan,
          }
    case 'giftpaidupgrade':
      return upgradeView(event)
    case 'raid':
      return {
        type: 'Raid',
        viewer_count: event.viewers,
        profile_image_url: tags.get('msg-param-profileImageURL'),
      }
    case 'ritual':
      return { type: 'Ritual', ritual_name: event.name }
    case 'bitsbadgetier':
      return { type: 'BitsBadgeTier', threshold: event.threshold }
    case 'announcement':
      return { type: 'Announcement', color: event.color }
    case 'charitydonation':
    case 'communitypayforward':
    case 'other':
    case 'primepaidupgrade':
    case 'standardpayforward':
    case 'viewermilestone':
      return 'Unknown'
  }
}

function upgradeView(event: Extract<UserNoticeEvent, { kind: 'giftpaidupgrade' }>): View {
  const { promoName, promoGiftTotal } = event
  const promotion =
    promoName === undefined ? null : { promo_name: promoName, total_gifts: promoGiftTotal }
  return event.isAnonymous
    ? { type: 'AnonGiftPaidUpgrade', promotion }
    : {
        type: 'GiftPaidUpgrade',
        gifter_login: event.giver.login,
        gifter_name: event.giver.displayName,
        promotion,
      }
}

function namedView({ userId, login, displayName }: NamedUser): View {
  return { id: userId, login, name: displayName }
}
