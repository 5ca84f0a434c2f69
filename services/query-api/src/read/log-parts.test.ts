import { comparePositions, createFooterCache } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { friendlyText } from '../format/friendly-text.ts'
import { ROW_TYPES } from '../format/row-types.ts'
import { COUNT_LIMITS, READ_LIMITS } from '../limits.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import { storeSegment } from '../testing/segments.ts'
import { countRecords } from './count-records.ts'
import type { HotReads } from './deps.ts'
import { listPeriods } from './list-periods.ts'
import { nameHistory } from './name-history.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { DAYS, DAY_MS, MONTHS } from './periods.ts'
import { randomRecord } from './random-record.ts'
import { readUncovered } from './read-uncovered.ts'
import type { CountDeps } from './words-deps.ts'

const START_MS = Date.UTC(2026, 0, 20)
const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, types: ROW_TYPES }
const SMALL = {
  ...READ_LIMITS,
  firstPageEntries: 2,
  pageEntries: 3,
  keptEntries: 4,
  openRunsMax: 2,
  openChannelsMax: 2,
}

function depsOf(hot: HotReads, cold: ObjectStore, limits = SMALL): CountDeps {
  return {
    hot,
    cold,
    limits,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache({ settledMs: 0 }),
    onEqualKeys: () => undefined,
    countLimits: COUNT_LIMITS,
    readUncovered,
  }
}

/** What the archiver does in a night. */
async function night(log: MemoryLog): Promise<void> {
  for (const shard of [0, 1]) {
    await log.seal(shard)
    await log.compact(shard)
  }
  await log.fold()
  log.dropAbsorbed()
  log.forgetAbsorbed()
  for (const shard of [0, 1]) log.trim(shard)
}

const line = fc.record({
  channelId: fc.constantFrom('10', '10', '11'),
  userId: fc.constantFrom('2', '3'),
  // Days of two months and more, often the same, and their edges.
  day: fc.nat(70),
  ms: fc.constantFrom(0, 1, DAY_MS / 2, DAY_MS - 1),
  type: fc.constantFrom('PRIVMSG', 'PRIVMSG', 'USERNOTICE', 'CLEARCHAT', 'NOTICE'),
} as const)
const step = fc.constantFrom('seal', 'compact', 'fold', 'trim', 'night', 'nothing')
const history = fc.array(fc.record({ lines: fc.array(line, { maxLength: 12 }), step }), {
  minLength: 1,
  maxLength: 5,
})

async function logOf(
  rounds: typeof history extends fc.Arbitrary<infer Value> ? Value : never,
  cold: ObjectStore,
): Promise<MemoryLog> {
  const log = new MemoryLog(cold)
  let number = 0
  for (const { lines, step: next } of rounds) {
    const records = lines.map(({ day, ms, ...parts }) => {
      number += 1
      return recordOf({ ...parts, number, sentAtMs: START_MS + day * DAY_MS + ms })
    })
    // A NOTICE has no sent time of its own: it is received when it was sent.
    log.append(records)
    for (const shard of [0, 1]) {
      if (next === 'seal') await log.seal(shard)
      if (next === 'compact') await log.compact(shard)
      if (next === 'trim') log.trim(shard)
    }
    if (next === 'fold') await log.fold()
    if (next === 'night') await night(log)
  }
  return log
}

interface Asked {
  readonly channelId: string
  readonly userId: string | undefined
}

/** Of user 3 is erased what was sent before so many days. */
interface Erased {
  readonly erased?: number | undefined
}

interface Names extends Erased {
  readonly userId: string
}

const asked = fc.record({
  channelId: fc.constantFrom('10', '11', '12'),
  userId: fc.constantFrom(undefined, '2', '3', '4'),
})
const erasedMs = fc.option(fc.nat(70), { nil: undefined })

function rowsOf(
  records: readonly LogRecord[],
  { channelId, userId }: Partial<Asked>,
  erased: number | undefined,
): LogRecord[] {
  return records.filter(
    (record) =>
      (channelId ?? record.channelId) === record.channelId &&
      (userId ?? record.userId) === record.userId &&
      ROW_TYPES.has(record.type) &&
      !(record.userId === '3' && record.sentAtMs < START_MS + (erased ?? 0) * DAY_MS),
  )
}

/** A store that lets something happen before a request. */
function moving(cold: ObjectStore, before: () => Promise<void>, at: number): ObjectStore {
  let requests = 0
  return {
    ...cold,
    get: async (key, options) => {
      requests += 1
      if (requests === at) await before()
      return await cold.get(key, options)
    },
  }
}

async function check(log: MemoryLog, deps: CountDeps, { erased, ...subject }: Asked & Erased) {
  const rows = rowsOf(log.records, subject, erased)
  const periodsOf = (startOf: (timeMs: number) => number) =>
    [...new Set(rows.map(({ sentAtMs }) => startOf(sentAtMs)))].toSorted((a, b) => b - a)
  expect(await listPeriods({ ...ALL, ...subject }, DAYS, deps)).toEqual(periodsOf(DAYS.startOf))
  expect(await listPeriods({ ...ALL, ...subject }, MONTHS, deps)).toEqual(periodsOf(MONTHS.startOf))
  const { total, byUser } = await countRecords({ ...ALL, ...subject }, deps)
  expect(total).toBe(rows.length)
  const counts = Map.groupBy(rows, ({ userId }) => userId)
  counts.delete('')
  expect(byUser).toEqual(new Map([...counts].map(([id, group]) => [id, group.length])))
  const picked = await randomRecord({ ...ALL, ...subject }, deps)
  expect(rows.map(({ raw }) => raw).includes(picked?.raw ?? '')).toBe(rows.length > 0)
}

async function checkNames(log: MemoryLog, deps: CountDeps, { userId, erased }: Names) {
  const rows = rowsOf(log.records, { userId }, erased).toSorted(comparePositions)
  const [first, last] = [rows[0], rows.at(-1)]
  const names = await nameHistory({ userId, types: ROW_TYPES }, deps)
  expect(names).toEqual(
    first === undefined || last === undefined
      ? []
      : [
          {
            login: friendlyText(first).username,
            firstMs: first.sentAtMs,
            lastMs: last.sentAtMs,
          },
        ],
  )
}

describe('what goes by parts of segments', () => {
  it('is what all records give, wherever they lie, without those erased (Q1) (P1)', async () => {
    const property = fc.asyncProperty(history, asked, erasedMs, async (rounds, subject, erased) => {
      const cold = memoryObjectStore()
      const log = await logOf(rounds, cold)
      if (erased !== undefined) log.erase('3', START_MS + erased * DAY_MS)
      const deps = depsOf(log, cold)
      await check(log, deps, { ...subject, erased })
      await checkNames(log, deps, { userId: subject.userId ?? '2', erased })
    })
    await expect(fc.assert(property, { numRuns: 60 })).resolves.toBeUndefined()
  })

  it('is that while a night goes by and its objects are deleted (Q1)', async () => {
    const property = fc.asyncProperty(
      history,
      asked,
      fc.integer({ min: 1, max: 12 }),
      async (rounds, subject, at) => {
        const cold = memoryObjectStore()
        const log = await logOf(rounds, cold)
        const before = async (): Promise<void> => {
          await night(log)
          await log.removeObjects()
        }
        await check(log, depsOf(log, moving(cold, before, at)), subject)
        const names = { userId: subject.userId ?? '2' }
        await checkNames(log, depsOf(log, moving(cold, before, at)), names)
      },
    )
    await expect(fc.assert(property, { numRuns: 40 })).resolves.toBeUndefined()
  })
})

const YEAR_DAYS = 60
const A_DAY = 400

/** Days of a shard: a channel that says most of it, one that says something once a week, and many others. */
async function busyYear(): Promise<{ hot: FakeHot; cold: ObjectStore; records: LogRecord[] }> {
  const hot = new FakeHot()
  const cold = memoryObjectStore()
  const records: LogRecord[] = []
  let number = 0
  for (let day = 0; day < YEAR_DAYS; day += 1) {
    const said = Array.from({ length: A_DAY }, (_, at) => {
      number += 1
      const channelId =
        at === 7 && day % 7 === 0 ? '11' : String(at % 4 === 0 ? 20 + (at % 40) : 10)
      const sentAtMs = START_MS + day * DAY_MS + at * 1000
      return recordOf({ number, channelId, userId: String(number % 20), sentAtMs })
    })
    records.push(...said)
    const place = { projection: 'by-channel', level: 'day', number: day + 1 } as const
    const times = {
      arrivalFromMs: START_MS + day * DAY_MS,
      arrivalToMs: START_MS + (day + 1) * DAY_MS,
    }
    hot.segments.push(await storeSegment(said, { shard: 0, shards: 1, ...place, ...times }, cold))
  }
  hot.boundaryMs = START_MS + YEAR_DAYS * DAY_MS
  return { hot, cold, records }
}

function counted(cold: ObjectStore): { store: ObjectStore; requests: () => number } {
  let requests = 0
  const get: ObjectStore['get'] = async (key, options) => {
    requests += 1
    return await cold.get(key, options)
  }
  return {
    store: { ...cold, get },
    requests: () => {
      const made = requests
      requests = 0
      return made
    },
  }
}

describe('a channel of many days', () => {
  it('is listed with a footer and one row group a day, and without the footers once they are known', async () => {
    const { hot, cold } = await busyYear()
    const { store, requests } = counted(cold)
    const deps = depsOf(hot, store, READ_LIMITS)
    for (const most of [2, 1]) {
      expect(await listPeriods({ ...ALL, channelId: '10' }, DAYS, deps)).toHaveLength(YEAR_DAYS)
      expect(requests()).toBeLessThanOrEqual(most * YEAR_DAYS)
    }
    expect(await listPeriods({ ...ALL, channelId: '11' }, DAYS, deps)).toHaveLength(9)
    // Before and behind all others: no row group can hold it.
    requests()
    expect(await listPeriods({ ...ALL, channelId: '9' }, DAYS, deps)).toEqual([])
    expect(requests()).toBe(0)
  })

  it('gives any of its records without reading much', async () => {
    const { hot, cold } = await busyYear()
    const { store, requests } = counted(cold)
    const deps = depsOf(hot, store, READ_LIMITS)
    let most = 0
    for (let draw = 0; draw < 20; draw += 1) {
      expect((await randomRecord({ ...ALL, channelId: '10' }, deps))?.channelId).toBe('10')
      most = Math.max(most, requests())
    }
    // Three places of four are its own: some draws, of a footer, the columns and the pages of a record each.
    expect(most).toBeLessThan(YEAR_DAYS / 2)
    expect((await randomRecord({ ...ALL, channelId: '11' }, deps))?.channelId).toBe('11')
  })
})

describe('a random record', () => {
  it('is each as likely, wherever it lies (1.9)', async () => {
    const cold = memoryObjectStore()
    const log = new MemoryLog(cold)
    const ofEach = { number: 0, channelId: '10' }
    // A few in a segment of others, many in one of their own, some in an hour, some hot; not each of them shown.
    const batches = [3, 20, 7, 10]
    let number = 0
    for (const [at, size] of batches.entries()) {
      const rows = Array.from({ length: size }, () => {
        number += 1
        return recordOf({
          ...ofEach,
          number,
          sentAtMs: START_MS + number,
          userId: String(number % 3),
        })
      })
      const others = Array.from({ length: at === 0 ? 40 : 2 }, () => {
        number += 1
        return recordOf({ number, channelId: '12', sentAtMs: START_MS + number })
      })
      log.append([...rows, ...others])
      if (at < 3) await log.seal(0)
      if (at < 2) await log.compact(0)
    }
    log.erase('1', START_MS + 60)
    const rows = log.records.filter(
      ({ channelId, userId, sentAtMs }) =>
        channelId === '10' && !(userId === '1' && sentAtMs < START_MS + 60),
    )
    const deps = depsOf(log, cold)
    const drawn = new Map(rows.map(({ raw }) => [raw, 0]))
    const pick = random(7)
    const draws = 80 * rows.length
    for (let draw = 0; draw < draws; draw += 1) {
      const record = await randomRecord({ ...ALL, channelId: '10' }, deps, pick)
      drawn.set(record?.raw ?? '', (drawn.get(record?.raw ?? '') ?? 0) + 1)
    }
    expect(drawn.size).toBe(rows.length)
    const expected = draws / rows.length
    const chiSquare = [...drawn.values()].reduce(
      (sum, times) => sum + (times - expected) ** 2 / expected,
      0,
    )
    // Of so many degrees of freedom one in a million draws is beyond it; the draws are the same in every run.
    const freedom = rows.length - 1
    expect(chiSquare).toBeLessThan(freedom + 6 * Math.sqrt(2 * freedom))
  })
})

/** Whole numbers below a bound, the same for a seed (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
