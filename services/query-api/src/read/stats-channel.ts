import { isCounted } from '@poglog/log-format'
import type { LogRecord, Order } from '@poglog/log-format'
import { Counts } from './count-words.ts'
import { countOnce } from './count-words-once.ts'
import { StatsSum } from './stats.ts'
import type { Stats } from './stats.ts'
import { sumMessages } from './sum-messages.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountInputs, CountQuery } from './words-inputs.ts'
import { HOUR_MS } from './periods.ts'

/** What was said in a channel. `byUser`: user id -> messages. */
export interface ChannelStats extends Stats {
  readonly byUser: ReadonlyMap<string, number>
}

/**
 * Counts a channel's messages as {@link sumMessages} does. Only the hours of the first and of the last message are
 * looked at record by record.
 *
 * Fails as {@link countOnce} does, and with {@link TooMuchError} when there is more than the limits allow.
 */
export async function channelStats(
  query: CountQuery & { readonly busiest: number },
  deps: CountDeps,
): Promise<ChannelStats> {
  return await countOnce(query, deps, async (inputs) => {
    const byUser = new Counts(deps.countLimits.usersMax, 'chatters')
    const sum = new StatsSum()
    await sumMessages(inputs, deps, { sum, byUser })
    byUser.all.delete('')
    await findEnd(sum, inputs, 'asc')
    await findEnd(sum, inputs, 'desc')
    return { ...sum.take(query.busiest), byUser: byUser.all }
  })
}

/** Finds when the first (or last) message of the first (or last) hour was sent, where counts only tell the hour. */
async function findEnd(sum: StatsSum, { covered }: CountInputs, order: Order): Promise<void> {
  const hourMs = order === 'asc' ? sum.firstHourMs : sum.lastHourMs
  if (hourMs === undefined) return
  const sources = covered({ fromMs: hourMs, toMs: hourMs + HOUR_MS }, order)
  const found = await Promise.all(sources.map((source) => firstMessage(source)))
  for (const record of found) if (record !== undefined) sum.widen(record.sentAtMs)
}

async function firstMessage(source: AsyncIterable<LogRecord[]>): Promise<LogRecord | undefined> {
  for await (const batch of source) {
    const record = batch.find(isCounted)
    if (record !== undefined) return record
  }
  return undefined
}
