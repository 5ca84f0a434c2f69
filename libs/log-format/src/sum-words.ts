import type { ColumnReader } from './column-reader.ts'
import { openSegment } from './open-segment.ts'
import type { ReadOptions } from './read-segment.ts'
import type { WordQuery } from './read-words.ts'
import type { SegmentSource } from './types.ts'
import { entriesOf, entryAt, loadWordRows } from './word-rows.ts'
import type { WordRows } from './word-rows.ts'

const BATCH_WORDS = 1000

/** How often a word was said in all; `word` is `''` for the number of messages. */
export interface WordSum {
  readonly wordFolded: string
  readonly word: string
  readonly count: number
}

/** Where {@link sumWord} adds up what it finds; what is not given is not read. */
export interface WordTotals {
  /** By the start of the hour, milliseconds since the Unix epoch, UTC. */
  readonly hours?: Map<number, number> | undefined
  /** By user id. */
  readonly users?: Map<string, number> | undefined
  /** By the word as written. */
  readonly words?: Map<string, number> | undefined
}

/**
 * Yields how often each word was said in one channel, in the order of a words segment (folded word, word; by code
 * point), in batches; words with a sum of 0 are left out. Works on dictionary entries, so that a month of a big channel
 * takes tens of millions of rows a second. Fails as `readSegment` does.
 */
export async function* sumWords(
  source: SegmentSource,
  query: WordQuery & { readonly channelId: string },
  { footers }: ReadOptions = {},
): AsyncGenerator<WordSum[]> {
  query.signal?.throwIfAborted()
  const footer = await openSegment(source, { footers, signal: query.signal })
  const columns = ['word_folded', 'word', 'count'] as const
  let batch: WordSum[] = []
  for await (const rows of loadWordRows({ source, footer }, query, columns)) {
    for (const sum of rows.reader.decode('counts', () => sumsOf(rows))) {
      const last = batch.at(-1)
      // A word can go on in the next row group.
      if (last?.word === sum.word)
        batch[batch.length - 1] = { ...last, count: last.count + sum.count }
      else batch.push(sum)
    }
    const whole = batch.splice(0, batch.length - 1)
    for (let at = 0; at < whole.length; at += BATCH_WORDS) {
      yield whole.slice(at, at + BATCH_WORDS)
      query.signal?.throwIfAborted()
    }
  }
  if (batch.length > 0) yield batch
}

/**
 * Adds up the counts of the rows a query wants, usually those of one word, in all and by hour, user or word.
 *
 * @returns the sum of the counts. Fails as `readSegment` does; the totals are then of no use.
 */
export async function sumWord(
  source: SegmentSource,
  query: WordQuery,
  { footers, totals = {} }: ReadOptions & { readonly totals?: WordTotals } = {},
): Promise<number> {
  query.signal?.throwIfAborted()
  const footer = await openSegment(source, { footers, signal: query.signal })
  const { hours, users, words } = totals
  const columns = [
    'count' as const,
    ...(hours === undefined ? [] : ['hour' as const]),
    ...(users === undefined ? [] : ['user_id' as const]),
    ...(words === undefined ? [] : ['word' as const]),
  ]
  let total = 0
  for await (const rows of loadWordRows({ source, footer }, query, columns)) {
    total += rows.reader.decode('counts', () => addTotals(rows, totals))
  }
  return total
}

function sumsOf({ reader, from, to, test }: WordRows): WordSum[] {
  const folded = reader.column('word_folded')
  const words = reader.column('word')
  const counts = reader.column('count')
  const numbers = counts.numbers()
  const sums: WordSum[] = []
  let current = -1
  let count = 0
  const close = (row: number): void => {
    if (count === 0) return
    const word = words.dictionary().text(current)
    sums.push({ wordFolded: folded.text(row) ?? '', word, count })
  }
  for (const { start, end, firstRow } of stretches(words, from, to)) {
    const entries = entriesOf(words, firstRow)
    for (let row = start; row < end; row += 1) {
      const entry = entries[row - firstRow] ?? -1
      if (entry !== current) {
        close(row - 1)
        current = entry
        count = 0
      }
      if (test === undefined || test(row)) count += numberAt(counts, numbers, row)
    }
  }
  close(to - 1)
  return sums
}

function addTotals(rows: WordRows, { hours, users, words }: WordTotals): number {
  const { reader, from, to, test } = rows
  const counts = reader.column('count')
  const numbers = counts.numbers()
  const byHour = hours === undefined ? undefined : new EntrySums(reader.column('hour'))
  const byUser = users === undefined ? undefined : new EntrySums(reader.column('user_id'))
  const byWord = words === undefined ? undefined : new EntrySums(reader.column('word'))
  let total = 0
  for (let row = from; row < to; row += 1) {
    if (test !== undefined && !test(row)) continue
    const count = numberAt(counts, numbers, row)
    total += count
    byHour?.add(row, count)
    byUser?.add(row, count)
    byWord?.add(row, count)
  }
  if (hours !== undefined) byHour?.addTo(hours, (column, entry) => column.numbers()[entry] ?? 0)
  if (users !== undefined) byUser?.addTo(users, (column, entry) => column.dictionary().text(entry))
  if (words !== undefined) byWord?.addTo(words, (column, entry) => column.dictionary().text(entry))
  return total
}

/** Sums by the dictionary entries of a column. */
class EntrySums {
  readonly #column: ColumnReader
  readonly #sums: Float64Array

  constructor(column: ColumnReader) {
    this.#column = column
    this.#sums = new Float64Array(column.dictionary().size)
  }

  add(row: number, count: number): void {
    const entry = entryAt(this.#column, row)
    const sum = this.#sums[entry]
    if (sum === undefined) throw new Error('no dictionary entry')
    this.#sums[entry] = sum + count
  }

  addTo<Key>(totals: Map<Key, number>, keyOf: (column: ColumnReader, entry: number) => Key): void {
    for (const [entry, sum] of this.#sums.entries()) {
      if (sum === 0) continue
      const key = keyOf(this.#column, entry)
      totals.set(key, (totals.get(key) ?? 0) + sum)
    }
  }
}

function numberAt(column: ColumnReader, numbers: Float64Array, row: number): number {
  const number = numbers[entryAt(column, row)]
  if (number === undefined) throw new Error('no count')
  return number
}

/** The parts `[start, end)` of a range of rows that lie in one page of a column each. */
function* stretches(
  { pages }: ColumnReader,
  from: number,
  to: number,
): Generator<{ start: number; end: number; firstRow: number }> {
  for (const { firstRow, rows } of pages) {
    const start = Math.max(firstRow, from)
    const end = Math.min(firstRow + rows, to)
    if (start < end) yield { start, end, firstRow }
  }
}
