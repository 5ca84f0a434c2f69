import { isCounted } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { drainUser } from './drain-user.ts'
import type { UserCountQuery } from './drain-user.ts'
import { StatsSum } from './stats.ts'
import type { Stats } from './stats.ts'

/** What a user said over all channels. `byChannel`: channel id -> messages. */
export interface UserStats extends Stats {
  readonly byChannel: ReadonlyMap<string, number>
}

/**
 * Counts a user's messages over all channels, record by record, in time that grows with the records.
 *
 * Fails as {@link drainUser} does.
 */
export async function userStats(
  query: UserCountQuery & { readonly busiest: number },
  deps: ReadDeps,
): Promise<UserStats> {
  return await drainUser(query, deps, async (drained) => {
    const byChannel = new Map<string, number>()
    const sum = new StatsSum()
    await drained((record) => {
      if (!isCounted(record)) return
      sum.addRecord(record)
      byChannel.set(record.channelId, (byChannel.get(record.channelId) ?? 0) + 1)
    })
    return { ...sum.take(query.busiest), byChannel }
  })
}
