import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../place/time.ts'
import { PRESETS, daysOf, hourlyRange, periodOf, rangeOf } from './ranges.ts'

const NOW = Date.parse('2026-11-21T13:30:00Z')
const at = (text: string): number => Date.parse(text)

describe('the range of a place', () => {
  it('is the last 30 days, today included', () => {
    expect(rangeOf({}, NOW)).toEqual({ fromMs: at('2026-10-23') })
  })

  it('is what the address says', () => {
    const [from, to] = [at('2026-11-01'), at('2026-11-03')]
    expect(rangeOf({ from, to }, NOW)).toEqual({ fromMs: from, toMs: to })
    expect(rangeOf({ from }, NOW)).toEqual({ fromMs: from })
  })

  it('are the 30 days before its end where it has no start', () => {
    const to = at('2026-10-31')
    expect(rangeOf({ to }, NOW)).toEqual({ fromMs: at('2026-10-01'), toMs: to })
  })

  it('has no end that comes before its start', () => {
    const [from, to] = [at('2026-11-03'), at('2026-11-01')]
    expect(rangeOf({ from, to }, NOW)).toEqual({ fromMs: from })
  })
})

describe('the presets', () => {
  it('begin with an hour or a day', () => {
    const starts = PRESETS.map(({ from }) => from(NOW))
    expect(starts).toEqual([
      at('2026-11-20T14:00:00Z'),
      at('2026-11-15'),
      undefined,
      at('2026-01-01'),
      0,
    ])
  })
})

describe('what counts are listed by', () => {
  it('is what suits the range', () => {
    expect(periodOf(undefined, 1)).toBe('hour')
    expect(periodOf(undefined, 30)).toBe('day')
    expect(periodOf('hour', 30)).toBe('hour')
    expect(periodOf('day', 1)).toBe('day')
  })

  it('are days where hours would be too many', () => {
    expect(periodOf('hour', 101)).toBe('day')
  })
})

describe('the range that is listed by the hour', () => {
  it('is the whole where it is short enough', () => {
    const range = { fromMs: NOW - 30 * DAY_MS }
    expect(hourlyRange(range, NOW)).toEqual(range)
  })

  it('are the last 100 days otherwise', () => {
    const range = hourlyRange({ fromMs: 0, toMs: at('2026-11-01') }, NOW)
    expect(range).toEqual({ fromMs: at('2026-07-24'), toMs: at('2026-11-01') })
    expect(daysOf(range, NOW)).toBe(100)
  })
})
