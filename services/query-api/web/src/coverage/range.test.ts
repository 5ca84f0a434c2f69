import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../place/time.ts'
import { presetOf, presetStart, rangeOf, rangeOfDays } from './range.ts'

const NOW = Date.UTC(2026, 10, 21, 18, 40, 5)

describe('the range of an address', () => {
  it('is the last seven days, today among them, where it names none', () => {
    expect(rangeOf({}, NOW)).toEqual({ fromMs: Date.UTC(2026, 10, 15) })
    expect(presetOf(rangeOf({}, NOW), NOW)).toBe('7 days')
  })

  it('is what it names', () => {
    expect(rangeOf({ from: 5, to: 9 }, NOW)).toEqual({ fromMs: 5, toMs: 9 })
    expect(rangeOf({ to: NOW }, NOW)).toEqual({ fromMs: Date.UTC(2026, 10, 15), toMs: NOW })
  })

  it('stays the same for an hour or a day', () => {
    expect(presetStart('24 hours', NOW)).toBe(Date.UTC(2026, 10, 20, 18))
    expect(presetStart('24 hours', NOW + 60_000)).toBe(presetStart('24 hours', NOW))
    expect(presetStart('A year', NOW)).toBe(Date.UTC(2026, 10, 21) - 364 * DAY_MS)
  })
})

describe('the range of two days', () => {
  it('has both', () => {
    expect(rangeOfDays('2026-11-20', '2026-11-21')).toEqual({
      fromMs: Date.UTC(2026, 10, 20),
      toMs: Date.UTC(2026, 10, 22),
    })
  })

  it('is no longer than the API takes', () => {
    expect(rangeOfDays('2025-11-21', '2026-11-21')).not.toHaveProperty('problem')
    expect(rangeOfDays('2025-11-20', '2026-11-21')).toHaveProperty('problem')
    expect(rangeOfDays('2026-11-22', '2026-11-21')).toHaveProperty('problem')
    expect(rangeOfDays('', '2026-11-21')).toHaveProperty('problem')
  })
})
