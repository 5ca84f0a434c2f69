import { readFile } from 'node:fs/promises'
import { generatedChannels, generateLines } from '@poglog/chat-sim'
import { recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { corpusLines } from './corpus-lines.ts'
import type { Scale } from './schemas.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
/** A month that has closed, whenever this runs. */
export const START_MS = Date.UTC(2026, 8, 1)
const CHANNELS = 11
/** The other ten have a twelfth of the first's messages together: 1/2^4 + 1/3^4 + ... */
const SKEW = 4
const ALL_SHARE = Array.from({ length: CHANNELS }, (_, index) => (index + 1) ** -SKEW).reduce(
  (sum, share) => sum + share,
)
const CHATTERS = 100_000
/** From Twitch's clock to Redis, about. */
const DELAY_MS = 50

/** The chat of one hour as records, in the order they came; times of arrival. */
export interface ChatHour {
  readonly startMs: number
  readonly records: readonly LogRecord[]
}

/** Yields chat hour by hour, from {@link START_MS} on; an hour without chat is left out. */
export async function* chatHours(scale: Scale): AsyncGenerator<ChatHour> {
  const endMs = START_MS + scale.days * DAY_MS
  const lines =
    scale.corpus === undefined
      ? generated(scale)
      : corpusLines(await readFile(scale.corpus, 'utf8'), {
          startMs: START_MS,
          messagesPerSecond: (scale.messagesADay / DAY_MS) * 1000,
        })
  let hourMs = START_MS
  let records: LogRecord[] = []
  let arrivalMs = START_MS
  for (const { raw, channelId, sentAtMs } of lines) {
    arrivalMs = Math.max(arrivalMs, (sentAtMs ?? arrivalMs) + DELAY_MS)
    if (arrivalMs >= endMs) break
    if (arrivalMs >= hourMs + HOUR_MS) {
      if (records.length > 0) yield { startMs: hourMs, records }
      records = []
      hourMs = arrivalMs - (arrivalMs % HOUR_MS)
    }
    const record = recordFromLine(raw, { channelId, receivedAtMs: arrivalMs })
    if (record !== undefined) records.push(record)
  }
  if (records.length > 0) yield { startMs: hourMs, records }
}

/** A line, the channel it came in on, and when it was sent where it says so. */
export interface ChatLine {
  readonly raw: string
  readonly channelId: string | undefined
  readonly sentAtMs: number | undefined
}

function* generated({ seed, messagesADay }: Scale): Generator<ChatLine> {
  const channels = new Map(
    generatedChannels({ seed, channels: CHANNELS }).map(({ login, roomId }) => [login, roomId]),
  )
  const settings = { seed, channels: CHANNELS, skew: SKEW, chatters: CHATTERS, startMs: START_MS }
  const messagesPerSecond = ((messagesADay * ALL_SHARE) / DAY_MS) * 1000
  for (const raw of generateLines({ ...settings, messagesPerSecond })) {
    const channelId = channels.get(/ [A-Z]+ #([a-z0-9_]+)/.exec(raw)?.[1] ?? '')
    const sent = /;tmi-sent-ts=(\d+)/.exec(raw)?.[1]
    yield { raw, channelId, sentAtMs: sent === undefined ? undefined : Number(sent) }
  }
}
