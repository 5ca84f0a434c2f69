import type { ColumnReader } from './column-reader.ts'
import { openSegment } from './open-segment.ts'
import type { ReadOptions } from './read-segment.ts'
import type { WordQuery } from './read-words.ts'
import type { SegmentSource } from './types.ts'
import { entriesBetween, loadWordRows, stretches } from './word-rows.ts'
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
  for (const { start, end } of stretches([words, counts], from, to)) {
    const entries = entriesBetween(words, start, end)
    const countEntries = entriesBetween(counts, start, end)
    for (let at = 0; at < entries.length; at += 1) {
      const entry = entries[at] ?? -1
      if (entry !== current) {
        close(start + at - 1)
        current = entry
        count = 0
      }
      if (test === undefined || test(start + at)) count += numberOf(numbers, countEntries[at])
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
  const all = [byHour, byUser, byWord].filter((sums) => sums !== undefined)
  let total = 0
  for (const { start, end } of stretches([counts, ...all.map(({ column }) => column)], from, to)) {
    const entries = entriesBetween(counts, start, end)
    const values = new Float64Array(entries.length)
    for (let at = 0; at < entries.length; at += 1) {
      if (test !== undefined && !test(start + at)) continue
      const count = numberOf(numbers, entries[at])
      values[at] = count
      total += count
    }
    for (const sums of all) sums.add(start, values)
  }
  if (hours !== undefined) byHour?.addTo(hours, (column, entry) => column.numbers()[entry] ?? 0)
  if (users !== undefined) byUser?.addTo(users, (column, entry) => column.dictionary().text(entry))
  if (words !== undefined) byWord?.addTo(words, (column, entry) => column.dictionary().text(entry))
  return total
}

/** Sums by the dictionary entries of a column. */
class EntrySums {
  readonly column: ColumnReader
  readonly #sums: Float64Array

  constructor(column: ColumnReader) {
    this.column = column
    this.#sums = new Float64Array(column.dictionary().size)
  }

  /** Adds the counts of the rows from `start` on. */
  add(start: number, counts: Float64Array): void {
    const sums = this.#sums
    const entries = entriesBetween(this.column, start, start + counts.length)
    for (let at = 0; at < entries.length; at += 1) {
      const entry = entries[at] ?? -1
      const sum = sums[entry]
      if (sum === undefined) throw new Error('no dictionary entry')
      sums[entry] = sum + (counts[at] ?? 0)
    }
  }

  addTo<Key>(totals: Map<Key, number>, keyOf: (column: ColumnReader, entry: number) => Key): void {
    for (let entry = 0; entry < this.#sums.length; entry += 1) {
      const sum = this.#sums[entry] ?? 0
      if (sum === 0) continue
      const key = keyOf(this.column, entry)
      totals.set(key, (totals.get(key) ?? 0) + sum)
    }
  }
}

function numberOf(numbers: Float64Array, entry: number | undefined): number {
  const number = numbers[entry ?? -1]
  if (number === undefined) throw new Error('no dictionary entry')
  return number
}
