import { describe, expect, it } from 'vitest'
import { DAY_MS } from '../place/time.ts'
import { dayCounts, nextDay } from './day-counts.ts'

const FROM = Date.UTC(2026, 0, 1)
const TO = Date.UTC(2027, 0, 1)
const day = (index: number): number => FROM + index * DAY_MS

describe('the next day', () => {
  const counts = dayCounts(
    {
      total: 12,
      buckets: [
        { from: day(3), messages: 5 },
        { from: day(9), messages: 7 },
      ],
    },
    { fromMs: FROM, toMs: TO },
  )

  it('is the nearest with messages', () => {
    expect(nextDay(day(3), { step: 1, lastMs: day(20), counts })).toBe(day(9))
    expect(nextDay(day(8), { step: -1, lastMs: day(20), counts })).toBe(day(3))
    expect(counts.most).toBe(7)
  })

  it('is the one before the year where the year has no earlier one', () => {
    expect(nextDay(day(3), { step: -1, lastMs: day(20), counts })).toBe(FROM - DAY_MS)
  })

  it('is the neighbour while nothing is known', () => {
    expect(nextDay(day(3), { step: 1, lastMs: day(20), counts: undefined })).toBe(day(4))
  })

  it('does not exist after the last', () => {
    expect(nextDay(day(9), { step: 1, lastMs: day(20), counts })).toBeUndefined()
    expect(nextDay(day(20), { step: 1, lastMs: day(20), counts: undefined })).toBeUndefined()
  })
})
