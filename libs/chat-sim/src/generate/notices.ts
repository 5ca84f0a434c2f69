import type { Random } from '../random.ts'
import { noticeLine } from './lines.ts'
import type { Room, Said } from './room.ts'
import type { MessageText } from './text-builder.ts'

const NO_TEXT: MessageText = { text: '', emotes: '', isEmoteOnly: false }
const ORIGIN = 'msg-param-origin-id='

export interface NoticeScene {
  readonly random: Random
  readonly room: Room
  readonly sentMs: number
}

export interface NoticeCast {
  /** Makes somebody of the channel say `text`. */
  someone(text: MessageText): Said
  text(): MessageText
}

/** Subscriptions, gifts, raids and announcements, as often as in real chat: one line, or a gift to many and its recipients. */
export function writeNotice(scene: NoticeScene, cast: NoticeCast): string[] {
  const draw = scene.random.unit()
  if (draw < 0.5) return [resubLine(scene, cast)]
  if (draw < 0.68) return [subLine(scene, cast)]
  if (draw < 0.8) return [giftLine(scene, cast.someone(NO_TEXT), cast.someone(NO_TEXT))]
  if (draw < 0.88) return giftLines(scene, cast)
  if (draw < 0.92) return [raidLine(scene, cast)]
  if (draw < 0.96) return [announcementLine(scene, cast)]
  return [streakLine(scene, cast)]
}

function resubLine({ random, room, sentMs }: NoticeScene, cast: NoticeCast): string {
  const said = cast.someone(random.chance(0.5) ? cast.text() : NO_TEXT)
  const months = Math.max(2, said.member.months)
  const plan = planOf(random)
  return noticeLine(room, said, {
    sentMs,
    msgId: 'resub',
    params:
      `;msg-param-cumulative-months=${months};msg-param-months=0;msg-param-multimonth-duration=0` +
      `;msg-param-multimonth-tenure=0;msg-param-should-share-streak=0${planTags(room, plan)};msg-param-was-gifted=false`,
    systemMessage: `${said.chatter.displayName} subscribed ${plan.words}. They've subscribed for ${months} months!`,
  })
}

function subLine({ random, room, sentMs }: NoticeScene, cast: NoticeCast): string {
  const said = cast.someone(NO_TEXT)
  const plan = planOf(random)
  return noticeLine(room, said, {
    sentMs,
    msgId: 'sub',
    params:
      `;msg-param-cumulative-months=1;msg-param-months=0;msg-param-multimonth-duration=1` +
      `;msg-param-multimonth-tenure=0;msg-param-should-share-streak=0${planTags(room, plan)};msg-param-was-gifted=false`,
    systemMessage: `${said.chatter.displayName} subscribed ${plan.words}.`,
  })
}

/** A gift to many: announced once, then told again for everyone who got one. */
function giftLines(scene: NoticeScene, cast: NoticeCast): string[] {
  const { random, room, sentMs } = scene
  const giver = cast.someone(NO_TEXT)
  const count = random.pick([5, 5, 5, 10, 10, 20, 50])
  const announced = noticeLine(room, giver, {
    sentMs,
    msgId: 'submysterygift',
    params: `;msg-param-mass-gift-count=${count};${ORIGIN}${giver.id};msg-param-sender-count=${count};msg-param-sub-plan=1000`,
    systemMessage: `${giver.chatter.displayName} is gifting ${count} Tier 1 Subs to ${room.login}'s community!`,
  })
  const gifts = Array.from({ length: count }, () => {
    const recipient = cast.someone(NO_TEXT)
    // The same giver with a message of its own; the id is the one that saying something drew.
    return giftLine(scene, { ...giver, id: recipient.id }, recipient)
  })
  return [announced, ...gifts]
}

function giftLine({ room, sentMs }: NoticeScene, giver: Said, recipient: Said): string {
  const { displayName, userId, login } = recipient.chatter
  return noticeLine(room, giver, {
    sentMs,
    msgId: 'subgift',
    params:
      `;msg-param-gift-months=1;msg-param-months=1;${ORIGIN}${recipient.id}` +
      `;msg-param-recipient-display-name=${displayName};msg-param-recipient-id=${userId}` +
      `;msg-param-recipient-user-name=${login};msg-param-sender-count=1` +
      `;msg-param-sub-plan-name=Channel\\sSubscription\\s(${room.login});msg-param-sub-plan=1000`,
    systemMessage: `${giver.chatter.displayName} gifted a Tier 1 sub to ${displayName}!`,
  })
}

function raidLine({ random, room, sentMs }: NoticeScene, cast: NoticeCast): string {
  const said = cast.someone(NO_TEXT)
  const { displayName, login } = said.chatter
  const viewers = Math.floor(5 / (1 - random.unit()))
  return noticeLine(room, said, {
    sentMs,
    msgId: 'raid',
    params:
      `;msg-param-displayName=${displayName};msg-param-login=${login}` +
      `;msg-param-profileImageURL=https://static-cdn.jtvnw.net/user-default-pictures-uv/profile_image-70x70.png` +
      `;msg-param-viewerCount=${viewers}`,
    systemMessage: `${viewers} raiders from ${displayName} have joined!`,
  })
}

function announcementLine({ random, room, sentMs }: NoticeScene, cast: NoticeCast): string {
  const color = random.pick(['PRIMARY', 'BLUE', 'GREEN', 'ORANGE', 'PURPLE'])
  return noticeLine(room, cast.someone(cast.text()), {
    sentMs,
    msgId: 'announcement',
    params: `;msg-param-color=${color}`,
    systemMessage: '',
  })
}

function streakLine({ random, room, sentMs }: NoticeScene, cast: NoticeCast): string {
  const said = cast.someone(cast.text())
  const streams = random.pick([3, 5, 7, 10, 15])
  return noticeLine(room, said, {
    sentMs,
    msgId: 'viewermilestone',
    params: `;msg-param-category=watch-streak;msg-param-copoReward=350;msg-param-id=${said.id};msg-param-value=${streams}`,
    systemMessage: `${said.chatter.displayName} watched ${streams} consecutive streams this month and sparked a watch streak!`,
  })
}

interface Plan {
  readonly id: string
  readonly words: string
}

function planOf(random: Random): Plan {
  const draw = random.unit()
  if (draw < 0.4) return { id: 'Prime', words: 'with Prime' }
  if (draw < 0.95) return { id: '1000', words: 'at Tier 1' }
  return { id: '3000', words: 'at Tier 3' }
}

function planTags(room: Room, { id }: Plan): string {
  return `;msg-param-sub-plan-name=Channel\\sSubscription\\s(${room.login});msg-param-sub-plan=${id}`
}
