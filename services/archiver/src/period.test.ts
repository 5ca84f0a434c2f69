import { describe, expect, it } from 'vitest'
import { HOUR_MS, edgeAfter, periodStart } from './period.ts'

describe('periods', () => {
  it('starts a period at a multiple of its length', () => {
    expect(periodStart(HOUR_MS * 5 + 1, HOUR_MS)).toBe(HOUR_MS * 5)
    expect(periodStart(HOUR_MS * 5, HOUR_MS)).toBe(HOUR_MS * 5)
  })

  it('ends a segment at the end of the hour that holds its first arrival', () => {
    expect(edgeAfter(HOUR_MS * 5, HOUR_MS)).toBe(HOUR_MS * 6)
    expect(edgeAfter(HOUR_MS * 6 - 1, HOUR_MS)).toBe(HOUR_MS * 6)
  })

  it('never lets a segment cross an hour, also when the period does', () => {
    const periodMs = 7 * 60_000
    expect(edgeAfter(HOUR_MS - 60_000, periodMs)).toBe(HOUR_MS)
    expect(edgeAfter(60_000, periodMs)).toBe(periodMs)
  })
})
