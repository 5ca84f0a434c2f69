import type { ReadDeps } from './deps.ts'
import { drainUser } from './drain-user.ts'
import type { UserCountQuery } from './drain-user.ts'
import { wordTest } from './count-words.ts'
import type { WordMatch } from './count-words.ts'

export interface UserWordQuery extends UserCountQuery {
  readonly word: string
  readonly match: WordMatch
}

/** How often a user said a word over all channels. `byChannel`: channel id -> count. */
export interface UserWordTally {
  readonly total: number
  readonly byChannel: ReadonlyMap<string, number>
}

/** Counts how often a user said a word, record by record. Fails as {@link drainUser} does. */
export async function countUserWord(query: UserWordQuery, deps: ReadDeps): Promise<UserWordTally> {
  const timesIn = wordTest(query)
  return await drainUser(query, deps, async (drained) => {
    const byChannel = new Map<string, number>()
    let total = 0
    await drained((record) => {
      const count = timesIn(record)
      if (count === 0) return
      total += count
      byChannel.set(record.channelId, (byChannel.get(record.channelId) ?? 0) + count)
    })
    return { total, byChannel }
  })
}
