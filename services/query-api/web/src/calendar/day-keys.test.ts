import { describe, expect, it } from 'vitest'
import { dayOfKey } from './day-keys.ts'

/** A Saturday. */
const DAY = Date.parse('2026-11-21')
const after = (key: string, shiftKey = false): string | undefined => {
  const dayMs = dayOfKey(DAY, { key, shiftKey })
  return dayMs === undefined ? undefined : new Date(dayMs).toISOString().slice(0, 10)
}

describe('a key in the calendar', () => {
  it('leads to the days and weeks around', () => {
    expect(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].map((key) => after(key))).toEqual([
      '2026-11-20',
      '2026-11-22',
      '2026-11-14',
      '2026-11-28',
    ])
  })

  it('leads to both ends of the week', () => {
    expect([after('Home'), after('End')]).toEqual(['2026-11-16', '2026-11-22'])
  })

  it('leads to other months and years', () => {
    expect([after('PageUp'), after('PageDown')]).toEqual(['2026-10-21', '2026-12-21'])
    expect([after('PageUp', true), after('PageDown', true)]).toEqual(['2025-11-21', '2027-11-21'])
  })

  it('does nothing else', () => {
    expect(after('x')).toBeUndefined()
  })
})
