import { createFooterCache, DEFAULT_TYPES } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { describe, expect, it } from 'vitest'
import { READ_LIMITS } from '../limits.ts'
import { mapError } from '../routes/errors.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import { storeSegment } from '../testing/segments.ts'
import type { ReadDeps } from './deps.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readUserLogs } from './read-user-logs.ts'
import type { UserQuery } from './read-user-logs.ts'
import { MovedError } from './start-over.ts'

const SENT_MS = 1_790_000_000_000
const HOUR = {
  shard: 0,
  shards: 1,
  number: 1,
  projection: 'by-channel',
  level: 'hour',
  arrivalFromMs: SENT_MS,
  arrivalToMs: SENT_MS + 3_600_000,
} as const

function depsOf(hot: FakeHot, changes: Partial<ReadDeps> = {}): ReadDeps {
  return {
    hot,
    cold: memoryObjectStore(),
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    onEqualKeys: () => {
      throw new Error('nothing lies in two places')
    },
    ...changes,
  }
}

async function answer(deps: ReadDeps, changes: Partial<UserQuery> = {}): Promise<string[]> {
  const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, types: DEFAULT_TYPES, userId: '2' }
  const keys: string[] = []
  for await (const batch of readUserLogs({ ...all, order: 'asc', ...changes }, deps)) {
    keys.push(...batch.map(({ key }) => key))
  }
  return keys
}

/** A bot: two records in each of many channels. */
function everywhere(channels: number): LogRecord[] {
  return Array.from({ length: channels * 2 }, (_, number) =>
    recordOf({ number, channelId: String(10 + (number % channels)), sentAtMs: SENT_MS + number }),
  )
}

describe('a user in very many channels', () => {
  it('is read with few of them open, hot and sealed, and each record once', async () => {
    const records = everywhere(600)
    const keys = records.map(({ key }) => key)
    const hot = new FakeHot()
    hot.append(records)
    let open = 0
    let most = 0
    const snapshot = hot.snapshot.bind(hot)
    hot.snapshot = async (request) => {
      open += 1
      most = Math.max(most, open)
      const taken = await snapshot(request)
      await new Promise(setImmediate)
      open -= 1
      return taken
    }
    expect(await answer(depsOf(hot))).toEqual(keys)
    expect(most).toBeLessThanOrEqual(READ_LIMITS.openChannelsMax)
    const cold = memoryObjectStore()
    const arrivals = { arrivalFromMs: hot.nextArrivalMs - 2000, arrivalToMs: hot.nextArrivalMs }
    hot.segments.push(await storeSegment(records, { ...HOUR, ...arrivals }, cold))
    hot.boundaryMs = hot.nextArrivalMs
    let requests = 0
    const get: ObjectStore['get'] = async (key, options) => {
      requests += 1
      return cold.get(key, options)
    }
    const counting = { ...depsOf(hot), cold: { ...depsOf(hot).cold, get } }
    expect(await answer(counting)).toEqual(keys)
    // The segment is read once for all channels, not once for each.
    expect(requests).toBeLessThanOrEqual(4)
    expect(await answer(counting, { order: 'desc', limit: 5 })).toEqual(
      keys.toReversed().slice(0, 5),
    )
  })

  it('is read in rounds that do not hold more than they may', async () => {
    const records = everywhere(90)
    const hot = new FakeHot()
    hot.append(records)
    const limits = { ...READ_LIMITS, roundRecords: 50, firstPageEntries: 2, pageEntries: 2 }
    expect(await answer(depsOf(hot, { limits }))).toEqual(records.map(({ key }) => key))
  })
})

describe('folds that change faster than shards are looked at', () => {
  it('end the answer with an error that asks to come again', async () => {
    const hot = new FakeHot()
    hot.append(everywhere(2))
    let views = 0
    const usersView = hot.usersView.bind(hot)
    hot.usersView = () => {
      views += 1
      hot.usersVersion += 1
      return usersView()
    }
    const failure: unknown = await answer(depsOf(hot)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(MovedError)
    expect(mapError(failure).problem.status).toBe(503)
    expect(views).toBeLessThanOrEqual(12)
  })
})

describe('a client that goes away', () => {
  it('ends all reads of the store that are under way', async () => {
    const hot = new FakeHot()
    const cold = memoryObjectStore()
    hot.boundaryMs = hot.nextArrivalMs
    for (let number = 1; number <= 20; number += 1) {
      const record = recordOf({ number, sentAtMs: SENT_MS + number })
      const fold = { ...HOUR, number, projection: 'by-user', level: 'fold', users: 0 } as const
      hot.folds.push(await storeSegment([record], fold, cold))
    }
    const leaving = new AbortController()
    let asked = 0
    let ended = 0
    const get: ObjectStore['get'] = async (_key, options) => {
      asked += 1
      if (asked === READ_LIMITS.openChannelsMax) {
        setImmediate(() => {
          leaving.abort(new Error('client gone'))
        })
      }
      return new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => {
          ended += 1
          reject(new Error('the read was ended'))
        })
      })
    }
    const deps = depsOf(hot, { cold: { ...memoryObjectStore(), get } })
    await expect(answer(deps, { signal: leaving.signal })).rejects.toThrow('the read was ended')
    expect([asked, ended]).toEqual([READ_LIMITS.openChannelsMax, READ_LIMITS.openChannelsMax])
  })
})
