import { sumWord, isCounted } from '@poglog/log-format'
import type { LogRecord, Order } from '@poglog/log-format'
import { Counts } from './count-words.ts'
import { countOnce, drain, someAtOnce } from './count-words-once.ts'
import { ActivitySum } from './stats.ts'
import type { Activity } from './stats.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountInputs, CountQuery } from './words-inputs.ts'
import { HOUR_MS } from './periods.ts'

/** A channel's activity. `byUser`: user id -> messages. */
export interface ChannelStats extends Activity {
  readonly byUser: ReadonlyMap<string, number>
}

/**
 * Counts a channel's messages by the counts that are kept of them, and by the records that these do not hold; exact as
 * `countWord` is. Only the hours of the first and of the last message are looked at record by record.
 *
 * Fails as {@link countOnce} does, and with {@link TooMuchError} when there is more than the limits allow.
 */
export async function channelStats(
  query: CountQuery & { readonly busiest: number },
  deps: CountDeps,
): Promise<ChannelStats> {
  return await countOnce(query, deps, async (inputs) => {
    const byUser = new Counts(deps.countLimits.usersMax, 'chatters')
    const sum = new ActivitySum()
    const hours = new Map<number, number>()
    const messages = { ...inputs.wanted, word: '' }
    await someAtOnce(inputs.counted, async (source) => {
      const { footers } = deps
      await sumWord(source, messages, { footers, totals: { users: byUser.all, hours } })
      byUser.check()
    })
    for (const [hourMs, count] of hours) sum.addHour(hourMs, count)
    await drain(inputs.records(), (record) => {
      if (!isCounted(record)) return
      sum.addRecord(record)
      byUser.add(record.userId, 1)
    })
    byUser.all.delete('')
    await findEnd(sum, inputs, 'asc')
    await findEnd(sum, inputs, 'desc')
    return { ...sum.take(query.busiest), byUser: byUser.all }
  })
}

/** Finds when the first (or last) message of the first (or last) hour was sent, where counts only tell the hour. */
async function findEnd(sum: ActivitySum, { covered }: CountInputs, order: Order): Promise<void> {
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
