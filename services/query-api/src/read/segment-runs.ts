import type { SegmentEntry } from '@poglog/hot-store'
import { readSegment } from '@poglog/log-format'
import type { LogRecord, Position } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { isRangeWanted, textTest } from './log-query.ts'
import type { ChannelQuery } from './log-query.ts'
import type { Run } from './run.ts'
import { isActiveIn } from './user-channels.ts'

/** The segments of a manifest that can hold records of the query, each a run that opens when needed. */
export function segmentRuns(
  query: ChannelQuery,
  segments: readonly SegmentEntry[],
  deps: ReadDeps,
): Run[] {
  return segments
    .filter((segment) => isNeeded(segment, query))
    .map((segment) => ({
      minMs: segment.sentMinMs,
      maxMs: segment.sentMaxMs,
      isSorted: true,
      open: (after) => openSegment(segment, { ...query, after }, deps),
    }))
}

/** Whether a segment can hold records of the query, by what the manifest says of it. */
function isNeeded(segment: SegmentEntry, query: ChannelQuery): boolean {
  const { projection, records, sentMinMs, sentMaxMs } = segment
  if (projection !== 'by-channel' || records === 0) return false
  if (!isActiveIn(segment, query.activeDays)) return false
  return isRangeWanted(query, { minMs: sentMinMs, maxMs: sentMaxMs })
}

async function* openSegment(
  { key, sizeBytes }: SegmentEntry,
  query: ChannelQuery & { readonly after: Position | undefined },
  { cold, footers }: ReadDeps,
): AsyncGenerator<LogRecord[]> {
  query.signal?.throwIfAborted()
  const hasText = textTest(query)
  const { channelId, userId, types, fromMs, toMs, order, after, signal } = query
  const batches = readSegment(
    { store: cold, key, sizeBytes },
    { channelId, userId, types, fromMs, toMs, order, after, signal },
    { footers },
  )
  for await (const batch of batches) {
    const wanted = hasText === undefined ? batch : batch.filter((record) => hasText(record))
    if (wanted.length > 0) yield wanted
  }
}
