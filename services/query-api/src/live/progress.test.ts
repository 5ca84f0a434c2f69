import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SEEN_MARKS_MAX, decodeProgress, encodeProgress, isGiven, seenMark } from './progress.ts'

const ms = fc.integer({ min: 0, max: 10 ** 14 })
const key = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))
const place = fc.option(fc.record({ sentAtMs: ms, key }), { nil: undefined })
const progress = fc.record({
  arrivedMs: ms,
  within: place,
  seen: fc.array(key.map(seenMark), { maxLength: SEEN_MARKS_MAX }),
  history: fc.option(fc.record({ toMs: ms, after: place }), { nil: undefined }),
})

const K = (digit: string): string => digit.repeat(32)

const record = (receivedAtMs: number, sentAtMs: number, digit: string) => ({
  receivedAtMs,
  sentAtMs,
  key: K(digit),
})

describe('an event id', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(progress, (what) => {
        expect(decodeProgress(encodeProgress(what))).toEqual(what)
      }),
    )
  })

  it('is nothing else, and short enough for a header (S1)', () => {
    fc.assert(
      fc.property(progress, fc.string(), (what, more) => {
        expect(encodeProgress(what).length).toBeLessThan(1300)
        expect(
          decodeProgress(`${more}${encodeProgress(what)}`) === undefined || /^\d*$/.test(more),
        ).toBe(true)
      }),
    )
    const marks = `_${'a'.repeat(8 * (SEEN_MARKS_MAX + 1))}`
    for (const text of [
      '',
      '1-1',
      '1.2',
      '1.2.z',
      `1${marks}`,
      '1~',
      '-1',
      '1\n',
      '1234567890123456',
    ])
      expect(decodeProgress(text)).toBeUndefined()
  })
})

describe('what a listener has been given', () => {
  it('is all before an arrival, and of that arrival all up to a place', () => {
    const at = { arrivedMs: 100, within: { sentAtMs: 5, key: K('5') } }
    expect(isGiven(at, record(99, 9, '9'))).toBe(true)
    expect(isGiven(at, record(100, 4, '9'))).toBe(true)
    expect(isGiven(at, record(100, 5, '5'))).toBe(true)
    expect(isGiven(at, record(100, 5, '6'))).toBe(false)
    expect(isGiven(at, record(101, 1, '1'))).toBe(false)
    expect(isGiven({ arrivedMs: 100 }, record(100, 1, '1'))).toBe(false)
  })

  it('is what is marked, and history up to a place', () => {
    const at = {
      arrivedMs: 100,
      seen: [seenMark(K('7'))],
      history: { toMs: 200, after: { sentAtMs: 5, key: K('5') } },
    }
    expect(isGiven(at, record(150, 9, '7'))).toBe(true)
    expect(isGiven(at, record(150, 5, '4'))).toBe(true)
    expect(isGiven(at, record(150, 5, '6'))).toBe(false)
    // What arrived later is no part of that history.
    expect(isGiven(at, record(200, 1, '1'))).toBe(false)
  })
})
