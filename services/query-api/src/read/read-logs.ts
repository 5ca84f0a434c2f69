import { RECORD_TYPES } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { lookAtChannel } from './channel-look.ts'
import type { ReadDeps } from './deps.ts'
import { hotRuns } from './hot-runs.ts'
import type { ChannelQuery } from './log-query.ts'
import { mergeRuns } from './merge-runs.ts'
import { segmentRun } from './segment-runs.ts'
import { readStartingOver } from './start-over.ts'

type Batches = AsyncGenerator<LogRecord[], void, undefined>

/**
 * Yields a channel's records, hot and cold together, in order and each once.
 *
 * Everything acknowledged before the call is in it, whatever is sealed, compacted, folded or trimmed meanwhile
 * (Q1): one snapshot says which arrivals are in segments and which are hot; when a part of it goes away,
 * reading goes on from a new snapshot behind the last record handed out. What is erased, or kept no longer, is not
 * in it (P1).
 *
 * @throws {HotStoreError} and {ObjectStoreError} when a store is away; asking again helps.
 * @throws {SegmentError} when a segment is damaged, or missing twice: an answer is never short silently.
 * @throws {MovedError} when the log changes faster than it is read; asking again helps.
 * @throws the signal's reason once it is aborted.
 */
export async function* readLogs(query: ChannelQuery, deps: ReadDeps): Batches {
  yield* readStartingOver(query, (rest) => readOnce(rest, deps))
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

/** One reading of one snapshot: the segments, and what is hot. */
async function* readOnce(query: ChannelQuery, deps: ReadDeps): Batches {
  const { shown, snapshot, segments } = await lookAtChannel(query, deps)
  const hot = await hotRuns(shown, snapshot, deps)
  const cold = segments.map((segment) => segmentRun(segment, shown, deps))
  yield* mergeRuns([...cold, ...hot], shown, deps)
}
