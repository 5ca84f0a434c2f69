import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../place/time.ts'
import { heatOf } from './heat.ts'

/** A Saturday. */
const DAY = Date.parse('2026-11-21')
const SATURDAY = 5

describe('the hours of the week', () => {
  it('are means over the weeks of a range', () => {
    const buckets = [
      { from: DAY + 13 * HOUR_MS, messages: 100 },
      { from: DAY + 7 * DAY_MS + 13 * HOUR_MS, messages: 50 },
      { from: DAY + DAY_MS, messages: 30 },
    ]
    const heat = heatOf({ total: 180, buckets }, { fromMs: DAY, toMs: DAY + 8 * DAY_MS })
    expect(heat.rows.map((row) => row.length)).toEqual(Array.from({ length: 7 }).fill(24))
    expect(heat.rows[SATURDAY]?.[13]).toBe(75)
    // There is one Sunday in it.
    expect(heat.rows[SATURDAY + 1]?.[0]).toBe(30)
    expect(heat.most).toBe(75)
  })

  it('are all zero where nothing was said', () => {
    const heat = heatOf({ total: 0, buckets: [] }, { fromMs: DAY, toMs: DAY + HOUR_MS })
    expect(heat.most).toBe(0)
  })
})
