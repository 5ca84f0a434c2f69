import { mix } from '../random.ts'
import { ChatSimError } from '../errors.ts'
import { SYLLABLES } from './vocabulary.ts'

/** What decides every line: the same settings give the same lines on every machine. */
export interface GeneratorSettings {
  /** Any 32-bit integer. */
  readonly seed: number
  /** Decides what is written and its ids, while channels and people stay those of `seed` (default `seed`). */
  readonly storySeed?: number | undefined
  /** How many channels (1 to 100,000), named by the seed, or their logins, busiest first. */
  readonly channels: number | readonly string[]
  /** The time of the first line, in milliseconds since the Unix epoch. */
  readonly startMs: number
  /** Over all channels, on average; above 0. */
  readonly messagesPerSecond: number
  /** Stops after so many lines (default: never). */
  readonly lines?: number | undefined
  /** How unequal the channels are: the n-th gets `1 / n^skew` of the first's messages (default 1). */
  readonly skew?: number | undefined
  /** How many people there are over all channels (default 400 a channel, 5,000 to 100,000). Most write in several. */
  readonly chatters?: number | undefined
  /** Share of messages that carry a `client-nonce`, 16 random bytes no compression gets rid of (default 0.1; it was 0 in 2019 and 0.74 in one channel in 2024). */
  readonly nonceShare?: number | undefined
}

export interface GeneratedChannel {
  readonly login: string
  readonly roomId: string
}

const CHANNELS_MAX = 100_000
const LOGIN = /^[a-z0-9_]{1,25}$/

/**
 * The channels chat is made up for, busiest first, so that a client can join them before the first line.
 *
 * @throws {ChatSimError} `bad-settings`
 */
export function generatedChannels(
  settings: Pick<GeneratorSettings, 'seed' | 'channels'>,
): GeneratedChannel[] {
  const { seed, channels } = settings
  const logins =
    typeof channels === 'number'
      ? Array.from({ length: checkedCount(channels) }, (_, index) => channelLogin(seed, index))
      : channels
  const wrong = logins.find((login) => !LOGIN.test(login))
  if (wrong !== undefined || logins.length === 0) {
    throw new ChatSimError('bad-settings', `channels: not a login: ${JSON.stringify(wrong ?? '')}`)
  }
  return logins.map((login, index) => ({ login, roomId: roomId(seed, index) }))
}

/** @throws {ChatSimError} `bad-settings` */
export function checkSettings(settings: Omit<GeneratorSettings, 'startMs'>): void {
  const limits: [string, number | undefined, number, number][] = [
    ['messagesPerSecond', settings.messagesPerSecond, Number.MIN_VALUE, 10_000_000],
    ['skew', settings.skew, 0, 10],
    ['chatters', settings.chatters, 1, 10_000_000],
    ['nonceShare', settings.nonceShare, 0, 1],
    ['seed', settings.seed, -(2 ** 31), 2 ** 32 - 1],
    ['storySeed', settings.storySeed, -(2 ** 31), 2 ** 32 - 1],
  ]
  for (const [name, value, least, most] of limits) {
    if (value === undefined || (value >= least && value <= most)) continue
    throw new ChatSimError('bad-settings', `${name} must be ${least} to ${most}, not ${value}`)
  }
}

function checkedCount(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= CHANNELS_MAX) return count
  throw new ChatSimError('bad-settings', `channels must be 1 to ${CHANNELS_MAX}, not ${count}`)
}

function channelLogin(seed: number, index: number): string {
  const bits = mix(seed + 77, index)
  return `${syllable(bits)}${syllable(bits >>> 8)}${syllable(bits >>> 16)}${index === 0 ? '' : index}`
}

/** Ids grow with the index, so that no two are equal. */
function roomId(seed: number, index: number): string {
  return String(22_000_000 + index * 6007 + (mix(seed + 78, index) % 6007))
}

export function syllable(bits: number): string {
  return SYLLABLES[(bits & 0xffff) % SYLLABLES.length] ?? ''
}
