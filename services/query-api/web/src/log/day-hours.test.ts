import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../place/time.ts'
import { gapsOf, hoursOf } from './day-hours.ts'

const DAY = Date.parse('2026-11-21')
const gap = (from: number, to: number, cause = 'connection') => ({
  from,
  to,
  cause,
  restored: false,
})

describe('the hours of a day', () => {
  const activity = {
    total: 1244,
    buckets: [
      { from: DAY + 3 * HOUR_MS, messages: 10 },
      { from: DAY + 13 * HOUR_MS, messages: 1234 },
    ],
  }

  it('are 24, with how much was said in each', () => {
    const hours = hoursOf(DAY, activity, [])
    expect(hours).toHaveLength(24)
    expect(hours[13]).toMatchObject({ name: '13:00, 1,234 messages', share: 1 })
    expect(hours[4]).toMatchObject({ name: '04:00, no messages', share: 0 })
    expect(hours[3]?.share).toBeCloseTo(10 / 1234)
  })

  it('say only their time while nothing is known', () => {
    expect(hoursOf(DAY, undefined, [])[13]).toMatchObject({ name: '13:00', messages: undefined })
  })

  it('say what may be missing, and why', () => {
    const from = DAY + 13 * HOUR_MS + 50 * MINUTE_MS
    const names = hoursOf(DAY, activity, [gap(from, from + 20 * MINUTE_MS)]).map((h) => h.name)
    expect(names[12]).toBe('12:00, no messages')
    expect(names[13]).toBe(
      '13:00, 1,234 messages, may miss messages from 13:50:00 to 14:10:00: the connection to Twitch was lost',
    )
    expect(names[14]).toContain('13:50:00')
    expect(names[15]).toBe('15:00, no messages')
  })
})

describe('the gaps of a day', () => {
  it('end where the day does', () => {
    const gaps = [
      gap(DAY - HOUR_MS, DAY + 6 * HOUR_MS, 'unrecorded'),
      gap(DAY + DAY_MS, DAY + 2 * DAY_MS),
    ]
    expect(gapsOf(DAY, gaps)).toEqual([
      { startMs: DAY, start: 0, length: 0.25, isUnrecorded: true },
    ])
  })
})
