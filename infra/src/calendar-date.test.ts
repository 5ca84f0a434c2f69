import { describe, expect, it } from 'vitest'
import { dayMsOf } from './calendar-date.ts'

describe('dayMsOf', () => {
  it('reads days that there are, and no others', () => {
    expect(dayMsOf('2024-02-29')).toBe(Date.UTC(2024, 1, 29))
    for (const date of ['2026-02-29', '2026-02-30', '2026-04-31', '2026-13-01', '2026-1-1', '']) {
      expect(dayMsOf(date)).toBeUndefined()
    }
  })
})
