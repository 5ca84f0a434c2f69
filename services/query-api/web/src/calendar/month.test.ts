import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../place/time.ts'
import { addMonths, monthOf, weekdayOf, weeksOf, yearOf } from './month.ts'

const day = (text: string): number => Date.parse(text)

describe('the weeks of a month', () => {
  it('begin with Monday and hold every day once', () => {
    const weeks = weeksOf(day('2026-11-01'))
    // 1 November 2026 is a Sunday.
    expect(weeks[0]).toEqual([...Array.from({ length: 6 }).fill(undefined), day('2026-11-01')])
    expect(weeks).toHaveLength(6)
    const days = weeks.flat().filter((dayMs) => dayMs !== undefined)
    expect(days).toEqual(Array.from({ length: 30 }, (_, i) => day('2026-11-01') + i * DAY_MS))
  })

  it('are four where February begins with a Monday', () => {
    expect(weeksOf(day('2027-02-01')).map((week) => week.length)).toEqual([7, 7, 7, 7])
  })
})

describe('days', () => {
  it('know their weekday, before 1970 too', () => {
    expect(weekdayOf(day('2026-11-21T23:59:59Z'))).toBe(5)
    expect(weekdayOf(0)).toBe(3)
    expect(weekdayOf(day('1969-12-28'))).toBe(6)
  })

  it('become the last of a shorter month', () => {
    expect(addMonths(day('2026-10-31'), 1)).toBe(day('2026-11-30'))
    expect(addMonths(day('2024-02-29'), 12)).toBe(day('2025-02-28'))
    expect(addMonths(day('2026-01-15'), -1)).toBe(day('2025-12-15'))
  })

  it('belong to a month and a year', () => {
    expect(monthOf(day('2026-11-21T13:00:00Z'))).toBe(day('2026-11-01'))
    expect(yearOf(day('2026-11-21'))).toBe(day('2026-01-01'))
    expect(yearOf(day('2026-11-21'), 1)).toBe(day('2027-01-01'))
  })
})
