import type { SegmentEntry, ShardState } from '@poglog/hot-store'
import { DEFAULT_TYPES } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { FakeHot } from '../testing/fake-hot.ts'
import type { HotReads } from './deps.ts'
import type { LogFilter } from './log-query.ts'
import { MovedError } from './start-over.ts'
import { arrivalDays, isActiveIn, userChannels } from './user-channels.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const TODAY = 20_000 * DAY_MS

const ALL: LogFilter = { fromMs: 0, toMs: TODAY * 2, order: 'asc', types: DEFAULT_TYPES }

function segment(changes: Partial<SegmentEntry>): SegmentEntry {
  return {
    number: 1,
    key: 'k',
    sizeBytes: 1,
    projection: 'by-channel',
    level: 'hour',
    arrivalFromMs: 0,
    arrivalToMs: 1,
    sentMinMs: 0,
    sentMaxMs: 0,
    records: 1,
    digest: '0'.repeat(32),
    ...changes,
  }
}

const state = { hotFromMs: TODAY + 2 * HOUR_MS, floorMs: 0, nowMs: TODAY + 5 * HOUR_MS }

describe('arrivalDays', () => {
  it('takes the days of segments that meet the range, and of what is hot', () => {
    const segments = [
      segment({
        arrivalFromMs: TODAY - 9 * DAY_MS + 2 * HOUR_MS,
        arrivalToMs: TODAY - 9 * DAY_MS + 3 * HOUR_MS,
        sentMinMs: 500,
        sentMaxMs: 600,
      }),
      segment({
        arrivalFromMs: TODAY - 5 * DAY_MS,
        arrivalToMs: TODAY,
        sentMinMs: 9000,
        sentMaxMs: 9999,
      }),
    ]
    expect(arrivalDays({ ...ALL, fromMs: 600, toMs: 9000 }, state, segments)).toEqual([
      { fromDayMs: TODAY - 9 * DAY_MS, toDayMs: TODAY - 9 * DAY_MS },
      { fromDayMs: TODAY, toDayMs: TODAY },
    ])
  })

  it('joins days that touch, and takes the neighbour where a clock may have stepped', () => {
    const segments = [segment({ arrivalFromMs: TODAY - DAY_MS, arrivalToMs: TODAY })]
    expect(arrivalDays(ALL, state, segments)).toEqual([
      { fromDayMs: TODAY - 2 * DAY_MS, toDayMs: TODAY },
    ])
  })

  it('takes the floor for the end where it lies ahead of the clock', () => {
    const ahead = { ...state, floorMs: TODAY + DAY_MS + 2 * HOUR_MS }
    expect(arrivalDays(ALL, ahead, [])).toEqual([{ fromDayMs: TODAY, toDayMs: TODAY + DAY_MS }])
  })
})

describe('isActiveIn', () => {
  it('keeps a segment whose arrivals touch an active day, by an hour at least', () => {
    const hour = { arrivalFromMs: TODAY + HOUR_MS * 12, arrivalToMs: TODAY + HOUR_MS * 13 }
    expect(isActiveIn(hour, undefined)).toBe(true)
    expect(isActiveIn(hour, new Set([TODAY]))).toBe(true)
    expect(isActiveIn(hour, new Set([TODAY - DAY_MS, TODAY + DAY_MS]))).toBe(false)
    const first = { arrivalFromMs: TODAY, arrivalToMs: TODAY + HOUR_MS }
    expect(isActiveIn(first, new Set([TODAY - DAY_MS]))).toBe(true)
  })
})

const NEVER_SEALED: ShardState = {
  shard: 0,
  boundaryMs: 0,
  floorMs: 0,
  aheadMs: 0,
  trimmedMs: 0,
  next: 1,
  epoch: 0,
  generation: 0,
  hotRecords: 1,
  hotBytes: 0,
  nowMs: state.nowMs,
}

describe('userChannels', () => {
  const asked: number[] = []
  const view = new Map([[0, { state: NEVER_SEALED, segments: [] }]])
  const query = { ...ALL, userId: '2' }

  function hotOf(firstMs: number, boundaryMs = 0): HotReads {
    const hot = new FakeHot()
    hot.boundaryMs = boundaryMs
    hot.firstArrival = async () => firstMs
    hot.userChannels = async (request) => {
      asked.push((request.toDayMs - request.fromDayMs) / DAY_MS + 1)
      return ['10']
    }
    return hot
  }

  it('asks a shard that was never sealed from its first arrival on, and a long range in pieces', async () => {
    const channel = { channelId: '10', shard: 0, isHot: true }
    const recent = await userChannels(query, view, hotOf(TODAY + HOUR_MS * 3))
    expect(recent).toEqual([{ ...channel, days: new Set([TODAY]) }])
    expect(asked).toEqual([1])
    asked.length = 0
    const long = await userChannels(query, view, hotOf(HOUR_MS * 3))
    expect(long).toEqual([{ ...channel, days: undefined }])
    expect(asked.reduce((sum, days) => sum + days, 0)).toBe(20_001)
    expect(Math.max(...asked)).toBeLessThanOrEqual(400)
  })

  it('begins again when the shard was sealed for the first time after the snapshot (Q1)', async () => {
    const sealed = hotOf(TODAY + HOUR_MS * 3, TODAY + HOUR_MS * 2)
    await expect(userChannels(query, view, sealed)).rejects.toThrow(MovedError)
  })

  it('asks only for the days of what by-user segments do not cover, and of what is hot', async () => {
    asked.length = 0
    const dayOf = (daysAgo: number, level: 'hour' | 'day') =>
      segment({
        level,
        arrivalFromMs: TODAY - daysAgo * DAY_MS + 5 * HOUR_MS,
        arrivalToMs: TODAY - daysAgo * DAY_MS + 6 * HOUR_MS,
      })
    const boundaryMs = TODAY + 2 * HOUR_MS
    const sealed = {
      state: { ...NEVER_SEALED, boundaryMs },
      segments: [dayOf(9, 'day'), dayOf(4, 'hour')],
    }
    await userChannels(query, new Map([[0, sealed]]), hotOf(0, boundaryMs))
    expect(asked).toEqual([1, 1])
  })
})
