import { mix } from '../random.ts'
import type { Chatter, Member } from './people.ts'
import { syllable } from './settings.ts'
import type { GeneratedChannel } from './settings.ts'
import type { MessageText } from './text-builder.ts'
import { nonEmpty, toWord } from './vocabulary.ts'
import type { Emote, NonEmpty } from './vocabulary.ts'

/** What was said lately, to be copied, answered or deleted. */
export const RECENT_MAX = 16
const ROOM_EMOTES = 18
/** The regulars of a channel, busiest first by the square of a random number. */
const REGULARS_MAX = 1500
const PASSING_SHARE = 0.1
/** How many messages somebody who passes by leaves, about. */
const PASSING_MESSAGES = 3

export interface Said {
  readonly id: string
  readonly chatter: Chatter
  readonly member: Member
  readonly text: MessageText
}

/** A channel and what is going on in it. */
export interface Room {
  readonly index: number
  readonly login: string
  readonly roomId: string
  readonly emotes: NonEmpty<Emote>
  /** The last {@link RECENT_MAX} messages, as a ring. */
  readonly recent: Said[]
  messages: number
  isSlow: boolean
  isEmoteOnly: boolean
}

export function openRoom(seed: number, channel: GeneratedChannel, index: number): Room {
  return {
    ...channel,
    index,
    emotes: roomEmotes(seed, channel.login),
    recent: [],
    messages: 0,
    isSlow: false,
    isEmoteOnly: false,
  }
}

/** Keeps what was said in place of the oldest. */
export function remember(room: Room, said: Said): void {
  room.recent[room.messages % RECENT_MAX] = said
  room.messages++
}

/** Who writes next, as an index into all chatters: mostly a regular, now and then someone who passes by. */
export function chooseChatter(room: Room, unit: number, chatters: number): number {
  const place = mix(room.index + 1, 0)
  if (unit < PASSING_SHARE) {
    const visit = Math.floor((room.messages * PASSING_SHARE) / PASSING_MESSAGES)
    return mix(place, REGULARS_MAX + visit) % chatters
  }
  const regulars = Math.min(REGULARS_MAX, chatters)
  const rank = Math.floor(regulars * ((unit - PASSING_SHARE) / (1 - PASSING_SHARE)) ** 2)
  // Squared again: who writes much here is likely to write elsewhere, too.
  return Math.floor(chatters * (mix(place, rank) / 2 ** 32) ** 2)
}

function roomEmotes(seed: number, login: string): NonEmpty<Emote> {
  const prefix = login.slice(0, 5)
  const emotes = Array.from({ length: ROOM_EMOTES }, (_, index) => {
    const bits = mix(seed + index, login.length + login.charCodeAt(0) * 31 + login.charCodeAt(1))
    const name = syllable(bits)
    const word = toWord(`${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}${index}`)
    const hex = [1, 2, 3, 4].map((part) => mix(bits, part).toString(16).padStart(8, '0')).join('')
    return {
      ...word,
      id: index % 3 === 0 ? String(300_000_000 + (bits % 7_000_000)) : `emotesv2_${hex}`,
    }
  })
  return nonEmpty(emotes)
}
