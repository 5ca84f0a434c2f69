import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareCodePoints } from './order.ts'
import { recordFromLine } from './record-from-line.ts'
import { generateRecords } from './testing.ts'
import type { LogRecord, WordCount } from './types.ts'
import { WordCounter } from './word-counter.ts'
import { compareWordCounts, foldWord, wordsOf } from './words.ts'

const HOUR_MS = 3_600_000

function recordOf(raw: string): LogRecord {
  const record = recordFromLine(raw, { channelId: '1', channelLogin: 'x', receivedAtMs: 5 })
  if (record === undefined) throw new Error(`no record: ${raw}`)
  return record
}

function said(text: string, tags = ''): LogRecord {
  return recordOf(`@user-id=7;tmi-sent-ts=7200001${tags} :a!a@a.tmi.twitch.tv PRIVMSG #x :${text}`)
}

describe('the words of a record', () => {
  it.each([
    ['Pog', ['Pog']],
    ['  a  b ', ['a', 'b']],
    ['tab\tnbsp\u00a0em\u2003ideographic\u3000next\u0085line', undefined],
    ['a:) :( don\u2019t', ['a:)', ':(', 'don\u2019t']],
    ['zero\u200bwidth bom\ufeff \u{e0000}', ['zero\u200bwidth', 'bom\ufeff', '\u{e0000}']],
    ['\u0001ACTION waves at you\u0001', ['waves', 'at', 'you']],
    ['\u0001ACTION waves', ['waves']],
    ['', []],
    [' ', []],
  ])('of %j are %j', (text, words) => {
    const expected = words ?? ['tab', 'nbsp', 'em', 'ideographic', 'next', 'line']
    expect(wordsOf(said(text))).toEqual(expected)
  })

  it('lie between what Unicode calls white space', () => {
    const text = fc.array(
      fc.oneof(
        fc.constantFrom(' ', '\t', '\u0085', '\u00a0', '\u1680', '\u2007', '\u2028', '\u202f'),
        fc.constantFrom('\u205f', '\u3000', '\ufeff', '\u200b', '\u180e', '\u001f', '\u{1f602}'),
        fc.string({ unit: 'grapheme', maxLength: 3 }),
      ),
    )
    fc.assert(
      fc.property(text, (parts) => {
        const line = parts.join('').replaceAll(/[\0\r\n]/g, '')
        const expected = line.split(/\p{White_Space}+/u).filter((word) => word !== '')
        expect(wordsOf(said(line))).toEqual(expected)
      }),
    )
  })

  it('of an event are those its user wrote', () => {
    const tags = '@msg-id=resub;system-msg=a\\ssubscribed;user-id=7;room-id=1'
    expect(wordsOf(recordOf(`${tags} :tmi.twitch.tv USERNOTICE #x :thank you`))).toEqual([
      'thank',
      'you',
    ])
    expect(wordsOf(recordOf(`${tags} :tmi.twitch.tv USERNOTICE #x`))).toEqual([])
  })

  it('do not count in copies of a shared chat, or in what nobody said', () => {
    expect(wordsOf(said('hi', ';room-id=1;source-room-id=2'))).toBeUndefined()
    expect(wordsOf(said('hi', ';room-id=1;source-room-id=1'))).toEqual(['hi'])
    expect(wordsOf(said('hi', ';room-id=1;source-room-id='))).toEqual(['hi'])
    expect(wordsOf(recordOf(':tmi.twitch.tv CLEARCHAT #x :someone'))).toBeUndefined()
    expect(wordsOf(recordOf(':tmi.twitch.tv NOTICE #x :hello there'))).toBeUndefined()
  })

  it.each([
    ['KEKW', 'kekw'],
    ['ÄÖÜ', 'äöü'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['οδος', 'οδοσ'],
    ['straße', 'straße'],
    ['😂', '😂'],
  ])('%j is folded to %j', (word, folded) => {
    expect(foldWord(word)).toBe(folded)
    expect(foldWord(folded)).toBe(folded)
  })
})

describe('the order of words', () => {
  it('is that of their UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 4 }).filter((word) => word.isWellFormed())
    const odd = fc.constantFrom('\u{1f602}', '\uff5e', '\ue000', '\ud7ff', '\u{10ffff}', 'a', '')
    const word = fc.oneof(
      text,
      fc.array(odd, { maxLength: 3 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(word, word, (left, right) => {
        const order = Buffer.compare(Buffer.from(left), Buffer.from(right))
        expect(Math.sign(compareCodePoints(left, right))).toBe(order)
      }),
      { numRuns: 300 },
    )
    expect(compareCodePoints('\uff5e', '\u{1f602}')).toBeLessThan(0)
  })

  it('goes by channel, folded word, word, hour and user', () => {
    const row = { channelId: '1', wordFolded: 'a', word: 'a', hourMs: 1, userId: '1', count: 1 }
    const rows = [
      { ...row, word: 'A', userId: '9' },
      row,
      { ...row, userId: '10' },
      { ...row, userId: '2' },
      { ...row, hourMs: 2, userId: '1' },
      { ...row, wordFolded: 'b', word: 'B', hourMs: 0 },
      { ...row, channelId: '2', wordFolded: '', word: '' },
    ]
    expect(rows.toReversed().toSorted(compareWordCounts)).toEqual(rows)
    expect(compareWordCounts(row, { ...row, count: 2 })).toBe(0)
  })
})

describe('a word counter', () => {
  it('counts messages as the word without letters', () => {
    const counter = new WordCounter()
    counter.add(said('Pog pog Pog'))
    counter.add(said(''))
    const row = { channelId: '1', hourMs: 7_200_000, userId: '7' }
    expect(counter.size).toBe(3)
    expect(counter.take()).toEqual([
      { ...row, wordFolded: '', word: '', count: 2 },
      { ...row, wordFolded: 'pog', word: 'Pog', count: 2 },
      { ...row, wordFolded: 'pog', word: 'pog', count: 1 },
    ])
    expect(counter.size).toBe(0)
    expect(counter.take()).toEqual([])
  })

  it('gives what counting one by one gives, in order, however it is emptied', () => {
    const records = [
      ...generateRecords({ channels: 4, recordsEach: 1500, users: 40 }),
      ...generateRecords({ channels: 2, recordsEach: 500, users: 40, seed: 7 }).map((record) =>
        Object.assign({}, record, { sentAtMs: record.sentAtMs + 5 * HOUR_MS }),
      ),
    ]
    const counter = new WordCounter()
    const rows: WordCount[] = []
    for (const [index, record] of records.entries()) {
      counter.add(record)
      if (index === 3000) rows.push(...sorted(counter))
    }
    rows.push(...sorted(counter))
    expect(sums(rows)).toEqual(countedOneByOne(records))
  })
})

function sorted(counter: WordCounter): WordCount[] {
  const { size } = counter
  const rows = counter.take()
  expect(rows).toHaveLength(size)
  expect(rows).toEqual(rows.toSorted(compareWordCounts))
  return rows
}

function sums(rows: readonly WordCount[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { channelId, wordFolded, word, hourMs, userId, count } of rows) {
    expect(wordFolded).toBe(foldWord(word))
    const key = JSON.stringify([channelId, word, hourMs, userId])
    counts.set(key, (counts.get(key) ?? 0) + count)
  }
  return counts
}

function countedOneByOne(records: readonly LogRecord[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const record of records) {
    const { channelId, userId, sentAtMs } = record
    const words = wordsOf(record)
    for (const word of words === undefined ? [] : ['', ...words]) {
      const hourMs = Math.floor(sentAtMs / HOUR_MS) * HOUR_MS
      const key = JSON.stringify([channelId, word, hourMs, userId])
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return counts
}
