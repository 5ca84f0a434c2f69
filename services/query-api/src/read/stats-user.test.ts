import { createFooterCache } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { describe, expect, it } from 'vitest'
import { COUNT_LIMITS, READ_LIMITS } from '../limits.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import { storeSegment } from '../testing/segments.ts'
import { userActivity } from './activity.ts'
import type { HotReads, ReadDeps } from './deps.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { userStats } from './stats-user.ts'
import { countUserWord } from './words-user.ts'

const SENT_MS = 1_790_000_000_000
const ALL = { userId: '2', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
const SMALL = { ...READ_LIMITS, roundRecords: 20, firstPageEntries: 2, pageEntries: 3 }

function depsOf(hot: HotReads, cold: ObjectStore): ReadDeps {
  return {
    hot,
    cold,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: SMALL,
    onEqualKeys: () => undefined,
  }
}

function recordsOf(first: number, count: number): LogRecord[] {
  return Array.from({ length: count }, (_, at) => {
    const number = first + at
    return recordOf({ number, channelId: String(10 + (number % 3)), sentAtMs: SENT_MS + number })
  })
}

describe("a count of a bot's messages", () => {
  it('reads everything once, however much there is', async () => {
    const hot = new FakeHot()
    const cold = memoryObjectStore()
    const fold = { shard: 0, shards: 1, number: 1, users: 0, arrivalFromMs: 0, arrivalToMs: 1 }
    const identity = { ...fold, projection: 'by-user', level: 'fold' } as const
    hot.folds.push(await storeSegment(recordsOf(0, 2000), identity, cold))
    hot.append(recordsOf(2000, 6))
    let [requests, snapshots] = [0, 0]
    const snapshot = hot.snapshot.bind(hot)
    hot.snapshot = async (request) => {
      if (request.channelId !== undefined) snapshots += 1
      return await snapshot(request)
    }
    const get: ObjectStore['get'] = async (key, options) => {
      requests += 1
      return await cold.get(key, options)
    }
    const deps = depsOf(hot, { ...cold, get })
    const stats = await userStats({ ...ALL, busiest: 1 }, deps)
    expect(stats).toMatchObject({ messages: 2006, firstMs: SENT_MS, lastMs: SENT_MS + 2005 })
    expect(stats.byChannel).toEqual(
      new Map([
        ['10', 669],
        ['11', 669],
        ['12', 668],
      ]),
    )
    expect(requests).toBeLessThanOrEqual(4)
    expect(snapshots).toBe(3)
  })

  it('has each record once, wherever a replay has brought it (I2), while the log moves (Q1)', async () => {
    const works = [
      (log: MemoryLog) => log.seal(0),
      (log: MemoryLog) => log.compact(0),
      (log: MemoryLog) => log.fold(),
      async (log: MemoryLog) => {
        log.trim(0)
      },
      (log: MemoryLog) => log.removeObjects(),
    ]
    const asking = async (moveAt: number): Promise<{ calls: number; counted: unknown }> => {
      const log = new MemoryLog(memoryObjectStore())
      for (const [first, step] of [0, 20, 40].entries()) {
        log.append(recordsOf(step, 20))
        if (first < 2) for (const shard of [0, 1]) await log.seal(shard)
        if (first < 1) for (const shard of [0, 1]) await log.compact(shard)
      }
      log.append([...recordsOf(5, 9), ...recordsOf(25, 9), ...recordsOf(45, 9)])
      let calls = 0
      const before = async (): Promise<void> => {
        calls += 1
        if (calls === moveAt) for (const work of works) await work(log)
      }
      const watched: HotReads = {
        shards: 2,
        shardOf: (channelId) => log.shardOf(channelId),
        userShardOf: (userId) => log.userShardOf(userId),
        firstArrival: (shard) => log.firstArrival(shard),
        snapshot: async (request) => {
          await before()
          return await log.snapshot(request)
        },
        usersView: async () => {
          await before()
          return await log.usersView()
        },
        readPage: async (request) => {
          await before()
          return await log.readPage(request)
        },
        userChannels: (request) => log.userChannels(request),
        retention: log.retention,
        optOuts: log.optOuts,
      }
      const get: ObjectStore['get'] = async (key, options) => {
        await before()
        return await log.cold.get(key, options)
      }
      const deps = depsOf(watched, { ...log.cold, get })
      const { total, byChannel } = await countUserWord(
        { ...ALL, word: 'message', match: 'ci' },
        deps,
      )
      const { messages } = await userStats({ ...ALL, busiest: 1 }, deps)
      const { byPeriod } = await userActivity(
        { ...ALL, by: 'hour' },
        { ...deps, countLimits: COUNT_LIMITS },
      )
      const counted = [total, messages, [...byChannel.values()], [...byPeriod.values()]]
      return { calls, counted }
    }
    const still = await asking(0)
    expect(still.counted).toEqual([60, 60, [20, 20, 20], [60]])
    for (let moveAt = 1; moveAt <= still.calls; moveAt += 1) {
      expect((await asking(moveAt)).counted, `moved before call ${moveAt}`).toEqual(still.counted)
    }
  })
})
