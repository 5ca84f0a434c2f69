import type { Erased, SegmentEntry, Snapshot } from '@poglog/hot-store'
import { readSegment, readWords } from '@poglog/log-format'
import type { LogRecord, Order, RecordType, WordCount, WordQuery } from '@poglog/log-format'
import { isCovered } from './segment-runs.ts'
import type { CountDeps } from './words-deps.ts'
import { erasedHours, isErased, isErasedCount } from './words-erased.ts'
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

/** Which rows of words segments to read; `word: ''` counts messages. */
export type WantedWord = Pick<WordQuery, 'word' | 'wordFolded'>

/**
 * Everything that one snapshot of a channel's shard has to count. Added up, `rows` and `records` are the records of the
 * range, each once, without those of erased users.
 */
export interface CountInputs {
  /** The counts kept for whole hours, one source a segment, each in the order of a words segment. */
  readonly rows: (wanted: WantedWord) => AsyncIterable<WordCount[]>[]
  /** What no count holds yet: uncovered segments, hot records, parts of hours. Distinct, in no order. */
  readonly records: () => AsyncIterable<LogRecord[]>[]
  /** Records that counts hold, one source a segment, each in the order asked for. */
  readonly covered: (range: TimeRange, order: Order) => AsyncIterable<LogRecord[]>[]
}

/** Opens nothing yet: the sources read when they are read. */
export function countInputs(query: CountQuery, snapshot: Snapshot, deps: CountDeps): CountInputs {
  const { erased, segments } = snapshot
  const { hours, parts } = splitHours(query)
  const covered = (range: TimeRange, order: Order): AsyncIterable<LogRecord[]>[] =>
    segments
      .filter((segment) => isCovered(segment) && meets(range, segment))
      .map((segment) => coveredRecords(segment, { ...query, ...range, order, erased }, deps))
  const again = (): AsyncIterable<LogRecord[]>[] =>
    erasedHours(erased, hours, query.userId).flatMap(({ part, users }) =>
      covered(part, 'asc').map((source) =>
        filtered(source, ({ userId, sentAtMs }) => sentAtMs >= (users.get(userId) ?? Infinity)),
      ),
    )
  return {
    rows: (wanted) =>
      segments
        .filter((segment) => segment.projection === 'words' && meets(hours, segment))
        .map((segment) => countRows(segment, { ...query, ...hours, ...wanted, erased }, deps)),
    records: () => [
      uncoveredRecords(query, snapshot, deps),
      ...parts.flatMap((part) => covered(part, 'asc')),
      ...again(),
    ],
    covered,
  }
}

async function* countRows(
  { key, sizeBytes }: SegmentEntry,
  query: WordQuery & { readonly erased: Erased },
  { cold, footers }: CountDeps,
): AsyncGenerator<WordCount[]> {
  const { erased, ...wanted } = query
  const rows = readWords({ store: cold, key, sizeBytes }, wanted, { footers })
  if (erased.size === 0) yield* rows
  else yield* filtered(rows, (row) => !isErasedCount(row, erased))
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

async function* uncoveredRecords(
  query: CountQuery,
  snapshot: Snapshot,
  deps: CountDeps,
): AsyncGenerator<LogRecord[]> {
  const wanted = { ...query, types: SPOKEN_TYPES, order: 'asc' as const }
  const records = deps.readUncovered(wanted, snapshot, deps)
  yield* filtered(records, (record) => !isErased(record, snapshot.erased))
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
