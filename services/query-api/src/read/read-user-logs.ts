import type { LogRecord, Position } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { placesIn } from './log-query.ts'
import type { LogFilter } from './log-query.ts'
import { readLogs } from './read-logs.ts'
import { batchesOf, fillFrom } from './rounds.ts'
import { Selection } from './selection.ts'
import { userChannels } from './user-channels.ts'
import type { ActiveDays } from './user-channels.ts'

/** The records of one user, in one channel or in all of them. */
export interface UserQuery extends LogFilter {
  readonly userId: string
  readonly channelId?: string | undefined
}

/**
 * Yields a user's records over all channels, in order and each once.
 *
 * The channels come from the sets the append script keeps, which claim too much at times and never too
 * little. A user can have been in hundreds of them, so they are not all open at once: rounds go over the
 * channels, a few at a time, each round keeping the first records beyond the last one handed out.
 *
 * Fails as {@link readLogs} does.
 */
export async function* readUserLogs(
  query: UserQuery,
  deps: ReadDeps,
): AsyncGenerator<LogRecord[], void, undefined> {
  const { channelId } = query
  if (channelId !== undefined) {
    yield* readLogs({ ...query, channelId }, deps)
    return
  }
  const channels = await userChannels(query, deps.hot)
  const [only] = channels
  if (only !== undefined && channels.size === 1) {
    const [onlyId, activeDays] = only
    yield* readLogs({ ...query, channelId: onlyId, activeDays }, deps)
    return
  }
  let left = query.limit ?? Number.POSITIVE_INFINITY
  let after = query.after
  for (;;) {
    const limit = Math.min(left, deps.limits.roundRecords)
    const selection = await readRound(channels, { ...query, after, limit }, deps)
    const records = selection.take()
    after = records.at(-1)
    left -= records.length
    yield* batchesOf(records)
    if (!selection.hasDropped || after === undefined || left <= 0) return
  }
}

/** The first `limit` records of all channels beyond `after`. */
async function readRound(
  channels: ReadonlyMap<string, ActiveDays>,
  query: UserQuery & { readonly after: Position | undefined; readonly limit: number },
  deps: ReadDeps,
): Promise<Selection> {
  const { order, after, limit } = query
  const { onEqualKeys } = deps
  const selection = new Selection({ size: limit, compare: placesIn(order), onEqualKeys })
  const waiting = channels.entries()
  const work = async (): Promise<void> => {
    for (const [channelId, activeDays] of waiting) {
      query.signal?.throwIfAborted()
      // One more than is kept: then the selection knows that there is more.
      const channelQuery = { ...query, channelId, activeDays, limit: limit + 1 }
      const run = { isSorted: true, open: () => readLogs(channelQuery, deps) }
      await fillFrom(run, selection, { after, order })
    }
  }
  await Promise.all(Array.from({ length: deps.limits.openChannelsMax }, work))
  return selection
}
