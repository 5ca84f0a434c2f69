import { setImmediate } from 'node:timers/promises'
import { fetchBytes } from './fetch-bytes.ts'
import type { FooterCache } from './footer-cache.ts'
import type { RowGroupPlace } from './footer.ts'
import { LoadQueue } from './load-queue.ts'
import { openSegment } from './open-segment.ts'
import { spansOf } from './read-plan.ts'
import type { Span } from './read-plan.ts'
import { recordsOf } from './record-batch.ts'
import { RowGroupReader } from './row-group-reader.ts'
import type { AnyColumn, OpenedSegment } from './row-group-reader.ts'
import { SegmentError } from './segment-error.ts'
import { canHold, holdsOnlyWanted, isBeyond, selectRows } from './select-rows.ts'
import type { LogRecord, SegmentQuery, SegmentSource } from './types.ts'

const BATCH_RECORDS = 500
/** A by-channel row group of which a part is wanted is fetched whole up to this size, else column by column. */
const PARTLY_WANTED_BYTES_MAX = 1_048_576
/** Row groups that are wanted whole are fetched together up to this size. Two such requests are held at a time. */
const STREAM_LIMITS = { firstGroups: 1, bytesMax: 4_194_304 } as const
/** In by-user order a user's rows lie in one row group or in neighbours: they are one request. */
const USER_LIMITS = { firstGroups: 2, bytesMax: 8_388_608 } as const
/** Row groups asked for ahead of the one being read: most hold nothing of one user. */
const AHEAD_OF_USER = 4
const AHEAD = 1

export interface ReadOptions {
  /** Keeps footers, so that a segment's is fetched once. */
  readonly footers?: FooterCache | undefined
}

/** A row group, fetched, with the rows that are wanted where they are known already. */
interface Selection {
  readonly reader: RowGroupReader
  readonly rows?: Int32Array
}

/**
 * Yields the records of a by-channel or by-user segment that a query wants, in the segment's order, in batches.
 *
 * by-channel: with a `channelId` the order is that of {@link comparePositions}; without one the channels come one
 * after the other, by id, each in that order. by-user: the users come one after the other, by id, each with the channels
 * one after the other; with both ids the order is that of {@link comparePositions}.
 *
 * Row groups are pruned by their statistics, neighbours are fetched in one request of a few megabytes, the next while
 * the caller works on a batch. Memory is two such requests and a decoded row group, whatever the segment's size. A record
 * that is kept keeps its batch of 500. When the caller stops early, requests under way are aborted.
 *
 * `key` and `raw` of a record are made when first asked for: see `plainRecord` for what copies records.
 *
 * @throws {SegmentError} never wrong records: what is not as written is `corrupt`, naming the key.
 * @throws {ObjectStoreError} from the store.
 * @throws the signal's reason, when it is aborted.
 */
export async function* readSegment(
  source: SegmentSource,
  query: SegmentQuery,
  { footers }: ReadOptions = {},
): AsyncGenerator<LogRecord[]> {
  query.signal?.throwIfAborted()
  const footer = await openSegment(source, { footers, signal: query.signal })
  if (footer.identity.projection === 'words') {
    throw new SegmentError('corrupt', source.key, { detail: 'no segment of records' })
  }
  const segment = { source, footer }

  const stopped = new AbortController()
  const signal =
    query.signal === undefined ? stopped.signal : AbortSignal.any([query.signal, stopped.signal])
  const spans = planOf(segment, query)
  const queue = new LoadQueue(spans, (span) => load(segment, span, { ...query, signal }))
  const isScattered = spans.some(({ isWhole }) => !isWhole)
  const ahead = isScattered && query.userId !== undefined ? AHEAD_OF_USER : AHEAD
  // The first page of an answer should not pay for what comes behind it.
  if (ahead > AHEAD) queue.ask(ahead)
  try {
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      const selections = await next
      for (let at = 0; at < selections.length; at += 1) {
        // What has been fetched would else be read without a turn for anybody else.
        if (at > 0) await setImmediate()
        const selection = selections[at]
        selections[at] = undefined // What has been read need not stay in memory.
        if (selection === undefined) continue
        for (const batch of batchesOf(selection, source.key, query)) {
          yield batch
          query.signal?.throwIfAborted()
          queue.ask(ahead)
        }
      }
    }
  } finally {
    stopped.abort()
  }
}

function planOf({ footer }: OpenedSegment, query: SegmentQuery): Span[] {
  const groups = footer.rowGroups.filter((group) => canHold(group, query))
  if (query.order === 'desc') groups.reverse()
  const isUser = query.userId !== undefined && footer.identity.projection === 'by-user'
  const isWanted = (group: RowGroupPlace): boolean => {
    if (holdsOnlyWanted(group, query)) return true
    const sizeBytes = group.end - group.start
    if (isUser) return sizeBytes <= USER_LIMITS.bytesMax
    return query.userId === undefined && sizeBytes <= PARTLY_WANTED_BYTES_MAX
  }
  return spansOf(groups, isWanted, isUser ? USER_LIMITS : STREAM_LIMITS)
}

async function load(
  segment: OpenedSegment,
  { groups, isWhole }: Span,
  query: SegmentQuery,
): Promise<(Selection | undefined)[]> {
  const { source, footer } = segment
  const { signal } = query
  if (isWhole) {
    const fetched = await fetchBytes(source, footer.layout, { ranges: groups, signal })
    return groups.map((group) => ({ reader: new RowGroupReader(segment, group, fetched) }))
  }
  return await Promise.all(
    groups.map(async (group) => {
      const reader = new RowGroupReader(segment, group)
      await reader.fetchColumns(filterColumns(query), signal)
      const rows = selectRows(reader, query)
      if (rows.length > 0) await reader.fetchRows(rows, signal)
      return { reader, rows }
    }),
  )
}

function filterColumns({ userId, types }: SegmentQuery): AnyColumn[] {
  const columns: AnyColumn[] = ['channel_id', 'sent_at']
  if (userId !== undefined) columns.push('user_id')
  if (types !== undefined) columns.push('type')
  return columns
}

function* batchesOf(
  { reader, rows: selected }: Selection,
  segmentKey: string,
  query: SegmentQuery,
): Generator<LogRecord[]> {
  const rows = selected ?? selectRows(reader, query)
  if (query.order === 'desc') rows.reverse()
  for (let at = 0; at < rows.length; at += BATCH_RECORDS) {
    const batch: LogRecord[] = recordsOf(reader, rows.subarray(at, at + BATCH_RECORDS), segmentKey)
    const wanted =
      query.after === undefined ? batch : batch.filter((record) => isBeyond(record, query))
    if (wanted.length > 0) yield wanted
  }
}
