import { mergeRecords, RECORD_TYPES } from '@poglog/log-format'
import type { LogRecord, Position } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { hotRuns } from './hot-runs.ts'
import type { ChannelQuery } from './log-query.ts'
import { readInRounds } from './rounds.ts'
import { lanesOf, readLane } from './run.ts'
import type { Run } from './run.ts'
import { segmentRuns } from './segment-runs.ts'
import { StartOvers } from './start-over.ts'

/**
 * Yields a channel's records, hot and cold together, in order and each once.
 *
 * Everything acknowledged before the call is in it, whatever is sealed, compacted or trimmed meanwhile
 * (Q1): one snapshot says which arrivals are in segments and which are hot; when a part of it goes away,
 * reading goes on from a new snapshot behind the last record handed out.
 *
 * @throws {HotStoreError} and {ObjectStoreError} when a store is away; asking again helps.
 * @throws {SegmentError} when a segment is damaged, or missing twice: an answer is never short silently.
 * @throws the signal's reason once it is aborted.
 */
export async function* readLogs(
  query: ChannelQuery,
  deps: ReadDeps,
): AsyncGenerator<LogRecord[], void, undefined> {
  const startOvers = new StartOvers()
  let left = query.limit ?? Number.POSITIVE_INFINITY
  let after: Position | undefined = query.after
  for (;;) {
    try {
      const limit = query.limit === undefined ? undefined : left
      for await (const batch of readSnapshot({ ...query, after, limit }, deps)) {
        const records = batch.length > left ? batch.slice(0, left) : batch
        left -= records.length
        after = records.at(-1) ?? after
        yield records
        if (left === 0) return
      }
      return
    } catch (error) {
      if (!startOvers.allows(error, after)) throw error
    }
  }
}

/** Whether a channel has any record, of whichever type and time. Fails as {@link readLogs} does. */
export async function hasRecords(
  channelId: string,
  deps: ReadDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const range = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
  const types = new Set(RECORD_TYPES)
  const query = { ...range, channelId, types, order: 'desc', limit: 1, signal } as const
  for await (const batch of readLogs(query, deps)) if (batch.length > 0) return true
  return false
}

/** One reading of one snapshot. */
async function* readSnapshot(
  query: ChannelQuery,
  deps: ReadDeps,
): AsyncGenerator<LogRecord[], void, undefined> {
  const { channelId, order, signal } = query
  signal?.throwIfAborted()
  const shard = deps.hot.shardOf(channelId)
  const maxEntries = deps.limits.firstPageEntries
  const snapshot = await deps.hot.snapshot({ shard, channelId, maxEntries })
  const hot = await hotRuns(query, snapshot, deps)
  const runs = [...segmentRuns(query, snapshot.segments, deps), ...hot]
  const count = { duplicates: 0 }
  try {
    for await (const batch of mergeRecords(sourcesOf(runs, query, deps), order, count)) {
      signal?.throwIfAborted()
      yield batch
    }
  } finally {
    if (count.duplicates > 0) deps.onEqualKeys(count.duplicates)
  }
}

/** One source a lane; where there would be too many lanes to be open at once, one source in rounds. */
function sourcesOf(
  runs: readonly Run[],
  { order, after, limit, signal }: ChannelQuery,
  { onEqualKeys, limits }: ReadDeps,
): AsyncIterable<LogRecord[]>[] {
  const lanes = lanesOf(runs, order)
  if (lanes.length <= limits.openRunsMax) {
    return lanes.map((lane) => readLane(lane, after, limit))
  }
  const size = Math.min(limit ?? limits.roundRecords, limits.roundRecords)
  return [readInRounds(runs, after, { order, size, limit, onEqualKeys, signal })]
}
