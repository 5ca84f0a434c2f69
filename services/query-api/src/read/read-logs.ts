import { RECORD_TYPES } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { withoutHidden } from './hidden.ts'
import { hotRuns } from './hot-runs.ts'
import type { ChannelQuery } from './log-query.ts'
import { mergeRuns } from './merge-runs.ts'
import { isUncovered, neededSegments, segmentRun, userSegments } from './segment-runs.ts'
import { readStartingOver } from './start-over.ts'
import { takeChannelView, takeView } from './view.ts'

type Batches = AsyncGenerator<LogRecord[], void, undefined>

/**
 * Yields a channel's records, hot and cold together, in order and each once.
 *
 * Everything acknowledged before the call is in it, whatever is sealed, compacted, folded or trimmed meanwhile
 * (Q1): one snapshot says which arrivals are in segments and which are hot; when a part of it goes away,
 * reading goes on from a new snapshot behind the last record handed out. What is erased, or kept no longer, is not
 * in it (P1).
 *
 * With a `userId` the by-user segments are read, where there are no more of them than of by-channel ones.
 *
 * @throws {HotStoreError} and {ObjectStoreError} when a store is away; asking again helps.
 * @throws {SegmentError} when a segment is damaged, or missing twice: an answer is never short silently.
 * @throws {MovedError} when the log changes faster than it is read; asking again helps.
 * @throws the signal's reason once it is aborted.
 */
export async function* readLogs(query: ChannelQuery, deps: ReadDeps): Batches {
  const { userId } = query
  // By-user segments have no records of nobody.
  if (userId === undefined || userId === '') {
    yield* readStartingOver(query, (rest) => readChannel(rest, deps))
  } else {
    const ofUser = { ...query, userId }
    yield* readStartingOver(ofUser, (rest) => readUserInChannel(rest, deps))
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

/** One reading of one snapshot: the channel's segments, and what is hot. */
async function* readChannel(query: ChannelQuery, deps: ReadDeps): Batches {
  const { channelId, signal } = query
  signal?.throwIfAborted()
  const { snapshot, hidden } = await takeChannelView(partOf(channelId, deps), deps.hot)
  const shown = withoutHidden(query, hidden)
  const segments = neededSegments(shown, snapshot.segments)
  const hot = await hotRuns(shown, snapshot, deps)
  const cold = segments.map((segment) => segmentRun(segment, shown, deps))
  yield* mergeRuns([...cold, ...hot], shown, deps)
}

/** One reading of one view: a user's segments, those of the channel that they do not cover, and what is hot. */
async function* readUserInChannel(
  query: ChannelQuery & { readonly userId: string },
  deps: ReadDeps,
): Batches {
  const { channelId, userId, signal } = query
  signal?.throwIfAborted()
  const part = partOf(channelId, deps)
  const view = await takeView([part], deps.hot)
  const snapshot = view.snapshots.get(part.shard)
  if (snapshot === undefined) throw new Error(`a view has no shard ${part.shard}`)
  const shown = withoutHidden(query, view.hidden)
  const byChannel = neededSegments(shown, snapshot.segments)
  const byUser = userSegments(shown, view, deps.hot.userShardOf(userId))
  const uncovered = byChannel.filter((segment) => isUncovered(segment))
  const isFewer = byUser.length + uncovered.length <= byChannel.length
  const segments = isFewer ? [...byUser, ...uncovered] : byChannel
  const hot = await hotRuns(shown, snapshot, deps)
  const cold = segments.map((segment) => segmentRun(segment, shown, deps))
  yield* mergeRuns([...cold, ...hot], shown, deps)
}

/** A channel's shard with its first hot page. */
function partOf(channelId: string, { hot, limits }: ReadDeps) {
  return { shard: hot.shardOf(channelId), channelId, maxEntries: limits.firstPageEntries }
}
