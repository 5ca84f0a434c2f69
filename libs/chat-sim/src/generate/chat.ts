import { Random } from '../random.ts'
import { nonce, uuid } from './ids.ts'
import {
  clearChatLine,
  clearMessageLine,
  messageLine,
  roomNoticeLine,
  roomStateLine,
} from './lines.ts'
import type { MessageExtras } from './lines.ts'
import { writeNotice } from './notices.ts'
import { makeChatter, makeMember } from './people.ts'
import type { Chatter, Member } from './people.ts'
import { chooseChatter, openRoom, RECENT_MAX, remember } from './room.ts'
import type { Room, Said } from './room.ts'
import { checkSettings, generatedChannels } from './settings.ts'
import type { GeneratorSettings } from './settings.ts'
import type { MessageText } from './text-builder.ts'
import { writeCheer, writeReply, writeText } from './writer.ts'

/** Lines come a little out of order: each was sent up to that long before its turn. */
export const JITTER_MS = 120
/** People are made up again from the seed when they are forgotten; this bounds the memory, about 60 MB. */
const CACHE_MAX = 100_000
const CHATTERS_PER_CHANNEL = 400
const CHATTERS_MIN = 5000
const CHATTERS_MAX = 100_000
/** What Chatterino appends so that Twitch lets the same text pass twice. */
const SAME_AGAIN = ' \u{E0000}'
const TIMEOUT_SECONDS = [1, 10, 60, 150, 300, 600, 600, 600, 1800, 86_400] as const
const BITS = [1, 1, 10, 50, 100, 100, 200, 500, 1000, 5000] as const

/** How often something else than a plain message happens, as shares that add up. */
const NOTICE_SHARE = 0.004
const CLEAR_CHAT_SHARE = NOTICE_SHARE + 0.006
const CLEAR_MESSAGE_SHARE = CLEAR_CHAT_SHARE + 0.002
const ROOM_CHANGE_SHARE = CLEAR_MESSAGE_SHARE + 0.0004

export interface ChatLine {
  readonly channel: string
  readonly line: string
}

/** Chat over many channels, one line at a time; who writes what where follows from the seed alone. */
export class Chat {
  readonly #seed: number
  readonly #random: Random
  readonly #rooms: readonly [Room, ...Room[]]
  /** `#reach[n]`: how often one of the first n + 1 rooms is chosen, of the last entry. */
  readonly #reach: Float64Array
  readonly #chatterCount: number
  readonly #nonceShare: number
  readonly #chatters = new Map<number, Chatter>()
  readonly #members = new Map<number, Member>()
  #queued: ChatLine[] = []

  /** @throws {ChatSimError} `bad-settings` */
  constructor(settings: Omit<GeneratorSettings, 'startMs'>) {
    checkSettings(settings)
    this.#seed = settings.seed
    this.#random = new Random(settings.storySeed ?? settings.seed)
    this.#rooms = openRooms(settings)
    this.#reach = reachOf(this.#rooms.length, settings.skew ?? 1)
    this.#nonceShare = settings.nonceShare ?? 0.1
    this.#chatterCount = settings.chatters ?? defaultChatters(this.#rooms.length)
  }

  /** The next line, sent at `atMs` or up to {@link JITTER_MS} before. */
  next(atMs: number): ChatLine {
    const queued = this.#queued.pop()
    if (queued !== undefined) return queued
    const room = this.#chooseRoom()
    const draw = this.#random.unit()
    if (draw < ROOM_CHANGE_SHARE && room.recent.length > 0) {
      const line = this.#event(room, draw, atMs)
      return { channel: room.login, line }
    }
    return { channel: room.login, line: this.#message(room, atMs) }
  }

  #event(room: Room, draw: number, atMs: number): string {
    if (draw < NOTICE_SHARE) return this.#notice(room, atMs)
    const target = this.#recent(room)
    if (draw < CLEAR_CHAT_SHARE) {
      const isBan = this.#random.chance(0.08)
      const durationSeconds = isBan ? undefined : this.#random.pick(TIMEOUT_SECONDS)
      const isWholeChat = this.#random.chance(0.01)
      return clearChatLine(room, isWholeChat ? undefined : target, {
        sentMs: atMs,
        durationSeconds,
      })
    }
    if (draw < CLEAR_MESSAGE_SHARE && target !== undefined) {
      return clearMessageLine(room, target, atMs)
    }
    return this.#roomChange(room)
  }

  #notice(room: Room, atMs: number): string {
    const [first = '', ...more] = writeNotice(
      { random: this.#random, room, sentMs: atMs },
      {
        someone: (text) => this.#say(room, text),
        text: () => this.#ownText(room),
      },
    )
    for (const line of more.toReversed()) this.#queued.push({ channel: room.login, line })
    return first
  }

  #roomChange(room: Room): string {
    if (this.#random.chance(0.7)) {
      room.isSlow = !room.isSlow
      const seconds = room.isSlow ? 30 : 0
      const [id, text] = room.isSlow
        ? ['slow_on', 'This room is now in slow mode. You may send messages every 30 seconds.']
        : ['slow_off', 'This room is no longer in slow mode.']
      this.#queued.push({ channel: room.login, line: roomStateLine(room, 'slow', seconds) })
      return roomNoticeLine(room, id, text)
    }
    room.isEmoteOnly = !room.isEmoteOnly
    const [id, text] = room.isEmoteOnly
      ? ['emote_only_on', 'This room is now in emote-only mode.']
      : ['emote_only_off', 'This room is no longer in emote-only mode.']
    const value = room.isEmoteOnly ? 1 : 0
    this.#queued.push({ channel: room.login, line: roomStateLine(room, 'emote-only', value) })
    return roomNoticeLine(room, id, text)
  }

  #message(room: Room, atMs: number): string {
    const random = this.#random
    const sentMs = atMs - random.below(JITTER_MS)
    const plain: MessageExtras = random.chance(this.#nonceShare)
      ? { sentMs, nonce: nonce(random) }
      : { sentMs }
    const draw = random.unit()
    if (draw < 0.03) {
      const replyTo = this.#recent(room)
      if (replyTo !== undefined) {
        const text = writeReply(random, topicOf(room, replyTo), replyTo.chatter.displayName)
        return this.#sayLine(room, text, { ...plain, replyTo })
      }
    }
    if (draw > 0.996) {
      const bits = random.pick(BITS)
      return this.#sayLine(room, writeCheer(random, bits), { ...plain, bits })
    }
    const text = this.#copiedText(room) ?? this.#ownText(room)
    if (draw > 0.982) return this.#sayLine(room, text, { ...plain, ...oddity(random, draw) })
    return this.#sayLine(room, text, plain)
  }

  /** In shared chat the line goes to both rooms: a message of its own in each. */
  #sayLine(room: Room, text: MessageText, extras: MessageExtras): string {
    const said = this.#say(room, text)
    const partner = this.#partnerOf(room)
    if (partner === undefined) return messageLine(room, said, extras)
    const shared = { ...extras, source: { said, roomId: room.roomId } }
    const copy: Said = {
      ...said,
      id: uuid(this.#random),
      member: this.#memberOf(said.chatter.index, partner.index),
    }
    this.#queued.push({ channel: partner.login, line: messageLine(partner, copy, shared) })
    return messageLine(room, said, shared)
  }

  /** Every tenth room streams together with the next one for a fifth of its messages. */
  #partnerOf(room: Room): Room | undefined {
    const isSharing = room.index % 10 === 4 && Math.floor(room.messages / 200) % 5 === 0
    return isSharing ? this.#rooms[room.index + 1] : undefined
  }

  #say(room: Room, text: MessageText): Said {
    const index = chooseChatter(room, this.#random.unit(), this.#chatterCount)
    const said: Said = {
      id: uuid(this.#random),
      chatter: this.#chatterOf(index),
      member: this.#memberOf(index, room.index),
      text,
    }
    if (text.text !== '') remember(room, said)
    return said
  }

  #ownText(room: Room): MessageText {
    return writeText(this.#random, topicOf(room, this.#recent(room)))
  }

  /** What others just wrote is written again: a third of chat. */
  #copiedText(room: Room): MessageText | undefined {
    if (!this.#random.chance(0.34)) return undefined
    const text = this.#recent(room)?.text
    if (text === undefined || !this.#random.chance(0.05) || text.text.endsWith(SAME_AGAIN))
      return text
    return { ...text, text: text.text + SAME_AGAIN }
  }

  #recent(room: Room): Said | undefined {
    return room.recent[this.#random.below(Math.min(RECENT_MAX, room.recent.length))]
  }

  #chooseRoom(): Room {
    const target = this.#random.unit() * (this.#reach.at(-1) ?? 0)
    let low = 0
    let high = this.#reach.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#reach[middle] ?? 0) > target) high = middle
      else low = middle + 1
    }
    return this.#rooms[low] ?? this.#rooms[0]
  }

  #chatterOf(index: number): Chatter {
    return cached(this.#chatters, index, () => makeChatter(this.#seed, index))
  }

  #memberOf(chatter: number, channel: number): Member {
    const key = chatter * this.#rooms.length + channel
    return cached(this.#members, key, () => makeMember(this.#seed, { chatter, channel }))
  }
}

function defaultChatters(channels: number): number {
  return Math.min(CHATTERS_MAX, Math.max(CHATTERS_MIN, channels * CHATTERS_PER_CHANNEL))
}

function cached<T>(cache: Map<number, T>, key: number, make: () => T): T {
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= CACHE_MAX) cache.clear()
  const made = make()
  cache.set(key, made)
  return made
}

function topicOf(room: Room, addressee: Said | undefined): Parameters<typeof writeText>[1] {
  return { emotes: room.emotes, addressee: addressee?.chatter.displayName }
}

function oddity(random: Random, draw: number): Partial<MessageExtras> {
  if (draw < 0.987) return { isAction: true }
  if (draw < 0.99) return { isFirst: true }
  if (draw < 0.992) return { isReturning: true }
  return { flags: `0-${random.between(2, 6)}:${random.pick(['P.5', 'A.6', 'S.5', 'I.3'])}` }
}

function openRooms(settings: Pick<GeneratorSettings, 'seed' | 'channels'>): [Room, ...Room[]] {
  const channels = generatedChannels(settings)
  const [first, ...rest] = channels.map((channel, index) => openRoom(settings.seed, channel, index))
  if (first === undefined) throw new Error('there is at least one channel')
  return [first, ...rest]
}

function reachOf(count: number, skew: number): Float64Array {
  const reach = new Float64Array(count)
  let sum = 0
  for (let index = 0; index < count; index++) reach[index] = sum += (index + 1) ** -skew
  return reach
}
