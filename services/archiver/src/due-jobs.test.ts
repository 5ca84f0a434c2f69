import type { ShardState } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { dueJobs } from './due-jobs.ts'
import { HOUR_MS } from './period.ts'

const SETTINGS = { periodMs: HOUR_MS, recordsMax: 1000, trimGraceMs: 600_000, memoryShare: 0.1 }
const NOON = 12 * HOUR_MS

describe('dueJobs', () => {
  it('calls for nothing in the middle of a sealed hour', () => {
    expect(due({ nowMs: NOON + 1_800_000 })).toEqual([])
  })

  it('seals the ended hour soon after its end, not at once', () => {
    expect(due({ nowMs: NOON + HOUR_MS + 400 })).toEqual([])
    expect(due({ nowMs: NOON + HOUR_MS + 600 })).toEqual([seal('period')])
  })

  it('seals a shard that has never been sealed', () => {
    expect(due({ boundaryMs: 0, trimmedMs: 0, nowMs: NOON })).toEqual([seal('period')])
  })

  it('seals early at the most records a segment may hold', () => {
    expect(due({ hotRecords: 999 })).toEqual([])
    expect(due({ hotRecords: 1000 })).toEqual([seal('now')])
  })

  it('seals early when Redis fills up, unless that would free next to nothing', () => {
    expect(due({ hotRecords: 60 }, { memoryShare: 0.71 })).toEqual([seal('now')])
    expect(due({ hotRecords: 40 }, { memoryShare: 0.71 })).toEqual([])
    expect(due({ hotRecords: 60 }, { memoryShare: 0.69 })).toEqual([])
  })

  it('trims what lies below the boundary for longer than the grace', () => {
    const trim = { kind: 'trim', shard: 3 }
    expect(due({ trimmedMs: NOON - HOUR_MS, nowMs: NOON + 1 })).toEqual([trim])
    expect(due({ trimmedMs: NOON - 600_000, nowMs: NOON })).toEqual([])
    expect(due({ trimmedMs: NOON, nowMs: NOON + HOUR_MS })).toEqual([])
  })
})

function due(state: Partial<ShardState>, settings: Partial<typeof SETTINGS> = {}) {
  const whole: ShardState = {
    shard: 3,
    boundaryMs: NOON,
    floorMs: NOON,
    aheadMs: 0,
    trimmedMs: NOON,
    next: 5,
    epoch: 1,
    generation: 4,
    hotRecords: 0,
    hotBytes: 0,
    nowMs: NOON + 1,
    ...state,
  }
  return dueJobs(whole, { ...SETTINGS, ...settings })
}

function seal(upTo: string) {
  return { kind: 'seal', shard: 3, upTo }
}
