import type { LogRecord } from '@poglog/log-format'
import { drain } from './count-words-once.ts'
import type { ReadDeps } from './deps.ts'
import { userSources } from './read-user-logs.ts'
import { countStartingOver } from './start-over.ts'
import { SPOKEN_TYPES } from './words-inputs.ts'
import type { TimeRange } from './words-range.ts'

/** Whose messages are counted. Times are sent times, `[fromMs, toMs)`. */
export interface UserCountQuery extends TimeRange {
  readonly userId: string
  readonly signal?: AbortSignal | undefined
}

/** Hands over every record that a user said over all channels, each once and in no order. */
export type Drain = (handle: (record: LogRecord) => void) => Promise<void>

/**
 * Counts what one view of the log has of a user. When a part of it goes away, `count` is called anew (Q1).
 *
 * @throws {HotStoreError} and {ObjectStoreError} when a store is away; asking again helps.
 * @throws {SegmentError} when a segment is damaged, or missing twice: nothing is left out of a count silently.
 * @throws {MovedError} when the log changes faster than it is read; asking again helps.
 * @throws the signal's reason once it is aborted.
 */
export async function drainUser<Result>(
  query: UserCountQuery,
  deps: ReadDeps,
  count: (drained: Drain) => Promise<Result>,
): Promise<Result> {
  const { userId, fromMs, toMs } = query
  const what = { userId, fromMs, toMs, types: SPOKEN_TYPES, order: 'asc' as const }
  return await countStartingOver(query.signal, async (signal) => {
    const sources = await userSources({ ...what, signal }, deps)
    return await count(async (handle) => {
      await drain(sources, handle, deps.limits.openChannelsMax)
    })
  })
}
