import { describe, expect, it } from 'vitest'
import { retryAfterMs } from './http.ts'

describe('retryAfterMs', () => {
  it('reads seconds and dates', () => {
    const nowMs = Date.UTC(2026, 10, 21)
    expect(retryAfterMs('120', nowMs)).toBe(120_000)
    expect(retryAfterMs('Sat, 21 Nov 2026 00:00:30 GMT', nowMs)).toBe(30_000)
    expect(retryAfterMs('Fri, 20 Nov 2026 00:00:00 GMT', nowMs)).toBe(0)
    expect(retryAfterMs('soon', nowMs)).toBeUndefined()
    expect(retryAfterMs(null, nowMs)).toBeUndefined()
  })
})
