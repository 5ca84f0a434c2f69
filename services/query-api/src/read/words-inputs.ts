import type { Erased, SegmentEntry, Snapshot } from '@poglog/hot-store'
import { readSegment } from '@poglog/log-format'
import type { LogRecord, Order, RecordType, SegmentSource, WordQuery } from '@poglog/log-format'
import { isCovered } from './segment-runs.ts'
import type { CountDeps } from './words-deps.ts'
import { erasedHours, erasedWithin, isErased } from './words-erased.ts'
import { meets, splitHours } from './words-range.ts'
import type { TimeRange } from './words-range.ts'

/** What is counted; whether a record of these types counts is for `wordsOf` to say. */
export const SPOKEN_TYPES: ReadonlySet<RecordType> = new Set(['PRIVMSG', 'USERNOTICE'])

/** Whose words of which channel are counted. Times are sent times, `[fromMs, toMs)`. */
export interface CountQuery extends TimeRange {
  readonly channelId: string
  readonly userId?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Everything that one snapshot of a channel's shard has to count. Added up, `counted` and `records` are the records of
 * the range, each once, without those of erased users.
 */
export interface CountInputs {
  /** The segments that hold counts of whole hours of the range. */
  readonly counted: readonly SegmentSource[]
  /** What to ask of them, but for the word. */
  readonly wanted: WordQuery & { readonly channelId: string }
  /** What no count holds: uncovered segments, hot records, parts of hours. Each record once, in no order. */
  readonly records: () => AsyncIterable<LogRecord[]>[]
  /** Records that counts hold, one source a segment, each in the order asked for. */
  readonly covered: (range: TimeRange, order: Order) => AsyncIterable<LogRecord[]>[]
}

/** Opens nothing yet: the sources read when they are read. */
export function countInputs(query: CountQuery, snapshot: Snapshot, deps: CountDeps): CountInputs {
  const { signal } = query
  const { segments } = snapshot
  const { hours, parts } = splitHours(query)
  const erased = erasedWithin(snapshot.erased, query, query.userId)
  const covered = (range: TimeRange, order: Order): AsyncIterable<LogRecord[]>[] =>
    segments
      .filter((segment) => isCovered(segment) && meets(range, segment))
      .map((segment) => coveredRecords(segment, { ...query, ...range, order, erased }, deps))
  const again = (): AsyncIterable<LogRecord[]>[] =>
    erasedHours(erased, hours).flatMap(({ part, users }) =>
      covered(part, 'asc').map((source) =>
        filtered(source, ({ userId, sentAtMs }) => sentAtMs >= (users.get(userId) ?? Infinity)),
      ),
    )
  return {
    counted: segments
      .filter((segment) => segment.projection === 'words' && meets(hours, segment))
      .map(({ key, sizeBytes }) => ({ store: deps.cold, key, sizeBytes })),
    // The counts of the very hour of an erasure are left out too, for what `again` counts.
    wanted: {
      channelId: query.channelId,
      userId: query.userId,
      signal,
      ...hours,
      exceptUsers: erased,
    },
    records: () => [
      uncoveredRecords(query, snapshot, deps),
      ...parts.flatMap((part) => covered(part, 'asc')),
      ...again(),
    ],
    covered,
  }
}

async function* coveredRecords(
  { key, sizeBytes }: SegmentEntry,
  query: CountQuery & { readonly order: Order; readonly erased: Erased },
  { cold, footers }: CountDeps,
): AsyncGenerator<LogRecord[]> {
  const { channelId, userId, fromMs, toMs, order, erased, signal } = query
  const wanted = { channelId, userId, types: SPOKEN_TYPES, fromMs, toMs, order, signal }
  const records = readSegment({ store: cold, key, sizeBytes }, wanted, { footers })
  yield* filtered(records, (record) => !isErased(record, erased))
}

function uncoveredRecords(
  query: CountQuery,
  snapshot: Snapshot,
  deps: CountDeps,
): AsyncIterable<LogRecord[]> {
  // Not spread: a count's own limit is none of the records'.
  const { channelId, userId, fromMs, toMs, signal } = query
  const order = 'asc' as const
  const wanted = { channelId, userId, fromMs, toMs, signal, types: SPOKEN_TYPES, order }
  return deps.readUncovered(wanted, snapshot, deps)
}

async function* filtered<Item>(
  batches: AsyncIterable<Item[]>,
  isWanted: (item: Item) => boolean,
): AsyncGenerator<Item[]> {
  for await (const batch of batches) {
    const wanted = batch.filter((item) => isWanted(item))
    if (wanted.length > 0) yield wanted
  }
}
