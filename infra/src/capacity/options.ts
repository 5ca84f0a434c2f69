import { Problem } from '../problem.ts'
import { ASSUMED, PRICES, WHOLE_TWITCH } from './facts.ts'
import type { Load } from './model.ts'

const SHARDS_MAX = 1024
const REPLICATION_MAX = 3
const NUMBER_MAX = 1e12

/** What the command line says, as it came. */
export interface CapacityOptions {
  readonly messagesPerSecond: string
  readonly channels: string
  readonly shards: string
  readonly replication: string
  readonly peakFactor: string
  readonly retentionHoursHot?: string | undefined
  readonly queriesPerSecond: string
  readonly joinMinutes: string
  readonly outageHours: string
  readonly usersPerDay?: string | undefined
  readonly monthsKept: string
  readonly pricePut: string
  readonly priceGet: string
  readonly priceGbMonth: string
  readonly priceCoreHour: string
  readonly priceMemoryGbHour: string
  readonly json?: true | undefined
}

/** What an option is when it is not given, as commander shows it. */
export const DEFAULTS = {
  shards: '16',
  replication: '2',
  peakFactor: `${ASSUMED.peakFactor}`,
  queriesPerSecond: `${ASSUMED.queriesPerSecond}`,
  joinMinutes: `${ASSUMED.joinMinutes}`,
  outageHours: `${ASSUMED.outageHours}`,
  monthsKept: '12',
  pricePut: `${PRICES.putPer1000}`,
  priceGet: `${PRICES.getPer1000}`,
  priceGbMonth: `${PRICES.gbMonth}`,
  priceCoreHour: `${PRICES.coreHour}`,
  priceMemoryGbHour: `${PRICES.memoryGbHour}`,
} as const

/** The options for whole Twitch, each channel received by two replicas. */
export const WHOLE_TWITCH_OPTIONS: CapacityOptions = {
  ...DEFAULTS,
  messagesPerSecond: `${WHOLE_TWITCH.messagesPerSecond}`,
  channels: `${WHOLE_TWITCH.channels}`,
}

/** @throws {Problem} when an option is no number, or out of its range. */
export function loadOf(options: CapacityOptions): Load {
  const messagesPerSecond = positive('--messages-per-second', options.messagesPerSecond)
  const { retentionHoursHot, usersPerDay } = options
  return {
    messagesPerSecond,
    channels: whole('--channels', options.channels, NUMBER_MAX),
    shards: whole('--shards', options.shards, SHARDS_MAX),
    replication: whole('--replication', options.replication, REPLICATION_MAX),
    peakFactor: positive('--peak-factor', options.peakFactor),
    retentionHoursHot:
      retentionHoursHot === undefined
        ? undefined
        : positive('--retention-hours-hot', retentionHoursHot),
    queriesPerSecond: positive('--queries-per-second', options.queriesPerSecond),
    joinMinutes: positive('--join-minutes', options.joinMinutes),
    outageHours: positive('--outage-hours', options.outageHours),
    usersPerDay:
      usersPerDay === undefined
        ? messagesPerSecond * ASSUMED.usersPerDay
        : positive('--users-per-day', usersPerDay),
    monthsKept: positive('--months-kept', options.monthsKept),
    prices: {
      putPer1000: price('--price-put', options.pricePut),
      getPer1000: price('--price-get', options.priceGet),
      gbMonth: price('--price-gb-month', options.priceGbMonth),
      coreHour: price('--price-core-hour', options.priceCoreHour),
      memoryGbHour: price('--price-memory-gb-hour', options.priceMemoryGbHour),
    },
  }
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value
  throw new Problem(`${name}: "${text}" is no whole number from 1 to ${max}`)
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (value > 0 && value <= NUMBER_MAX) return value
  throw new Problem(`${name}: "${text}" is no number above 0`)
}

function price(name: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value <= NUMBER_MAX) return value
  throw new Problem(`${name}: "${text}" is no price in dollars`)
}
