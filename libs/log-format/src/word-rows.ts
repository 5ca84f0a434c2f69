import type { ColumnReader } from './column-reader.ts'
import { fetchBytes } from './fetch-bytes.ts'
import type { RowGroupPlace } from './footer.ts'
import { LoadQueue } from './load-queue.ts'
import { spansOf } from './read-plan.ts'
import type { Span } from './read-plan.ts'
import type { WordQuery } from './read-words.ts'
import { RowGroupReader } from './row-group-reader.ts'
import type { OpenedSegment } from './row-group-reader.ts'
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
  readonly test: ((row: number) => boolean) | undefined
}

/**
 * Loads the row groups of a words segment that a query can need, with these columns and those that choose rows, and
 * finds the rows of the channel and the word. The next request is under way while the caller works on one.
 */
export async function* loadWordRows(
  segment: OpenedSegment,
  query: WordQuery,
  columns: readonly WordColumnName[],
): AsyncGenerator<WordRows> {
  const wordFolded =
    query.wordFolded ?? (query.word === undefined ? undefined : foldWord(query.word))
  const wanted = { ...query, wordFolded }
  const groups = segment.footer.rowGroups.filter((group) => canHold(group, wanted))
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
      for (const reader of readers) {
        const rows = reader.decode('sort columns', () => rowsOf(reader, wanted))
        if (rows.from < rows.to) yield rows
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
  if (query.userId !== undefined || isAnyone(query.exceptUsers)) columns.push('user_id')
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
  const { channelId, wordFolded, word } = query
  const { place } = reader
  let rows = { from: 0, to: place.rows }
  if (channelId !== undefined && place.channelMin !== place.channelMax) {
    rows = narrowed(reader.column('channel_id'), channelId, rows)
  }
  if (wordFolded !== undefined) rows = narrowed(reader.column('word_folded'), wordFolded, rows)
  if (word !== undefined) rows = narrowed(reader.column('word'), word, rows)
  return { reader, ...rows, test: testOf(reader, query) }
}

/** The rows of a sorted stretch that hold this text: they lie together. */
function narrowed(
  column: ColumnReader,
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
): { from: number; to: number } {
  const entry = from < to ? column.dictionary().indexOf(Buffer.from(text)) : -1
  if (entry === -1) return { from, to: from }
  let first = to
  let last = from
  for (const { firstRow, rows } of column.pages) {
    const start = Math.max(firstRow, from)
    const end = Math.min(firstRow + rows, to)
    if (start >= end) continue
    const entries = entriesOf(column, firstRow)
    for (let row = start; row < end; row += 1) {
      if (entries[row - firstRow] !== entry) continue
      if (row < first) first = row
      last = row + 1
    }
  }
  return { from: Math.min(first, last), to: last }
}

/** Wants of hour and user, decided once for each entry of a dictionary. */
function testOf(
  reader: RowGroupReader,
  { userId, exceptUsers, fromMs, toMs }: WordQuery,
): ((row: number) => boolean) | undefined {
  const { place } = reader
  const isWithin = place.sentMinMs >= fromMs && place.sentMaxMs < toMs
  const hours = reader.column('hour')
  const isHourWanted = (row: number): boolean => {
    const hourMs = hours.number(row)
    return hourMs >= fromMs && hourMs < toMs
  }
  if (userId === undefined && !isAnyone(exceptUsers)) return isWithin ? undefined : isHourWanted
  const users = reader.column('user_id')
  const wanted = userId === undefined ? undefined : users.dictionary().indexOf(Buffer.from(userId))
  const hiddenBefore = new Map<number, number>()
  for (const [hidden, beforeMs] of exceptUsers ?? []) {
    const entry = users.dictionary().indexOf(Buffer.from(hidden))
    if (entry !== -1) hiddenBefore.set(entry, beforeMs)
  }
  return (row) => {
    const page = users.page(row)
    const entry = page.entries?.[row - page.firstRow] ?? -1
    if (wanted !== undefined && entry !== wanted) return false
    if (!isWithin && !isHourWanted(row)) return false
    return hiddenBefore.size === 0 || hours.number(row) >= (hiddenBefore.get(entry) ?? -Infinity)
  }
}

/** The dictionary entries of the page that has a row. @throws Error when it is encoded otherwise. */
export function entriesOf(column: ColumnReader, row: number): Int32Array {
  const { entries } = column.page(row)
  if (entries === undefined) throw new Error('no dictionary entries')
  return entries
}

function isAnyone(users: ReadonlyMap<string, number> | undefined): boolean {
  return users !== undefined && users.size > 0
}
