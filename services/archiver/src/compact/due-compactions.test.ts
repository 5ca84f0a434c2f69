import type { SegmentEntry } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { dueDays, uncompacted } from './due-compactions.ts'
import { DAY_MS, HOUR_MS } from '../period.ts'

const DAY = 20_000 * DAY_MS
const EVERY = { spreadMs: 0, isSetAside: () => false }

describe('dueDays', () => {
  it('gives a day when it has ended and all its arrivals are sealed', () => {
    const segments = [hour(DAY + HOUR_MS)]
    const nowMs = DAY + 2 * DAY_MS
    expect(due({ segments, nowMs, boundaryMs: DAY + DAY_MS - 1 })).toEqual([])
    expect(due({ segments, nowMs, boundaryMs: DAY + DAY_MS })).toEqual([DAY])
  })

  it('gives each day once, oldest first, and none that is compacted', () => {
    const compacted = { ...hour(DAY - DAY_MS), level: 'day' } as const
    const segments = [hour(DAY + DAY_MS), hour(DAY), hour(DAY + HOUR_MS), compacted]
    expect(due({ segments })).toEqual([DAY, DAY + DAY_MS])
    expect(uncompacted([...segments], DAY)).toEqual([segments[1], segments[2]])
  })

  it('spreads the shards over some time after midnight', () => {
    const policy = { ...EVERY, spreadMs: 600_000 }
    const at = (shard: number, afterMs: number): number[] => {
      const times = { boundaryMs: DAY + DAY_MS, nowMs: DAY + DAY_MS + afterMs }
      return dueDays({ shard, shards: 4, segments: [hour(DAY)], ...times }, policy)
    }
    expect(at(0, 0)).toEqual([DAY])
    expect(at(2, 299_999)).toEqual([])
    expect(at(2, 300_000)).toEqual([DAY])
  })

  it('does not start for what could not be read lately alone', () => {
    const [bad, good] = [hour(DAY), hour(DAY + HOUR_MS)]
    const policy = { ...EVERY, isSetAside: (key: string) => key === bad.key }
    expect(dueDays({ ...FACTS, segments: [bad] }, policy)).toEqual([])
    expect(dueDays({ ...FACTS, segments: [bad, good] }, policy)).toEqual([DAY])
  })
})

const FACTS = { shard: 0, shards: 1, boundaryMs: DAY + 9 * DAY_MS, nowMs: DAY + 9 * DAY_MS }

function due(facts: Partial<Parameters<typeof dueDays>[0]>): number[] {
  return dueDays({ ...FACTS, segments: [], ...facts }, EVERY)
}

function hour(arrivalFromMs: number): SegmentEntry {
  return {
    number: 1,
    key: `hour of ${arrivalFromMs}`,
    sizeBytes: 1,
    projection: 'by-channel',
    level: 'hour',
    arrivalFromMs,
    arrivalToMs: arrivalFromMs + HOUR_MS,
    sentMinMs: 0,
    sentMaxMs: 0,
    records: 1,
    digest: '0'.repeat(32),
  }
}
