import type { ReadDeps } from './deps.ts'
import { readUserLogs } from './read-user-logs.ts'
import { wordTest } from './count-words.ts'
import type { WordMatch } from './count-words.ts'
import type { UserCountQuery } from './stats-user.ts'
import { SPOKEN_TYPES } from './words-inputs.ts'

export interface UserWordQuery extends UserCountQuery {
  readonly word: string
  readonly match: WordMatch
}

/** How often a user said a word over all channels. `byChannel`: channel id -> count. */
export interface UserWordTally {
  readonly total: number
  readonly byChannel: ReadonlyMap<string, number>
}

/** Counts how often a user said a word, record by record. Fails as {@link readUserLogs} does. */
export async function countUserWord(query: UserWordQuery, deps: ReadDeps): Promise<UserWordTally> {
  const { userId, fromMs, toMs, signal } = query
  const timesIn = wordTest(query)
  const byChannel = new Map<string, number>()
  let total = 0
  const wanted = { userId, fromMs, toMs, signal, types: SPOKEN_TYPES, order: 'asc' as const }
  for await (const batch of readUserLogs(wanted, deps)) {
    for (const record of batch) {
      const count = timesIn(record)
      if (count === 0) continue
      total += count
      byChannel.set(record.channelId, (byChannel.get(record.channelId) ?? 0) + count)
    }
  }
  return { total, byChannel }
}
