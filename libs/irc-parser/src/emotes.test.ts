import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEmotes, toUtf16Ranges } from './emotes.ts'

/** Any UTF-16 units, half surrogate pairs too. */
const anyText = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))

describe('parseEmotes', () => {
  it('reads ranges ordered by where they begin', () => {
    expect(parseEmotes('1902:6-10/25:0-4,12-16')).toEqual([
      { id: '25', start: 0, end: 5 },
      { id: '1902', start: 6, end: 11 },
      { id: '25', start: 12, end: 17 },
    ])
  })

  it('takes ids of any form', () => {
    expect(parseEmotes('300196486_TK:0-7/emotesv2_9f:8-9')).toMatchObject([
      { id: '300196486_TK' },
      { id: 'emotesv2_9f' },
    ])
  })

  it.each([
    '',
    '25',
    '25:',
    ':0-4',
    '25:4',
    '25:-4',
    '25:4-',
    '25:5-4',
    '25:a-b',
    '25:0-4x',
    '/',
    '25:1-99999999999999999',
  ])('finds nothing in %j', (value) => {
    expect(parseEmotes(value)).toEqual([])
  })
})

describe('toUtf16Ranges', () => {
  it('shifts ranges behind characters of two units', () => {
    const text = '👉 <3 👉 <3'
    const ranges = toUtf16Ranges(text, parseEmotes('483:2-3,7-8'))
    expect(ranges.map(({ start, end }) => text.slice(start, end))).toEqual(['<3', '<3'])
  })

  it('cuts off what lies beyond the text', () => {
    const beyond = parseEmotes('1:3-9/2:50-52')
    expect(toUtf16Ranges('short', beyond)).toEqual([
      { id: '1', start: 3, end: 5 },
      { id: '2', start: 5, end: 5 },
    ])
    expect(toUtf16Ranges('shor👉', beyond)).toEqual([
      { id: '1', start: 3, end: 6 },
      { id: '2', start: 6, end: 6 },
    ])
  })

  it('counts half a surrogate pair as one code point', () => {
    expect(toUtf16Ranges('\ud83d x', [{ id: '1', start: 2, end: 3 }])).toEqual([
      { id: '1', start: 2, end: 3 },
    ])
  })

  it('agrees with counting code points on any text', () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), fc.nat(40), (text, start, length) => {
        const range = { id: '1', start, end: start + length }
        const [found] = toUtf16Ranges(text, [range])
        const expected = Array.from(text)
          .slice(start, start + length)
          .join('')
        expect(text.slice(found?.start, found?.end)).toBe(expected)
      }),
    )
  })
})
