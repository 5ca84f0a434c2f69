import type { SegmentEntry, Snapshot } from '@poglog/hot-store'
import { knownKeys } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { withoutHidden } from './hidden.ts'
import { hotRuns } from './hot-runs.ts'
import type { ChannelQuery } from './log-query.ts'
import { mergeRuns } from './merge-runs.ts'
import type { Run } from './run.ts'
import { isCovered, neededSegments, segmentRun } from './segment-runs.ts'

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
  const uncovered = needed.filter((segment) => !isCovered(segment))
  const cold = uncovered.map((segment) => segmentRun(segment, shown, deps))
  const covered = snapshot.segments.filter(
    (segment) => segment.projection === 'by-channel' && isCovered(segment),
  )
  const hot = await hotRuns(shown, snapshot, deps)
  const fresh = hot.map((run) => withoutKnown(run, covered, { query, deps }))
  yield* mergeRuns([...cold, ...fresh], shown, deps)
}

/** A run without the records that covered segments have. */
function withoutKnown(
  run: Run,
  covered: readonly SegmentEntry[],
  { query, deps }: { readonly query: ChannelQuery; readonly deps: ReadDeps },
): Run {
  const near = covered.filter(
    ({ sentMinMs, sentMaxMs }) => sentMinMs <= run.maxMs && sentMaxMs >= run.minMs,
  )
  if (near.length === 0) return run
  return {
    ...run,
    async *open(after) {
      for await (const batch of run.open(after)) {
        const known = await knownOf(batch, near, { query, deps })
        const fresh = known.size === 0 ? batch : batch.filter(({ key }) => !known.has(key))
        if (fresh.length > 0) yield fresh
      }
    },
  }
}

async function knownOf(
  batch: readonly LogRecord[],
  segments: readonly SegmentEntry[],
  { query, deps }: { readonly query: ChannelQuery; readonly deps: ReadDeps },
): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  for (const { key, sizeBytes, sentMinMs, sentMaxMs } of segments) {
    const within = batch.filter(({ sentAtMs }) => sentAtMs >= sentMinMs && sentAtMs <= sentMaxMs)
    if (within.length === 0) continue
    const { footers, cold } = deps
    const source = { store: cold, key, sizeBytes }
    const found = await knownKeys(source, within, { footers, signal: query.signal })
    for (const knownKey of found) known.add(knownKey)
  }
  return known
}
