import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFooterCache } from './footer-cache.ts'
import { readSegment } from './read-segment.ts'
import { readWords } from './read-words.ts'
import type { WordQuery } from './read-words.ts'
import { sumWord, sumWords } from './sum-words.ts'
import type { WordSum } from './sum-words.ts'
import { storedSegment, storedWords } from './testing/stored-segment.ts'
import { generateRecords } from './testing.ts'
import type { WordCount } from './types.ts'
import { verifySegment } from './verify-segment.ts'
import { compareWordCounts, foldWord } from './words.ts'

const HOUR_MS = 3_600_000
/** Spellings of one word, words that UTF-16 would sort otherwise, and longer than a bound. */
const WORDS = [
  '',
  'Pog',
  'pog',
  'POG',
  'pogu',
  '\u{1f602}',
  '\uff5e',
  'a',
  'é',
  'long'.repeat(100),
  `${'long'.repeat(100)}er`,
  '\u{1f602}'.repeat(40),
]
const CHANNELS = ['1', '22', '3']
const ROWS = rowsOf({ fillers: 300, hours: 12, users: 12 })
const stored = storedWords(ROWS)

function rowsOf(size: { fillers: number; hours: number; users: number }): WordCount[] {
  const words = [...WORDS, ...Array.from({ length: size.fillers }, (_, index) => `w${index}`)]
  const rows: WordCount[] = []
  for (const channelId of CHANNELS) {
    for (const word of words) {
      for (let hour = 0; hour < size.hours; hour += 1) {
        for (let user = 0; user < size.users; user += 1) {
          const count = 1 + ((hour * 7 + user + word.length) % 5)
          const place = { hourMs: hour * HOUR_MS, userId: String(100 + user) }
          rows.push({ channelId, wordFolded: foldWord(word), word, ...place, count })
        }
      }
    }
  }
  return rows.toSorted(compareWordCounts)
}

function expected(query: WordQuery): WordCount[] {
  const { channelId, wordFolded, word, userId, exceptUsers, fromMs, toMs } = query
  return ROWS.filter(
    (row) =>
      (channelId === undefined || row.channelId === channelId) &&
      (wordFolded === undefined || row.wordFolded === wordFolded) &&
      (word === undefined || row.word === word) &&
      (userId === undefined || row.userId === userId) &&
      row.hourMs >= (exceptUsers?.get(row.userId) ?? -Infinity) &&
      row.hourMs >= fromMs &&
      row.hourMs < toMs,
  )
}

function summed<Key>(rows: readonly WordCount[], keyOf: (row: WordCount) => Key): Map<Key, number> {
  const sums = new Map<Key, number>()
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.count)
  return sums
}

function sorted<Key>(sums: ReadonlyMap<Key, number>): [Key, number][] {
  return [...sums].toSorted(([left], [right]) => (left < right ? -1 : 1))
}

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const hour = fc.integer({ min: 0, max: 13 }).map((hours) => hours * HOUR_MS)
const QUERY = fc.record({
  channelId: optional(fc.constantFrom(...CHANNELS, '4')),
  wordFolded: optional(fc.constantFrom(...WORDS.map(foldWord), 'w17', 'none')),
  word: optional(fc.constantFrom(...WORDS, 'w299', 'none')),
  userId: optional(fc.constantFrom('100', '105', '111', '9')),
  exceptUsers: optional(
    fc.constantFrom(
      new Map<string, number>(),
      new Map([
        ['105', 4 * HOUR_MS],
        ['9', 0],
      ]),
    ),
  ),
  fromMs: fc.oneof(fc.constant(0), hour),
  toMs: fc.oneof(fc.constant(Infinity), hour),
})

describe('reading a words segment', () => {
  it('answers any query as a scan of all rows would', async () => {
    const { source } = await stored
    const footers = createFooterCache()
    await fc.assert(
      fc.asyncProperty(QUERY, async (query) => {
        const found: WordCount[] = []
        for await (const batch of readWords(source, query, { footers })) found.push(...batch)
        const wanted = expected(query)
        expect(found.length).toBe(wanted.length)
        expect(JSON.stringify(found) === JSON.stringify(wanted)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('adds up one word as a scan would, in all, by hour, user and spelling', async () => {
    const { source } = await stored
    await fc.assert(
      fc.asyncProperty(QUERY, async (query) => {
        const totals = {
          hours: new Map<number, number>(),
          users: new Map<string, number>(),
          words: new Map<string, number>(),
        }
        const total = await sumWord(source, query, { totals })
        const wanted = expected(query)
        expect(total).toBe(wanted.reduce((sum, { count }) => sum + count, 0))
        expect(await sumWord(source, query)).toBe(total)
        expect(sorted(totals.hours)).toEqual(sorted(summed(wanted, ({ hourMs }) => hourMs)))
        expect(sorted(totals.users)).toEqual(sorted(summed(wanted, ({ userId }) => userId)))
        expect(sorted(totals.words)).toEqual(sorted(summed(wanted, ({ word }) => word)))
      }),
      { numRuns: 40 },
    )
  })

  it('adds up every word of a channel in order, over row groups', async () => {
    const { source } = await stored
    await fc.assert(
      fc.asyncProperty(QUERY, fc.constantFrom(...CHANNELS), async (some, channelId) => {
        const query = { ...some, channelId }
        const found: WordSum[] = []
        for await (const batch of sumWords(source, query)) found.push(...batch)
        const sums = [...summed(expected(query), ({ word }) => word)]
        const wanted = sums.map(([word, count]) => ({ wordFolded: foldWord(word), word, count }))
        expect(found).toEqual(wanted)
      }),
      { numRuns: 40 },
    )
  })

  it('takes one request for a word, and none where no row group can hold it', async () => {
    const { source, requests } = await stored
    const footers = createFooterCache()
    const query = { channelId: '22', fromMs: 0, toMs: Infinity }
    await sumWord(source, { ...query, word: 'Pog' }, { footers })
    requests.length = 0
    expect(await sumWord(source, { ...query, word: 'Pog' }, { footers })).toBeGreaterThan(0)
    expect(requests).toHaveLength(1)
    requests.length = 0
    expect(await sumWord(source, { ...query, channelId: '999' }, { footers })).toBe(0)
    expect(await sumWord(source, { ...query, fromMs: 100 * HOUR_MS }, { footers })).toBe(0)
    expect(requests).toEqual([])
  })

  it('stops when the signal says so', async () => {
    const { source } = await stored
    const abort = new AbortController()
    const query = { fromMs: 0, toMs: Infinity, signal: abort.signal }
    const reading = readWords(source, query)
    await reading.next()
    abort.abort(new Error('client went away'))
    await expect(reading.next()).rejects.toThrow('client went away')
    await expect(sumWord(source, query)).rejects.toThrow('client went away')
  })

  it('is verified: order, counts and digest', async () => {
    const { source, summary } = await stored
    expect(await verifySegment(source)).toEqual(summary)
  })

  it('takes no segment of records for one of words, nor the other way round', async () => {
    const words = await stored
    const records = await storedSegment(generateRecords({ channels: 1, recordsEach: 5 }))
    const range = { fromMs: 0, toMs: Infinity }
    await expect(sumWord(records.source, range)).rejects.toMatchObject({ kind: 'corrupt' })
    const reading = readSegment(words.source, { ...range, order: 'asc' })
    await expect(reading.next()).rejects.toMatchObject({ kind: 'corrupt' })
  })
})
