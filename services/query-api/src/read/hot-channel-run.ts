import type { HotPage, Snapshot } from '@poglog/hot-store'
import type { LogRecord, Position } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { hotRuns } from './hot-runs.ts'
import type { ChannelQuery } from './log-query.ts'
import { mergeRuns } from './merge-runs.ts'
import type { Run } from './run.ts'
import { TrimmedError } from './start-over.ts'
import { lastIdBefore } from './stream-id.ts'

/**
 * What is hot of a channel as one run, from the boundary of a snapshot that was taken without the channel's page:
 * from that of a later one, what was sealed between the two would be in neither.
 *
 * Nothing is read before the run is opened. Its sent times are not known: hot records lie in order of arrival.
 */
export function hotChannelRun(query: ChannelQuery, snapshot: Snapshot, deps: ReadDeps): Run {
  async function* open(after: Position | undefined): AsyncGenerator<LogRecord[]> {
    // A range of arrivals that begins later has its own first page.
    const isLater = (query.arrival?.fromMs ?? 0) > snapshot.state.boundaryMs
    const page = isLater ? snapshot.page : await firstPage(query, snapshot, deps)
    const rest = { ...query, after, limit: undefined }
    const runs = await hotRuns(rest, { ...snapshot, page }, deps)
    // With a limit, only so many pages are opened as it takes: the caller stops.
    yield* mergeRuns(runs, rest, deps)
  }
  const { NEGATIVE_INFINITY: minMs, POSITIVE_INFINITY: maxMs } = Number
  return { minMs, maxMs, isSorted: true, open }
}

/** @throws {TrimmedError} when a seal and a trim have passed the snapshot. */
async function firstPage(
  { channelId, signal }: ChannelQuery,
  { state }: Snapshot,
  { hot, limits }: ReadDeps,
): Promise<HotPage> {
  signal?.throwIfAborted()
  const { shard, boundaryMs } = state
  const maxEntries = limits.firstPageEntries
  const now = await hot.snapshot({ shard, channelId, maxEntries })
  if (now.state.boundaryMs === boundaryMs) return now.page
  // Sealed since; before the trim everything is still there.
  const afterId = lastIdBefore(boundaryMs)
  const page = await hot.readPage({ shard, channelId, afterId, maxEntries })
  if (page === 'retry') throw new TrimmedError('hot records were trimmed before they were read')
  return page
}
