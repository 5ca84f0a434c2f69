import type { ColumnName } from './columns.ts'
import type { FooterCache } from './footer-cache.ts'
import type { RowGroupPlace, SegmentFooter } from './footer.ts'
import { openSegment } from './open-segment.ts'
import { RowGroupReader } from './row-group-reader.ts'
import { canHold, holdsOnlyWanted, isBeyond, selectRows } from './select-rows.ts'
import type { LogRecord, SegmentQuery, SegmentSource } from './types.ts'

const BATCH_RECORDS = 500
/** A row group up to this size is fetched in one request rather than column by column. */
const WHOLE_GROUP_BYTES = 1_048_576
/** Row groups asked for ahead of the one being read: most hold nothing of one user. */
const AHEAD_OF_USER = 4
const AHEAD = 1

export interface ReadOptions {
  /** Keeps footers, so that a segment's is fetched once. */
  readonly footers?: FooterCache | undefined
}

/** A row group with the rows that are wanted, fetched. */
interface Selection {
  readonly reader: RowGroupReader
  readonly rows: Int32Array
}

/**
 * Yields the records of a segment that a query wants, in its order, in batches.
 *
 * With a `channelId` the order is that of {@link comparePositions}. Without one the channels come one
 * after the other, by id, each in that order.
 *
 * Row groups are pruned by their statistics and read one at a time; the next are fetched while the
 * caller works on a batch. Memory is a few row groups' compressed bytes, whatever the segment's size.
 * When the caller stops early, requests under way are aborted.
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
  const groups = footer.rowGroups.filter((group) => canHold(group, query))
  if (query.order === 'desc') groups.reverse()

  const stopped = new AbortController()
  const signal =
    query.signal === undefined ? stopped.signal : AbortSignal.any([query.signal, stopped.signal])
  const queue = new LoadQueue(groups, (group) => load({ source, footer, group }, query, signal))
  const ahead = query.userId === undefined ? AHEAD : AHEAD_OF_USER
  // The first page of an answer should not pay for a second row group.
  if (query.userId !== undefined) queue.ask(ahead)
  try {
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      const selection = await next
      for (const batch of batchesOf(selection, query)) {
        yield batch
        query.signal?.throwIfAborted()
        queue.ask(ahead)
      }
    }
  } finally {
    stopped.abort()
  }
}

async function load(
  where: { source: SegmentSource; footer: SegmentFooter; group: RowGroupPlace },
  query: SegmentQuery,
  signal: AbortSignal,
): Promise<Selection> {
  const { source, footer, group } = where
  const reader = new RowGroupReader(source, footer, group)
  const isSmall = group.end - group.start <= WHOLE_GROUP_BYTES
  if (holdsOnlyWanted(group, query) || (isSmall && query.userId === undefined)) {
    await reader.fetchAll(signal)
    return { reader, rows: selectRows(reader, query) }
  }
  await reader.fetchColumns(filterColumns(query), signal)
  const rows = selectRows(reader, query)
  if (rows.length > 0) await reader.fetchRows(rows, signal)
  return { reader, rows }
}

function filterColumns({ userId, types }: SegmentQuery): ColumnName[] {
  const columns: ColumnName[] = ['channel_id', 'sent_at']
  if (userId !== undefined) columns.push('user_id')
  if (types !== undefined) columns.push('type')
  return columns
}

function* batchesOf({ reader, rows }: Selection, query: SegmentQuery): Generator<LogRecord[]> {
  const ordered = query.order === 'asc' ? rows : rows.toReversed()
  let batch: LogRecord[] = []
  for (const row of ordered) {
    const record = reader.record(row)
    if (!isBeyond(record, query)) continue
    batch.push(record)
    if (batch.length === BATCH_RECORDS) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** Loads row groups in order, some ahead of time. */
class LoadQueue {
  readonly #groups: readonly RowGroupPlace[]
  readonly #load: (group: RowGroupPlace) => Promise<Selection>
  readonly #loading: Promise<Selection>[] = []
  #asked = 0

  constructor(
    groups: readonly RowGroupPlace[],
    loadGroup: (group: RowGroupPlace) => Promise<Selection>,
  ) {
    this.#groups = groups
    this.#load = loadGroup
  }

  /** Sees to it that `ahead` row groups are being loaded. */
  ask(ahead: number): void {
    while (this.#loading.length < ahead) {
      const group = this.#groups[this.#asked]
      if (group === undefined) return
      this.#asked += 1
      const loading = this.#load(group)
      loading.catch(() => undefined) // Whoever takes it sees the failure; nobody may ever take it.
      this.#loading.push(loading)
    }
  }

  take(): Promise<Selection> | undefined {
    this.ask(1)
    return this.#loading.shift()
  }
}
