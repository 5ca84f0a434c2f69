import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTime } from './time.ts'

describe('parseTime', () => {
  it('reads RFC 3339 in its spellings', () => {
    const noonMs = Date.UTC(2026, 10, 21, 12)
    for (const text of [
      '2026-11-21T12:00:00Z',
      '2026-11-21t12:00:00z',
      '2026-11-21 12:00:00Z',
      '2026-11-21T12:00:00.000Z',
      '2026-11-21T14:00:00+02:00',
      '2026-11-21T14:00:00 02:00',
      '2026-11-21T14:00:00+0200',
      '2026-11-21T06:30:00-05:30',
    ]) {
      expect([text, parseTime(text)]).toEqual([text, noonMs])
    }
  })

  it('takes up to 11 digits as seconds and more as milliseconds', () => {
    expect(parseTime('0')).toBe(0)
    expect(parseTime('1700000000')).toBe(1_700_000_000_000)
    expect(parseTime('99999999999')).toBe(99_999_999_999_000)
    expect(parseTime('170000000000')).toBe(170_000_000_000)
    expect(parseTime('1700000000123')).toBe(1_700_000_000_123)
  })

  it('rounds a finer fraction up, so that half-open ranges keep their meaning', () => {
    expect(parseTime('1970-01-01T00:00:00.0005Z')).toBe(1)
    expect(parseTime('1970-01-01T00:00:00.123Z')).toBe(123)
    expect(parseTime('1970-01-01T00:00:00.123000001Z')).toBe(124)
    expect(parseTime('1970-01-01T00:00:00.5Z')).toBe(500)
  })

  it('reads every millisecond that a date prints', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
        (date) => {
          expect(parseTime(date.toISOString())).toBe(date.getTime())
        },
      ),
    )
  })

  it('refuses what is no point in time', () => {
    for (const text of [
      '',
      ' ',
      'yesterday',
      '2026-11-21',
      '2026-11-21T12:00:00',
      '2026-11-21T12:00Z',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-00-01T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:61Z',
      '2026-01-01T00:00:00+24:00',
      '2026-01-01T00:00:00.Z',
      '-1',
      '1e9',
      '0x10',
      '1.5',
      '12345678901234567',
      '9999999999999999',
      '٣',
      '2026-01-01T00:00:00Z\n',
    ]) {
      expect([text, parseTime(text)]).toEqual([text, undefined])
    }
  })

  it('takes any text without throwing (S1)', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const timeMs = parseTime(text)
        expect(timeMs === undefined || Number.isSafeInteger(timeMs)).toBe(true)
      }),
    )
  })
})
