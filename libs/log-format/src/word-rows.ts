import { setImmediate } from 'node:timers/promises'
import type { ColumnReader } from './column-reader.ts'
import { fetchBytes } from './fetch-bytes.ts'
import type { RowGroupPlace } from './footer.ts'
import { LoadQueue } from './load-queue.ts'
import { spansOf } from './read-plan.ts'
import type { Span } from './read-plan.ts'
import type { WordQuery } from './read-words.ts'
import { RowGroupReader } from './row-group-reader.ts'
import type { OpenedSegment } from './row-group-reader.ts'
import { SegmentError } from './segment-error.ts'
import type { WordColumnName } from './columns.ts'
import { foldWord } from './words.ts'

/** Two such requests are held at a time. */
const LIMITS = { firstGroups: 4, bytesMax: 4_194_304 } as const

/** Rows `[from, to)` of a row group that are of the channel and word wanted. */
export interface WordRows {
  readonly reader: RowGroupReader
  readonly from: number
  readonly to: number
  /** Says of a row whether its hour and user are wanted; `undefined` when all are. */
  readonly test: RowTest | undefined
}

type RowTest = (row: number) => boolean

/**
 * Loads the row groups of a words segment that a query can need, with these columns and those that choose rows, and
 * finds the rows of the channel and the word. The next request is under way while the caller works on one.
 */
export async function* loadWordRows(
  segment: OpenedSegment,
  query: WordQuery,
  columns: readonly WordColumnName[],
): AsyncGenerator<WordRows> {
  const { source, footer } = segment
  if (footer.identity.projection !== 'words') {
    throw new SegmentError('corrupt', source.key, { detail: 'no words segment' })
  }
  const wordFolded =
    query.wordFolded ?? (query.word === undefined ? undefined : foldWord(query.word))
  const wanted = { ...query, wordFolded }
  const groups = footer.rowGroups.filter((group) => canHold(group, wanted))
  const names = new Set([...columns, ...filterColumns(wanted)])
  const stopped = new AbortController()
  const { signal: outer } = query
  const signal = outer === undefined ? stopped.signal : AbortSignal.any([outer, stopped.signal])
  const spans = spansOf(groups, () => true, LIMITS)
  const queue = new LoadQueue(spans, (span) => load(segment, span, { names: [...names], signal }))
  try {
    for (let next = queue.take(); next !== undefined; next = queue.take()) {
      const readers = await next
      queue.ask(1)
      // One at a time: what has been read need not stay in memory.
      for (let reader = readers.shift(); reader !== undefined; reader = readers.shift()) {
        const rows = rowsOf(reader, wanted)
        if (rows.from < rows.to) yield rows
        if (readers.length > 0) await setImmediate() // Let others have their turn.
        outer?.throwIfAborted()
      }
    }
  } finally {
    stopped.abort()
  }
}

async function load(
  segment: OpenedSegment,
  { groups }: Span,
  { names, signal }: { readonly names: readonly WordColumnName[]; readonly signal: AbortSignal },
): Promise<RowGroupReader[]> {
  const { source, footer } = segment
  const ranges = groups.flatMap((group) => new RowGroupReader(segment, group).rangesOf(names))
  const fetched = await fetchBytes(source, footer.layout, { ranges, signal })
  return groups.map((group) => new RowGroupReader(segment, group, fetched))
}

function filterColumns(query: WordQuery): WordColumnName[] {
  const columns: WordColumnName[] = ['channel_id', 'hour']
  if (query.wordFolded !== undefined) columns.push('word_folded')
  if (query.word !== undefined) columns.push('word')
  if (query.userId !== undefined || (query.exceptUsers?.size ?? 0) > 0) columns.push('user_id')
  return columns
}

function canHold(
  group: RowGroupPlace,
  { channelId, wordFolded, fromMs, toMs }: WordQuery,
): boolean {
  const { channelMin, channelMax, wordMin, wordMax } = group
  if (group.sentMaxMs < fromMs || group.sentMinMs >= toMs) return false
  if (channelId !== undefined && (channelId < channelMin || channelId > channelMax)) return false
  if (wordFolded === undefined) return true
  const bytes = Buffer.from(wordFolded).toString('latin1')
  return (wordMin === undefined || bytes >= wordMin) && (wordMax === undefined || bytes <= wordMax)
}

function rowsOf(reader: RowGroupReader, query: WordQuery): WordRows {
  return reader.decode('sort columns', () => chosenRows(reader, query))
}

function chosenRows(reader: RowGroupReader, query: WordQuery): WordRows {
  const { channelId, wordFolded, word } = query
  const { place } = reader
  const tests = [...hourTests(reader, query), ...userTests(reader, query)]
  let rows = { from: 0, to: place.rows }
  const narrow = (name: WordColumnName, text: string | undefined): void => {
    if (text === undefined) return
    const found = narrowed(reader.column(name), text, rows)
    rows = found
    if (found.test !== undefined) tests.unshift(found.test)
  }
  if (place.channelMin !== place.channelMax) narrow('channel_id', channelId)
  narrow('word_folded', wordFolded)
  narrow('word', word)
  const { from, to } = rows
  return { reader, from, to, test: allOf(tests) }
}

/**
 * The rows of a stretch that hold this text. Where the stretch is sorted by it they lie together; where it is not (a word
 * in several channels) a test tells them from those between.
 */
function narrowed(
  column: ColumnReader,
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
): { from: number; to: number; test?: RowTest } {
  const wanted = from < to ? column.dictionary().indexOf(Buffer.from(text)) : -1
  let first = to
  let last = from
  let count = 0
  for (const { firstRow, rows } of wanted === -1 ? [] : column.pages) {
    const start = Math.max(firstRow, from)
    const end = Math.min(firstRow + rows, to)
    if (start >= end) continue
    const entries = entriesOf(column, firstRow)
    for (let row = start; row < end; row += 1) {
      if (entries[row - firstRow] !== wanted) continue
      if (count === 0) first = row
      last = row + 1
      count += 1
    }
  }
  if (count === 0) return { from, to: from }
  if (count === last - first) return { from: first, to: last }
  return { from: first, to: last, test: (row) => entryAt(column, row) === wanted }
}

function hourTests(reader: RowGroupReader, { fromMs, toMs }: WordQuery): RowTest[] {
  const { sentMinMs, sentMaxMs } = reader.place
  if (sentMinMs >= fromMs && sentMaxMs < toMs) return []
  const hours = reader.column('hour')
  const isWanted = Array.from(hours.numbers(), (hourMs) => hourMs >= fromMs && hourMs < toMs)
  return [(row) => isWanted[entryAt(hours, row)] === true]
}

function userTests(reader: RowGroupReader, { userId, exceptUsers }: WordQuery): RowTest[] {
  const tests: RowTest[] = []
  if (userId !== undefined) {
    const users = reader.column('user_id')
    const wanted = users.dictionary().indexOf(Buffer.from(userId))
    tests.push((row) => entryAt(users, row) === wanted)
  }
  if (exceptUsers !== undefined && exceptUsers.size > 0) {
    const users = reader.column('user_id')
    const hours = reader.column('hour')
    const beforeMs: number[] = []
    tests.push((row) => {
      const entry = entryAt(users, row)
      // Asked once a user: erased users can be more than the row group has.
      const before = (beforeMs[entry] ??= exceptUsers.get(users.text(row) ?? '') ?? -Infinity)
      return before === -Infinity || hours.number(row) >= before
    })
  }
  return tests
}

function allOf(tests: readonly RowTest[]): RowTest | undefined {
  return tests.length < 2 ? tests[0] : (row) => tests.every((test) => test(row))
}

/** The dictionary entry of a row. @throws Error where the page is encoded otherwise. */
function entryAt(column: ColumnReader, row: number): number {
  const { entries, firstRow } = column.page(row)
  const entry = entries?.[row - firstRow]
  if (entry === undefined) throw new Error('no dictionary entry')
  return entry
}

/** The dictionary entries of the page that has a row. @throws Error when it is encoded otherwise. */
function entriesOf(column: ColumnReader, row: number): Int32Array {
  const { entries } = column.page(row)
  if (entries === undefined) throw new Error('no dictionary entries')
  return entries
}

/**
 * The parts `[start, end)` of a range of rows that lie in one page of each column. Read the column's entries with
 * {@link entriesBetween} while at that part: a column keeps one page.
 */
export function* stretches(
  columns: readonly ColumnReader[],
  from: number,
  to: number,
): Generator<{ start: number; end: number }> {
  for (let start = from; start < to;) {
    let end = to
    for (const column of columns) {
      const { firstRow, rows } = column.page(start)
      end = Math.min(end, firstRow + rows)
    }
    yield { start, end }
    start = end
  }
}

/** The dictionary entries of rows `[start, end)`, which lie in one page. */
export function entriesBetween(column: ColumnReader, start: number, end: number): Int32Array {
  const { firstRow } = column.page(start)
  return entriesOf(column, start).subarray(start - firstRow, end - firstRow)
}
