import { isCounted } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { readUserLogs } from './read-user-logs.ts'
import { ActivitySum } from './stats.ts'
import type { Activity } from './stats.ts'
import { SPOKEN_TYPES } from './words-inputs.ts'
import type { TimeRange } from './words-range.ts'

/** Whose messages are counted. Times are sent times, `[fromMs, toMs)`. */
export interface UserCountQuery extends TimeRange {
  readonly userId: string
  readonly signal?: AbortSignal | undefined
}

/** A user's activity over all channels. `byChannel`: channel id -> messages. */
export interface UserStats extends Activity {
  readonly byChannel: ReadonlyMap<string, number>
}

/** Counts a user's messages over all channels, record by record. Fails as {@link readUserLogs} does. */
export async function userStats(
  query: UserCountQuery & { readonly busiest: number },
  deps: ReadDeps,
): Promise<UserStats> {
  const byChannel = new Map<string, number>()
  const sum = new ActivitySum()
  const { userId, fromMs, toMs, signal, busiest } = query
  const wanted = { userId, fromMs, toMs, signal, types: SPOKEN_TYPES, order: 'asc' as const }
  for await (const batch of readUserLogs(wanted, deps)) {
    for (const record of batch) {
      if (!isCounted(record)) continue
      sum.addRecord(record)
      byChannel.set(record.channelId, (byChannel.get(record.channelId) ?? 0) + 1)
    }
  }
  return { ...sum.take(busiest), byChannel }
}
