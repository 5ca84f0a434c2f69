import type { SegmentEntry } from '@poglog/hot-store'
import { plainRecord, readSegment } from '@poglog/log-format'
import type { LogRecord, Position } from '@poglog/log-format'
import { RECEIVED_APART_MS_MAX } from '../limits.ts'
import type { ReadDeps } from './deps.ts'
import { isRangeWanted, isSeenWanted, recordTest } from './log-query.ts'
import type { LogFilter } from './log-query.ts'
import type { Run } from './run.ts'
import type { View } from './view.ts'

/** Records of a segment share the memory of their batch; fewer than one in so many are copied out of it. */
const FEW_OF = 8

/** What to read of a segment: of one channel, or of all of them, one after the other. */
export type SegmentFilter = LogFilter & { readonly channelId?: string | undefined }

/** A segment as a run. Without a channel its records are sorted within each channel only. */
export function segmentRun(segment: SegmentEntry, query: SegmentFilter, deps: ReadDeps): Run {
  return {
    minMs: segment.sentMinMs,
    maxMs: segment.sentMaxMs,
    isSorted: query.channelId !== undefined,
    open: (after) => openSegment(segment, { ...query, after }, deps),
  }
}

/** The by-channel segments that can hold records of the query, by what the manifest says of them. */
export function neededSegments(
  query: LogFilter,
  segments: readonly SegmentEntry[],
): SegmentEntry[] {
  return segments.filter(
    (segment) => segment.projection === 'by-channel' && isInRange(segment, query),
  )
}

/** Whether it is a by-channel segment whose records by-user segments and word counts hold too. */
export function isCovered({ projection, level }: SegmentEntry): boolean {
  return projection === 'by-channel' && level !== 'hour'
}

/** Whether it is a by-channel segment whose records no by-user segment and no word count holds yet. */
export function isUncovered({ projection, level }: SegmentEntry): boolean {
  return projection === 'by-channel' && level === 'hour'
}

/**
 * The by-user segments that can hold a user's records: folds, and the runs of the view's shards that no fold has
 * absorbed. Together they hold what the covered by-channel segments hold of the user.
 */
export function userSegments(
  query: LogFilter & { readonly userId: string },
  { users, snapshots }: View,
  userShard: number,
): SegmentEntry[] {
  const found = users.folds.filter((fold) => isOfUser(fold, userShard) && isInRange(fold, query))
  for (const [shard, { segments }] of snapshots) {
    for (const segment of segments) {
      if (!isOfUser(segment, userShard) || !isInRange(segment, query)) continue
      if (!users.absorbed.has(`${shard}:${segment.number}`)) found.push(segment)
    }
  }
  return found
}

function isOfUser({ projection, users }: SegmentEntry, userShard: number): boolean {
  return projection === 'by-user' && users === userShard
}

function isInRange(segment: SegmentEntry, query: LogFilter): boolean {
  const { records, sentMinMs: minMs, sentMaxMs: maxMs, arrivalFromMs, arrivalToMs } = segment
  const { arrival } = query
  if (arrival !== undefined && (arrivalToMs <= arrival.fromMs || arrivalFromMs >= arrival.toMs)) {
    return false
  }
  // Imported records count as arrived when they were sent, or when another service says that it got them, soon after.
  const arrivedToMs = arrivalToMs + RECEIVED_APART_MS_MAX
  return (
    records > 0 &&
    isRangeWanted(query, { minMs, maxMs }) &&
    isSeenWanted(query, { arrivedToMs, maxMs })
  )
}

async function* openSegment(
  { key, sizeBytes }: SegmentEntry,
  query: SegmentFilter & { readonly after: Position | undefined },
  { cold, footers }: ReadDeps,
): AsyncGenerator<LogRecord[]> {
  query.signal?.throwIfAborted()
  const isWanted = recordTest(query)
  const { channelId, userId, types, fromMs, toMs, order, after, signal } = query
  const batches = readSegment(
    { store: cold, key, sizeBytes },
    { channelId, userId, types, fromMs, toMs, order, after, signal },
    { footers },
  )
  for await (const batch of batches) {
    const wanted = isWanted === undefined ? batch : batch.filter(isWanted)
    if (wanted.length > 0) yield isFew(wanted, batch) ? wanted.map(plainRecord) : wanted
  }
}

/** Whether records are so few of their batch that they should not keep all of it in memory. */
function isFew(wanted: readonly LogRecord[], batch: readonly LogRecord[]): boolean {
  return wanted.length * FEW_OF < batch.length
}
