import { comparePositions, createFooterCache, DEFAULT_TYPES } from '@poglog/log-format'
import type { LogRecord, Order } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { READ_LIMITS } from '../limits.ts'
import type { ReadLimits } from '../limits.ts'
import { recordOf } from '../testing/lines.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import type { HotReads, ReadDeps } from './deps.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readLogs } from './read-logs.ts'
import { readUserLogs } from './read-user-logs.ts'

const CHANNELS = ['10', '11', '12']
const USERS = ['2', '3']
const SENT_MS = Date.UTC(2026, 10, 1)
const SMALL: ReadLimits = {
  firstPageEntries: 2,
  pageEntries: 3,
  keptEntries: 4,
  roundRecords: 7,
  openRunsMax: 2,
  openChannelsMax: 3,
}

type Work = (log: MemoryLog) => void | Promise<void>

/** What an archiver, an ingest and an administrator can do while a query runs. */
const WORKS: Readonly<Record<string, Work>> = {
  append: (log) => {
    append(log, 4)
  },
  seal: async (log) => {
    await log.seal(0)
    await log.seal(1)
  },
  sealOne: (log) => log.seal(0),
  trim: (log) => {
    log.trim(0)
    log.trim(1)
  },
  compact: async (log) => {
    await log.compact(0)
    await log.compact(1)
  },
  compactOne: (log) => log.compact(1),
  fold: (log) => log.fold(),
  dropAbsorbed: (log) => {
    log.dropAbsorbed()
  },
  forgetAbsorbed: (log) => {
    log.forgetAbsorbed()
  },
}
/** The order in which the work of a night is done. */
const NIGHT = ['seal', 'compact', 'fold', 'dropAbsorbed', 'forgetAbsorbed', 'trim'] as const

/** A night without the grace that readers are given. */
const remove: Work = async (log) => {
  for (const name of NIGHT) await WORKS[name]?.(log)
  if (log.removable < 5) throw new Error('hardly anything is removed')
  await log.removeObjects()
}

let number = 0
let whole: MemoryLog
let baseCold: ObjectStore

/** Lines of all users in all channels, in the order of their sent times but for every fifth. */
function append(log: MemoryLog, count: number): void {
  const lines = Array.from({ length: count }, () => {
    number += 1
    const lateMs = number % 5 === 0 ? 90 : 0
    return recordOf({
      number,
      channelId: CHANNELS[number % CHANNELS.length] ?? '',
      userId: USERS[(number >> 1) % USERS.length] ?? '',
      sentAtMs: SENT_MS + number * 10 - lateMs,
    })
  })
  log.append(lines)
}

/** A log that has something of everything: folds, runs in them and not, days, hours, hot records. */
beforeAll(async () => {
  baseCold = memoryObjectStore()
  whole = new MemoryLog(baseCold)
  for (const last of ['fold', 'run', 'hour', 'hot']) {
    append(whole, 18)
    if (last !== 'hot') await WORKS['seal']?.(whole)
    if (last === 'fold' || last === 'run') await WORKS['compact']?.(whole)
    if (last === 'fold') await whole.fold()
    whole.nextDay()
  }
})

/** A store that reads what the log before it had, and keeps to itself what is done to it. */
function over(base: ObjectStore): ObjectStore {
  const own = memoryObjectStore()
  const deleted = new Set<string>()
  return {
    ...bound(own),
    get: async (key, options) =>
      deleted.has(key) ? undefined : ((await own.get(key, options)) ?? base.get(key, options)),
    deleteMany: async (keys) => {
      for (const key of keys) deleted.add(key)
    },
  }
}

function bound(store: ObjectStore): ObjectStore {
  return {
    put: (key, body, options) => store.put(key, body, options),
    get: (key, options) => store.get(key, options),
    size: (key, options) => store.size(key, options),
    list: (prefix, options) => store.list(prefix, options),
    delete: (key, options) => store.delete(key, options),
    deleteMany: (keys, options) => store.deleteMany(keys, options),
    close: () => store.close(),
  }
}

interface Question {
  readonly userId?: string | undefined
  readonly channelId?: string | undefined
  readonly order: Order
}

/** Gives the log as it is afterwards: the same, or another that takes its place. */
type Change = (log: MemoryLog) => MemoryLog | Promise<MemoryLog>
/** What changes before which call of a query; calls are counted from 0. */
type Plan = ReadonlyMap<number, readonly Change[]>

interface Outcome {
  readonly calls: number
  /** In the order asked for, with nothing twice. */
  readonly isInOrder: boolean
  /** What was acknowledged before the question and is not in the answer. */
  readonly missing: readonly string[]
  readonly invented: readonly string[]
}

const RIGHT = { isInOrder: true, missing: [], invented: [] }

/** Answers a question while work is done before its calls. */
async function ask(question: Question, plan: Plan, limits = READ_LIMITS): Promise<Outcome> {
  let log = whole.copy(over(baseCold))
  const must = log.records.filter(isWanted(question)).map(({ key }) => key)
  let calls = 0
  const before = async (): Promise<void> => {
    const changes = plan.get(calls) ?? []
    calls += 1
    for (const change of changes) log = await change(log)
  }
  const deps: ReadDeps = {
    hot: watchedHot(() => log, before),
    cold: {
      ...log.cold,
      get: async (key, options) => {
        await before()
        return log.cold.get(key, options)
      },
    },
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache({ settledMs: 0 }),
    limits,
    onEqualKeys: () => {
      throw new Error('nothing lies in two places')
    },
  }
  const records = await collect(question, deps)
  const keys = records.map(({ key }) => key)
  const may = new Set(log.records.filter(isWanted(question)).map(({ key }) => key))
  const sign = question.order === 'asc' ? 1 : -1
  const isInOrder = records.every((record, at) => {
    const last = records[at - 1]
    return last === undefined || sign * comparePositions(last, record) < 0
  })
  const answered = new Set(keys)
  return {
    calls,
    isInOrder,
    missing: must.filter((key) => !answered.has(key)),
    invented: keys.filter((key) => !may.has(key)),
  }
}

function watchedHot(log: () => MemoryLog, before: () => Promise<void>): HotReads {
  const watched =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await before()
      return call(...args)
    }
  return {
    shards: whole.shards,
    shardOf: (channelId) => whole.shardOf(channelId),
    userShardOf: (userId) => whole.userShardOf(userId),
    firstArrival: watched((shard: number) => log().firstArrival(shard)),
    snapshot: watched((request: Parameters<HotReads['snapshot']>[0]) => log().snapshot(request)),
    usersView: watched(() => log().usersView()),
    readPage: watched((request: Parameters<HotReads['readPage']>[0]) => log().readPage(request)),
    userChannels: watched((request: Parameters<HotReads['userChannels']>[0]) =>
      log().userChannels(request),
    ),
    retention: whole.retention,
    optOuts: whole.optOuts,
  }
}

/** The whole log after some work, done once however often it is needed. */
async function after(work: Work): Promise<Change> {
  const changed = whole.copy(over(baseCold))
  await work(changed)
  return () => changed
}

function isWanted({ userId, channelId }: Question): (record: LogRecord) => boolean {
  return (record) =>
    (userId === undefined || record.userId === userId) &&
    (channelId === undefined || record.channelId === channelId)
}

async function collect(question: Question, deps: ReadDeps): Promise<LogRecord[]> {
  const { userId, channelId } = question
  const query = { ...question, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, types: DEFAULT_TYPES }
  const batches =
    userId === undefined
      ? readLogs({ ...query, channelId: channelId ?? '' }, deps)
      : readUserLogs({ ...query, userId }, deps)
  const records: LogRecord[] = []
  for await (const batch of batches) records.push(...batch)
  return records
}

const QUESTIONS: readonly Question[] = [
  { userId: '2', order: 'asc' },
  { userId: '3', order: 'desc' },
  { userId: '2', channelId: '11', order: 'asc' },
  { channelId: '10', order: 'desc' },
]

describe('an answer while the log moves', () => {
  it.each(QUESTIONS)(
    'holds every record once, whichever single change comes before whichever call: %o (Q1)',
    async (question) => {
      const { calls } = await ask(question, new Map())
      for (const work of Object.values(WORKS)) {
        const change = await after(work)
        for (let call = 0; call < calls; call += 1) {
          expect(await ask(question, new Map([[call, [change]]]))).toMatchObject(RIGHT)
        }
      }
    },
  )

  it('holds every record once, while the work of a night goes on between its calls (Q1) (Q3)', async () => {
    const plans = fc.array(fc.nat(45), {
      minLength: NIGHT.length * 2,
      maxLength: NIGHT.length * 2,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...QUESTIONS),
        plans,
        fc.constantFrom(SMALL, READ_LIMITS),
        async (question, places, limits) => {
          const plan = new Map<number, Change[]>()
          const calls = places.toSorted((left, right) => left - right)
          for (const [at, call] of calls.entries()) {
            const work = WORKS[NIGHT[at % NIGHT.length] ?? '']
            if (work === undefined) continue
            const change = async (log: MemoryLog): Promise<MemoryLog> => {
              append(log, 2)
              await work(log)
              return log
            }
            plan.set(call, [...(plan.get(call) ?? []), change])
          }
          expect(await ask(question, plan, limits)).toMatchObject(RIGHT)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('looks for objects that were removed in a new view, once (Q1)', async () => {
    const change = await after(remove)
    for (const question of QUESTIONS) {
      const { calls } = await ask(question, new Map())
      for (let call = 0; call < calls; call += 1) {
        expect(await ask(question, new Map([[call, [change]]]))).toMatchObject(RIGHT)
      }
    }
  })
})
