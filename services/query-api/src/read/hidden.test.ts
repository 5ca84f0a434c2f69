import { createFooterCache, DEFAULT_TYPES } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { READ_LIMITS } from '../limits.ts'
import { recordOf } from '../testing/lines.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import type { ReadDeps } from './deps.ts'
import { joinErased, withOptOuts, withoutHidden } from './hidden.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readLogs } from './read-logs.ts'
import { readUserLogs } from './read-user-logs.ts'

const DAY_MS = 86_400_000
const SENT_MS = Date.UTC(2026, 9, 20)
const ERASED_MS = SENT_MS + 30 * 1000

let log: MemoryLog

/** Records of two users in two channels: in a fold, in a run, in an hourly segment and hot. */
beforeEach(async () => {
  log = new MemoryLog(memoryObjectStore())
  const moves = [
    async () => {
      await log.seal(0)
      await log.seal(1)
      await log.compact(0)
      await log.compact(1)
      await log.fold()
    },
    async () => {
      await log.seal(0)
      await log.compact(0)
    },
    () => log.seal(1),
    async () => undefined,
  ]
  for (const [at, move] of moves.entries()) {
    log.append(
      Array.from({ length: 15 }, (_, index) => {
        const number = at * 15 + index
        const channelId = String(10 + (number % 2))
        const userId = number % 3 === 0 ? '3' : '2'
        return recordOf({ number, channelId, userId, sentAtMs: SENT_MS + number * 1000 })
      }),
    )
    await move()
  }
})

function depsOf(changes: Partial<ReadDeps> = {}): ReadDeps {
  return {
    hot: log,
    cold: log.cold,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    onEqualKeys: () => {
      throw new Error('nothing lies in two places')
    },
    ...changes,
  }
}

const ALL = {
  fromMs: 0,
  toMs: Number.MAX_SAFE_INTEGER,
  types: DEFAULT_TYPES,
  order: 'asc',
} as const

async function keysOf(batches: AsyncIterable<LogRecord[]>): Promise<string[]> {
  const keys: string[] = []
  for await (const batch of batches) keys.push(...batch.map(({ key }) => key))
  return keys
}

function expected(isShown: (record: LogRecord) => boolean): string[] {
  return log.records.filter(isShown).map(({ key }) => key)
}

const isErased = ({ userId, sentAtMs }: LogRecord): boolean =>
  userId === '2' && sentAtMs < ERASED_MS

describe('an erased user', () => {
  it.each([1, 2, 3])(
    'is hidden in every order and place once the request has reached %i scopes that the answer is of (P1)',
    async (scopes) => {
      log.erase('2', ERASED_MS, scopes)
      for (const channelId of ['10', '11'].slice(0, scopes)) {
        const inChannel = { ...ALL, channelId }
        const isIn = (record: LogRecord): boolean =>
          record.channelId === channelId && !isErased(record)
        expect(await keysOf(readLogs(inChannel, depsOf()))).toEqual(expected(isIn))
        expect(await keysOf(readLogs({ ...inChannel, userId: '2' }, depsOf()))).toEqual(
          expected((record) => isIn(record) && record.userId === '2'),
        )
      }
      expect(await keysOf(readUserLogs({ ...ALL, userId: '2' }, depsOf()))).toEqual(
        expected((record) => record.userId === '2' && !isErased(record)),
      )
    },
  )

  it('hides nobody else', async () => {
    log.erase('2', ERASED_MS)
    expect(await keysOf(readUserLogs({ ...ALL, userId: '3' }, depsOf()))).toEqual(
      expected(({ userId }) => userId === '3'),
    )
  })

  it('is hidden to the latest of several requests', () => {
    const first = new Map([['1', 5]])
    const more = [
      new Map([
        ['1', 9],
        ['2', 1],
      ]),
      new Map([['1', 7]]),
    ]
    expect([...joinErased(first, more)]).toEqual([
      ['1', 9],
      ['2', 1],
    ])
    expect([...first]).toEqual([['1', 5]])
    expect(joinErased(first, [new Map([['1', 4]]), new Map()])).toBe(first)
  })
})

describe('who has opted out', () => {
  it('is hidden as a user in every order and place, until opting in again (P1)', async () => {
    const before = await shownIn()
    log.optedOut = { users: new Set(['2']), channels: new Set() }
    expect(await shownIn()).toEqual([
      expected((record) => inChannel('10')(record) && !ofUser('2')(record)),
      expected((record) => inChannel('11')(record) && !ofUser('2')(record)),
      [],
      [],
      expected(ofUser('3')),
    ])
    log.optedOut = { users: new Set(), channels: new Set() }
    expect(await shownIn()).toEqual(before)
  })

  it('is hidden as a channel, also from its users (P1)', async () => {
    log.optedOut = { users: new Set(), channels: new Set(['10']) }
    expect(await shownIn()).toEqual([
      [],
      expected(inChannel('11')),
      [],
      expected((record) => ofUser('2')(record) && inChannel('11')(record)),
      expected((record) => ofUser('3')(record) && inChannel('11')(record)),
    ])
  })

  it('stays hidden whatever was erased before, and the others stay erased', () => {
    const erased = new Map([['2', 5]])
    const both = { users: new Set(['2', '3']), channels: new Set<string>() }
    const joined = withOptOuts(erased, both)
    expect(joined.get('2')).toBe(joined.get('3'))
    expect(joined.get('2')).toBeGreaterThan(Date.UTC(9999, 11, 31))
    expect(withOptOuts(erased, both)).toBe(joined)
    const none = { users: new Set<string>(), channels: new Set<string>() }
    expect([...withOptOuts(erased, none)]).toEqual([['2', 5]])
    expect(withOptOuts(erased, both)).toEqual(joined)
  })
})

describe('retention', () => {
  it('cuts off what a channel keeps no longer, in every order and place (P1)', async () => {
    // Whole days before now, so that the cut lies between the records.
    const cutMs = log.nowMs - 14 * DAY_MS
    const shiftMs = ERASED_MS - cutMs
    const hot = { ...bound(log), retention: { all: async () => new Map([['10', 14]]) } }
    const moved = { ...hot, snapshot: later(log, shiftMs) }
    const isKept = ({ channelId, sentAtMs }: LogRecord): boolean =>
      channelId !== '10' || sentAtMs >= ERASED_MS
    const deps = depsOf({ hot: moved })
    expect(await keysOf(readLogs({ ...ALL, channelId: '10' }, deps))).toEqual(
      expected((record) => record.channelId === '10' && isKept(record)),
    )
    expect(await keysOf(readLogs({ ...ALL, channelId: '11' }, deps))).toEqual(
      expected((record) => record.channelId === '11'),
    )
    expect(await keysOf(readUserLogs({ ...ALL, userId: '2' }, deps))).toEqual(
      expected((record) => record.userId === '2' && isKept(record)),
    )
  })

  it('leaves a query without hidden records as it is', () => {
    const query = { fromMs: 5, channelId: '10' }
    const hidden = { erased: new Map<string, number>(), keptFromMs: new Map([['11', 9]]) }
    expect(withoutHidden(query, hidden)).toEqual({ ...query, isVisible: undefined })
  })
})

function bound(hot: MemoryLog) {
  return {
    shards: hot.shards,
    shardOf: (channelId: string) => hot.shardOf(channelId),
    userShardOf: (userId: string) => hot.userShardOf(userId),
    firstArrival: (shard: number) => hot.firstArrival(shard),
    optOuts: hot.optOuts,
    usersView: () => hot.usersView(),
    readPage: (request: Parameters<MemoryLog['readPage']>[0]) => hot.readPage(request),
    userChannels: (request: Parameters<MemoryLog['userChannels']>[0]) => hot.userChannels(request),
  }
}

/** Snapshots whose clock has been moved. */
function later(hot: MemoryLog, shiftMs: number): MemoryLog['snapshot'] {
  return async (request) => {
    const snapshot = await hot.snapshot(request)
    return { ...snapshot, state: { ...snapshot.state, nowMs: snapshot.state.nowMs + shiftMs } }
  }
}

const shownIn = async (): Promise<string[][]> => {
  const queries = [
    readLogs({ ...ALL, channelId: '10' }, depsOf()),
    readLogs({ ...ALL, channelId: '11' }, depsOf()),
    readLogs({ ...ALL, channelId: '10', userId: '2' }, depsOf()),
    readUserLogs({ ...ALL, userId: '2' }, depsOf()),
    readUserLogs({ ...ALL, userId: '3' }, depsOf()),
  ]
  return await Promise.all(queries.map(keysOf))
}
const inChannel = (id: string) => (record: LogRecord) => record.channelId === id
const ofUser = (id: string) => (record: LogRecord) => record.userId === id
