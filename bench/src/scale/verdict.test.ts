import { describe, expect, it } from 'vitest'
import { isEnough, verdictOf } from './verdict.ts'

const run = { perSecond: 1000, lines: 10_000, records: 9990, sendMs: 10_004, storedInTime: 9990 }

describe('verdictOf', () => {
  it('tells poglog that does not keep up from a sender that does not', () => {
    expect(verdictOf(run)).toBe('kept up')
    expect(verdictOf({ ...run, storedInTime: 9491 })).toBe('kept up')
    expect(verdictOf({ ...run, storedInTime: 9490 })).toBe('saturated')
    expect(verdictOf({ ...run, sendMs: 10_530 })).toBe('sender late')
    expect(verdictOf({ ...run, sendMs: 10_530, storedInTime: 5000 })).toBe('sender late')
  })

  it('compares with the records that the lines are, as equal lines are stored once', () => {
    expect(verdictOf({ ...run, records: 9000, storedInTime: 9000 })).toBe('kept up')
  })
})

describe('isEnough', () => {
  it('ends after the second rate that was too much', () => {
    expect(isEnough(['kept up', 'saturated'])).toBe(false)
    expect(isEnough(['kept up', 'saturated', 'kept up'])).toBe(false)
    expect(isEnough(['saturated', 'sender late'])).toBe(true)
  })
})
