import { createFooterCache, DEFAULT_TYPES } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { READ_LIMITS } from '../limits.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import { storeSegment } from '../testing/segments.ts'
import type { ReadDeps } from './deps.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readLogs } from './read-logs.ts'
import { readUserLogs } from './read-user-logs.ts'
import type { UserQuery } from './read-user-logs.ts'

const MONTH_MS = Date.UTC(2026, 9, 1)
const DAY_MS = 86_400_000
const DAYS = 30
const RECORDS_A_DAY = 210
/** One record in so many is of the user who is asked for. */
const SHARE = 7

const cold = memoryObjectStore()
const hot = new FakeHot()
let requests = 0

const counted: ObjectStore = {
  put: () => Promise.reject(new Error('nothing is written')),
  get: async (key, options) => {
    requests += 1
    return cold.get(key, options)
  },
  size: () => Promise.reject(new Error('sizes are known')),
  list: () => {
    throw new Error('nothing is listed')
  },
  delete: () => Promise.reject(new Error('nothing is deleted')),
  deleteMany: () => Promise.reject(new Error('nothing is deleted')),
  close: async () => undefined,
}

/** A closed month: its days by channel, and one fold. */
beforeAll(async () => {
  const month: LogRecord[] = []
  const identity = { shard: 0, shards: 1, arrivalFromMs: MONTH_MS } as const
  for (let day = 0; day < DAYS; day += 1) {
    const records = Array.from({ length: RECORDS_A_DAY }, (_, at) => {
      const number = day * RECORDS_A_DAY + at
      return recordOf({
        number,
        channelId: String(10 + (number % 5)),
        userId: number % SHARE === 0 ? '5' : String(100 + (number % 300)),
        sentAtMs: MONTH_MS + day * DAY_MS + at * 1000,
      })
    })
    month.push(...records)
    const place = { projection: 'by-channel', level: 'day', number: day + 1 } as const
    const arrivalFromMs = MONTH_MS + day * DAY_MS
    const times = { arrivalFromMs, arrivalToMs: arrivalFromMs + DAY_MS }
    hot.segments.push(await storeSegment(records, { ...identity, ...place, ...times }, cold))
  }
  const fold = { projection: 'by-user', level: 'fold', number: 1, users: 0 } as const
  const arrivalToMs = MONTH_MS + DAYS * DAY_MS
  hot.folds.push(await storeSegment(month, { ...identity, ...fold, arrivalToMs }, cold))
  hot.boundaryMs = arrivalToMs
})

function depsOf(): ReadDeps {
  return {
    hot,
    cold: counted,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    onEqualKeys: () => {
      throw new Error('nothing lies in two places')
    },
  }
}

/** How many records an answer has, and how many requests of the store it took. */
async function ask(
  deps: ReadDeps,
  changes: Partial<UserQuery> = {},
): Promise<{ records: number; requests: number }> {
  const toMs = MONTH_MS + DAYS * DAY_MS
  const range = { fromMs: MONTH_MS, toMs, types: DEFAULT_TYPES, order: 'desc' } as const
  requests = 0
  let records = 0
  const batches = readUserLogs({ ...range, userId: '5', ...changes }, deps)
  for await (const batch of batches) records += batch.length
  return { records, requests }
}

describe("a user's closed month", () => {
  it('takes one request of the store, and at most three before its footer is known', async () => {
    const records = (DAYS * RECORDS_A_DAY) / SHARE
    const deps = depsOf()
    const first = await ask(deps)
    expect(first.records).toBe(records)
    expect(first.requests).toBeLessThanOrEqual(3)
    expect(await ask(deps)).toEqual({ records, requests: 1 })
    expect(await ask(deps, { order: 'asc' })).toEqual({ records, requests: 1 })
    expect(await ask(deps, { limit: 101 })).toEqual({ records: 101, requests: 1 })
    expect(await ask(deps, { channelId: '12' })).toEqual({ records: records / 5, requests: 1 })
    expect(await ask(deps, { isWanted: ({ raw }) => raw.endsWith('message 70') })).toMatchObject({
      requests: 1,
    })
  })

  it('is read by channel where that takes fewer segments', async () => {
    const day = { fromMs: MONTH_MS, toMs: MONTH_MS + DAY_MS, channelId: '12' }
    const deps = depsOf()
    await ask(deps, day)
    expect(await ask(deps, day)).toEqual({ records: RECORDS_A_DAY / SHARE / 5, requests: 1 })
  })
})

describe('a page of a channel', () => {
  it('reads the newest day alone', async () => {
    const deps = depsOf()
    const query = {
      channelId: '10',
      fromMs: 0,
      toMs: Number.MAX_SAFE_INTEGER,
      types: DEFAULT_TYPES,
      order: 'desc',
      limit: 41,
    } as const
    requests = 0
    let records = 0
    for await (const batch of readLogs(query, deps)) records += batch.length
    expect(records).toBe(41)
    expect(requests).toBeLessThanOrEqual(3)
  })
})
