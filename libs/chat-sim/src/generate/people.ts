import { mix } from '../random.ts'
import { syllable } from './settings.ts'

/** Someone who writes, the same in every channel. */
export interface Chatter {
  readonly index: number
  readonly userId: string
  readonly login: string
  readonly displayName: string
  readonly color: string
  readonly isTurbo: boolean
}

/** What someone is in one channel. */
export interface Member {
  readonly badgeInfo: string
  readonly badges: string
  readonly isMod: boolean
  readonly isSubscriber: boolean
  readonly isVip: boolean
  /** Months of subscription, 0 without one. */
  readonly months: number
}

const COLORS = (
  '#FF0000 #0000FF #008000 #B22222 #FF7F50 #9ACD32 #FF4500 #2E8B57 ' +
  '#DAA520 #D2691E #5F9EA0 #1E90FF #FF69B4 #8A2BE2 #00FF7F'
).split(' ')
const LOCAL_NAMES = ['猫', '星空', '小明', 'ねこ', '하늘', '민수', '龍', 'さくら'] as const
const BADGE_MONTHS = [60, 48, 36, 24, 18, 12, 9, 6, 3, 2] as const
/** Between two neighbours' ids, so that ids grow with the index and no two are equal. */
const ID_STEP = 4001

export function makeChatter(seed: number, index: number): Chatter {
  const bits = mix(seed + 1, index)
  const looks = mix(seed + 2, index)
  const stem = `${syllable(bits)}${syllable(bits >>> 7)}${bits % 5 === 0 ? '_' : ''}`
  const login = `${stem}${index.toString(bits % 3 === 0 ? 36 : 10)}`
  return {
    index,
    userId: String(20_000_000 + index * ID_STEP + (bits % ID_STEP)),
    login,
    displayName: displayNameOf(login, looks),
    color: colorOf(looks),
    isTurbo: looks % 83 === 0,
  }
}

/** What somebody is in a channel: depends on the two alone. */
export function makeMember(seed: number, who: { chatter: number; channel: number }): Member {
  const bits = mix(mix(seed + 3, who.chatter), who.channel)
  const months = bits % 100 < 42 ? 1 + Math.floor(60 * ((bits >>> 8) / 2 ** 24) ** 2.5) : 0
  const isMod = (bits >>> 3) % 131 === 0
  const isVip = !isMod && (bits >>> 5) % 61 === 0
  const badges: string[] = []
  if (isMod) badges.push('moderator/1')
  if (isVip) badges.push('vip/1')
  if (months > 0) badges.push(`subscriber/${BADGE_MONTHS.find((least) => least <= months) ?? 0}`)
  const extra = (bits >>> 11) % 16
  if (extra < 4) badges.push('premium/1')
  else if (extra === 4) badges.push(`bits/${[1, 100, 1000, 5000][(bits >>> 17) % 4] ?? 1}`)
  else if (extra === 5) badges.push(`sub-gifter/${[1, 5, 10, 25][(bits >>> 17) % 4] ?? 1}`)
  else if (extra === 6) badges.push('no_audio/1')
  return {
    badgeInfo: months > 0 ? `subscriber/${months}` : '',
    badges: badges.join(','),
    isMod,
    isSubscriber: months > 0,
    isVip,
    months,
  }
}

function displayNameOf(login: string, looks: number): string {
  if (looks % 41 === 0)
    return `${LOCAL_NAMES[(looks >>> 8) % LOCAL_NAMES.length] ?? ''}${looks % 997}`
  if (looks % 3 === 0) return login
  return login.charAt(0).toUpperCase() + login.slice(1)
}

function colorOf(looks: number): string {
  if (looks % 6 === 0) return ''
  if (looks % 6 < 4) return COLORS[(looks >>> 4) % COLORS.length] ?? ''
  return `#${(looks >>> 8).toString(16).toUpperCase().padStart(6, '0')}`
}
