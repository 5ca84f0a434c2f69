import { Counts } from './count-words.ts'
import { drain, someAtOnce } from './count-words-once.ts'
import { channelParts } from './log-parts.ts'
import type { PartFilter } from './log-parts.ts'
import { countStartingOver } from './start-over.ts'
import type { CountDeps } from './words-deps.ts'

/** How many records there are. `byUser`: user id -> records; nobody's are in `total` only. */
export interface RecordCount {
  readonly total: number
  readonly byUser: ReadonlyMap<string, number>
}

/**
 * Counts a channel's records, or those of a user in it, by the columns that tell whose they are; exact as reading them
 * is. Fails as `countOnce` does, and with {@link TooMuchError} when there are more users than the limits allow.
 */
export async function countRecords(
  query: PartFilter & { readonly channelId: string },
  deps: CountDeps,
): Promise<RecordCount> {
  const { usersMax, segmentsOpen } = deps.countLimits
  return await countStartingOver(query.signal, async (signal) => {
    const { cold, hotRecords } = await channelParts({ ...query, signal }, deps)
    const users = new Counts(usersMax, 'users')
    let total = 0
    await someAtOnce(
      cold,
      async (source) => {
        for (const part of await source.open()) {
          const { length, userId } = await part.load()
          for (let place = 0; place < length; place += 1) users.add(userId(place), 1)
          total += length
        }
      },
      segmentsOpen,
    )
    await drain([hotRecords()], (record) => {
      users.add(record.userId, 1)
      total += 1
    })
    users.all.delete('')
    return { total, byUser: users.all }
  })
}
