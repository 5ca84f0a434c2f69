import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { erasedHours, erasedWithin, isErased } from './words-erased.ts'
import { HOUR_MS } from './periods.ts'
import { splitHours } from './words-range.ts'
import { leadersOf, TopList } from './words-top-list.ts'

const MINUTE_MS = 60_000

describe('a range of time', () => {
  it('is its whole hours and the parts of hours before and after them', () => {
    expect(splitHours({ fromMs: 10 * MINUTE_MS, toMs: 200 * MINUTE_MS })).toEqual({
      hours: { fromMs: HOUR_MS, toMs: 3 * HOUR_MS },
      parts: [
        { fromMs: 10 * MINUTE_MS, toMs: HOUR_MS },
        { fromMs: 3 * HOUR_MS, toMs: 200 * MINUTE_MS },
      ],
    })
    expect(splitHours({ fromMs: HOUR_MS, toMs: 2 * HOUR_MS }).parts).toEqual([])
  })

  it('without a whole hour is one part', () => {
    const range = { fromMs: 50 * MINUTE_MS, toMs: 70 * MINUTE_MS }
    expect(splitHours(range)).toMatchObject({ parts: [range] })
  })

  it('without ends is whole hours only', () => {
    const range = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
    const { hours, parts } = splitHours(range)
    expect(parts).toEqual([])
    expect([hours.fromMs, hours.toMs % HOUR_MS]).toEqual([0, 0])
  })

  it('has every millisecond in exactly one piece', () => {
    const minute = fc.integer({ min: 0, max: 300 })
    const property = fc.property(minute, minute, minute, (fromMs, toMs, timeMs) => {
      const range = { fromMs: fromMs * MINUTE_MS, toMs: toMs * MINUTE_MS }
      const { hours, parts } = splitHours(range)
      const pieces = [hours, ...parts].filter(
        (piece) => timeMs * MINUTE_MS >= piece.fromMs && timeMs * MINUTE_MS < piece.toMs,
      )
      return pieces.length === (timeMs >= fromMs && timeMs < toMs ? 1 : 0)
    })
    expect(fc.check(property).failed).toBe(false)
  })
})

describe('an erasure within an hour', () => {
  const erased = new Map([
    ['1', HOUR_MS + 20 * MINUTE_MS],
    ['2', HOUR_MS + 10 * MINUTE_MS],
    ['3', 2 * HOUR_MS],
    ['4', 9 * HOUR_MS + 1],
  ])
  const hours = { fromMs: 0, toMs: 5 * HOUR_MS }

  it('is counted anew from its time on, once for all who were erased in the hour', () => {
    expect(erasedHours(erased, hours)).toEqual([
      {
        part: { fromMs: HOUR_MS + 10 * MINUTE_MS, toMs: 2 * HOUR_MS },
        users: new Map([
          ['1', HOUR_MS + 20 * MINUTE_MS],
          ['2', HOUR_MS + 10 * MINUTE_MS],
        ]),
      },
    ])
  })

  it('matters to a range that begins before it, and to its user', () => {
    expect([...erasedWithin(erased, { fromMs: 2 * HOUR_MS, toMs: 9 * HOUR_MS }).keys()]).toEqual([
      '4',
    ])
    expect([...erasedWithin(erased, hours, '3').keys()]).toEqual(['3'])
    expect(erasedWithin(erased, hours, '5').size).toBe(0)
  })

  it('hides what was sent before it, and nothing else', () => {
    expect(isErased({ userId: '3', sentAtMs: 2 * HOUR_MS - 1 }, erased)).toBe(true)
    expect(isErased({ userId: '3', sentAtMs: 2 * HOUR_MS }, erased)).toBe(false)
    expect(isErased({ userId: '5', sentAtMs: 0 }, erased)).toBe(false)
  })
})

describe('a list of leaders', () => {
  it('is the first of all, whatever order they come in', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 })
    const property = fc.property(numbers, fc.integer({ min: 1, max: 10 }), (items, size) => {
      const list = new TopList<number>(size, (left, right) => left - right)
      for (const item of items) list.add(item)
      const first = items.toSorted((left, right) => left - right).slice(0, size)
      expect(list.take()).toEqual(first)
    })
    expect(fc.check(property).failed).toBe(false)
  })

  it('has equal counts in the order of ids', () => {
    const counts = new Map([
      ['b', 2],
      ['c', 3],
      ['a', 2],
    ])
    expect(leadersOf(counts, 2)).toEqual([
      { id: 'c', count: 3 },
      { id: 'a', count: 2 },
    ])
  })
})
