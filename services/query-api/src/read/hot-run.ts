import type { HotEntry, HotPage, Snapshot } from '@poglog/hot-store'
import { recordFromLine } from '@poglog/log-format'
import type { LogRecord, Position } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import { isTimeWanted, placesIn, textTest } from './log-query.ts'
import type { ChannelQuery } from './log-query.ts'
import { batchesOf, readInRounds } from './rounds.ts'
import type { Run } from './run.ts'
import { Selection } from './selection.ts'
import { TrimmedError } from './start-over.ts'

/** A page that was seen: where it lies in the stream, and which sent times its wanted entries have. */
interface SeenPage {
  readonly minMs: number
  readonly maxMs: number
  readonly afterId: string
  readonly lastId: string
  /** The first page stays: asking again for what begins at the boundary may meet the trim. */
  readonly entries: readonly HotEntry[] | undefined
}

/** The hot records of a channel as one run. */
export interface HotRun extends Run {
  /** The last of `limit` records: nothing beyond it is wanted. `undefined` when there are fewer. */
  readonly last: Position | undefined
}

/**
 * Scans a channel's hot records from the snapshot's boundary on and gives them as one sorted run.
 *
 * They lie in order of arrival, so all of them have to be seen before the first can be handed out. The
 * scan keeps the first `roundRecords` (or `limit`) of them, which is everything in the usual case.
 * When there are more, later rounds read again just the pages that can hold them: memory is bounded
 * however long the archiver was down, and however sent times and arrivals differ.
 *
 * The scan ends where the stream does. It takes no upper bound of time, because arrivals can lie ahead
 * of Redis' clock (the floor, a clock that stepped back).
 *
 * @returns `undefined` when no hot record is wanted.
 * @throws {TrimmedError} when the trim overtook the scan; the run's reading may throw it too.
 */
export async function hotRun(
  query: ChannelQuery,
  snapshot: Snapshot,
  deps: ReadDeps,
): Promise<HotRun | undefined> {
  const { order, signal } = query
  const { onEqualKeys, limits } = deps
  const roundSize = limits.roundRecords
  const size = Math.min(query.limit ?? roundSize, roundSize)
  const selection = new Selection({ size, compare: placesIn(order), onEqualKeys })
  const reader = entryReader(query)
  const pages: SeenPage[] = []
  for await (const { page, afterId } of pagesOf(query, snapshot, deps)) {
    const wanted = page.entries.filter(reader.isWanted)
    const lastId = page.entries.at(-1)?.id
    if (wanted.length === 0 || lastId === undefined) continue
    const entries = afterId === undefined ? page.entries : undefined
    pages.push({ ...sentRange(wanted), afterId: afterId ?? '', lastId, entries })
    select(wanted, selection, { reader, query })
  }
  const first = selection.take()
  if (first.length === 0) return undefined
  const isEnough = query.limit !== undefined && first.length >= query.limit
  const last = first.at(-1)
  return {
    ...sentRange(boundsOf(pages)),
    isSorted: true,
    last: isEnough ? last : undefined,
    async *open() {
      yield* batchesOf(first)
      if (isEnough || !selection.hasDropped) return
      const runs = pages.map((page) => pageRun(page, query, deps))
      yield* readInRounds(runs, last, { order, size: roundSize, onEqualKeys, signal })
    },
  }
}

interface EntryReader {
  readonly isWanted: (entry: HotEntry) => boolean
  readonly record: (entry: HotEntry) => LogRecord | undefined
}

function entryReader(query: ChannelQuery): EntryReader {
  const { userId, types } = query
  const typeNames: ReadonlySet<string> = types
  const hasText = textTest(query)
  return {
    isWanted: (entry) =>
      isTimeWanted(query, entry.sentAtMs) &&
      typeNames.has(entry.type) &&
      (userId === undefined || entry.userId === userId),
    record: (entry) => {
      const record = toRecord(entry)
      return hasText === undefined || hasText(record) ? record : undefined
    },
  }
}

/**
 * @throws Error when the stream holds a line that is no record: it was not written by poglog, and an answer must not
 *   silently leave it out.
 */
function toRecord(entry: HotEntry): LogRecord {
  const { channelId, receivedAtMs, sentAtMs, userId } = entry
  const record = recordFromLine(entry.raw, { channelId, receivedAtMs, sentAtMs, userId })
  if (record === undefined) {
    throw new Error(`hot entry ${entry.id} of channel ${channelId} is no record`)
  }
  return record
}

function select(
  wanted: readonly HotEntry[],
  selection: Selection,
  { reader, query }: { readonly reader: EntryReader; readonly query: ChannelQuery },
): void {
  const compare = placesIn(query.order)
  for (const entry of wanted) {
    // Comparing times first spares parsing lines that lie beyond what is kept.
    if (selection.last !== undefined && isLater(entry, selection.last, query)) {
      selection.skip()
      continue
    }
    const record = reader.record(entry)
    if (record === undefined) continue
    if (query.after === undefined || compare(record, query.after) > 0) selection.add(record)
  }
}

function isLater(entry: HotEntry, last: Position, { order }: ChannelQuery): boolean {
  return order === 'asc' ? entry.sentAtMs > last.sentAtMs : entry.sentAtMs < last.sentAtMs
}

/** Every page from the boundary on; `afterId` is `undefined` for the snapshot's own. */
async function* pagesOf(
  { channelId, signal }: ChannelQuery,
  { state: { shard }, page: firstPage }: Snapshot,
  { hot, limits }: ReadDeps,
): AsyncGenerator<{ page: HotPage; afterId: string | undefined }> {
  yield { page: firstPage, afterId: undefined }
  let afterId = firstPage.nextId
  while (afterId !== undefined) {
    signal?.throwIfAborted()
    const page = await hot.readPage({ shard, channelId, afterId, maxEntries: limits.pageEntries })
    if (page === 'retry') throw new TrimmedError('hot records were trimmed between two pages')
    yield { page, afterId }
    afterId = page.nextId
  }
}

/** A page that is read again. Its records come in order of arrival. */
function pageRun(seen: SeenPage, query: ChannelQuery, { hot, limits }: ReadDeps): Run {
  const { minMs, maxMs, afterId, lastId } = seen
  const reader = entryReader(query)
  const { channelId } = query
  const read = async (): Promise<readonly HotEntry[]> => {
    if (seen.entries !== undefined) return seen.entries
    const shard = hot.shardOf(channelId)
    const page = await hot.readPage({ shard, channelId, afterId, maxEntries: limits.pageEntries })
    if (page === 'retry') throw new TrimmedError('hot records were trimmed between two rounds')
    return page.entries
  }
  return {
    minMs,
    maxMs,
    isSorted: false,
    async *open() {
      query.signal?.throwIfAborted()
      const records: LogRecord[] = []
      for (const entry of upTo(lastId, await read())) {
        const record = reader.isWanted(entry) ? reader.record(entry) : undefined
        if (record !== undefined) records.push(record)
      }
      yield records
    },
  }
}

function sentRange(entries: Iterable<Pick<HotEntry, 'sentAtMs'>>): {
  minMs: number
  maxMs: number
} {
  let minMs = Number.POSITIVE_INFINITY
  let maxMs = Number.NEGATIVE_INFINITY
  for (const { sentAtMs } of entries) {
    if (sentAtMs < minMs) minMs = sentAtMs
    if (sentAtMs > maxMs) maxMs = sentAtMs
  }
  return { minMs, maxMs }
}

function* boundsOf(pages: readonly SeenPage[]): Generator<Pick<HotEntry, 'sentAtMs'>> {
  for (const { minMs, maxMs } of pages) {
    yield { sentAtMs: minMs }
    yield { sentAtMs: maxMs }
  }
}

/** A page's entries without those of the next page, for which an erased entry may have made room. */
function upTo(lastId: string, entries: readonly HotEntry[]): readonly HotEntry[] {
  if (entries.at(-1)?.id === lastId) return entries
  const [lastMs, lastSequence] = partsOf(lastId)
  return entries.filter(({ id }) => {
    const [ms, sequence] = partsOf(id)
    return ms === lastMs ? sequence <= lastSequence : ms < lastMs
  })
}

function partsOf(id: string): [bigint, bigint] {
  const [ms = '', sequence = ''] = id.split('-')
  return [BigInt(ms), BigInt(sequence)]
}
