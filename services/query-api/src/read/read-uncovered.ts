import type { Snapshot } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { withoutHidden } from './hidden.ts'
import { hotRuns } from './hot-runs.ts'
import type { ChannelQuery } from './log-query.ts'
import { mergeRuns } from './merge-runs.ts'
import { isCovered, isUncovered, neededSegments, segmentRun } from './segment-runs.ts'
import { withoutKnown } from './without-known.ts'

/**
 * Yields the records of a channel that no words segment and no by-user segment counts yet, in order and each once:
 * those of uncovered segments, and what is hot.
 *
 * A hot record that a covered segment has already (a replay that came after the append script forgot it) is left
 * out, so that counts that are added to those of covered segments are exact. Who is erased is left out too; what a
 * channel's retention leaves out is for the caller to cut off the range.
 *
 * @param snapshot of the channel's shard, with the channel's first page.
 * @throws {MovedError} when a trim has passed the snapshot, and {SegmentError} `missing` when a segment of it is gone:
 *   take a new one and begin anew, with everything that was counted by the old one.
 */
export async function* readUncovered(
  query: ChannelQuery,
  snapshot: Snapshot,
  deps: ReadDeps,
): AsyncGenerator<LogRecord[], void, undefined> {
  query.signal?.throwIfAborted()
  const shown = withoutHidden(query, { erased: snapshot.erased, keptFromMs: new Map() })
  const needed = neededSegments(shown, snapshot.segments)
  const uncovered = needed.filter((segment) => isUncovered(segment))
  const cold = uncovered.map((segment) => segmentRun(segment, shown, deps))
  const covered = snapshot.segments.filter((segment) => isCovered(segment))
  const hot = await hotRuns(shown, snapshot, deps)
  const fresh = hot.map((run) => withoutKnown(run, covered, { ...deps, signal: query.signal }))
  yield* mergeRuns([...cold, ...fresh], shown, deps)
}
