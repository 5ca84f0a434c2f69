import type { SegmentEntry } from '@poglog/hot-store'
import { createFooterCache } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COUNT_LIMITS, READ_LIMITS } from '../limits.ts'
import { mapError } from '../routes/errors.ts'
import { Archive, countsOf } from '../testing/archive.ts'
import { CHAT_START_MS, chatRecord, plainCount, range, said, time } from '../testing/chat.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { channelActivity } from './activity.ts'
import { countWord } from './count-words.ts'
import { PageBoundsCache } from './page-bounds.ts'
import { readUncovered } from './read-uncovered.ts'
import { channelStats } from './stats-channel.ts'
import type { CountDeps } from './words-deps.ts'
import { HOUR_MS } from './periods.ts'
import { topWords } from './words-top.ts'

const CHANNEL = '10'
const DAY_MS = 24 * HOUR_MS
const ALL = { channelId: CHANNEL, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

/** Where a record lies: two uncovered segments, two covered ones, or Redis. */
const place = fc.constantFrom('hour0', 'hour1', 'group0', 'group1', 'hot')
const lines = fc.array(fc.record({ said, place, isHotToo: fc.boolean() }), {
  maxLength: 30,
  size: 'max',
})
const erasures = fc.array(fc.tuple(fc.constantFrom('1', '2', '3'), time), { maxLength: 3 })

function depsOf(hot: FakeHot, cold: ObjectStore): CountDeps {
  return {
    hot,
    cold,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: { ...READ_LIMITS, firstPageEntries: 5, pageEntries: 10, openRunsMax: 3 },
    onEqualKeys: () => undefined,
    readUncovered,
    countLimits: COUNT_LIMITS,
  }
}

const isWords = ({ projection }: SegmentEntry): boolean => projection === 'words'

/** Puts records where they are to lie. */
async function laidOut(
  spread: readonly { record: LogRecord; place: string; isHotToo: boolean }[],
  isFolded: boolean,
): Promise<{ hot: FakeHot; cold: ObjectStore }> {
  const hot = new FakeHot()
  const cold = memoryObjectStore()
  const archive = new Archive(cold)
  const at = (name: string): LogRecord[] =>
    spread.flatMap(({ record, place: where }) => (where === name ? [record] : []))
  const groups = [...(await archive.group(at('group0'))), ...(await archive.group(at('group1')))]
  const folds = [countsOf(at('group0')), countsOf(at('group1'))]
  hot.segments.push(
    ...(await archive.hour(at('hour0'))),
    ...(await archive.hour(at('hour1'))),
    ...(isFolded ? groups.filter((entry) => !isWords(entry)) : groups),
    ...(isFolded ? await archive.foldWords(folds) : []),
  )
  hot.append(at('hot'))
  hot.append(spread.flatMap(({ record, isHotToo }) => (isHotToo ? [record] : [])))
  return { hot, cold }
}

function tallyOf<Id>(items: readonly Id[]): Map<Id, number> {
  const counts = new Map<Id, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}

const sorted = <Id extends string | number>(counts: ReadonlyMap<Id, number>): [Id, number][] =>
  [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1))

const order = (left: string, right: string): number =>
  Buffer.compare(Buffer.from(left), Buffer.from(right))

describe('a count', () => {
  it('is what counting the records gives, wherever they lie, in any range (Q1)', async () => {
    const asked = fc.record({
      range,
      word: fc.constantFrom('Pog', 'pog', '😂', 'ünïcode', 'a', 'nothing'),
      userId: fc.constantFrom(undefined, undefined, '1', '2'),
    })
    const some = fc.array(asked, { minLength: 1, maxLength: 3 })
    const optedOut = fc.subarray(['1', '2'], { maxLength: 1 })
    const inputs = [lines, erasures, optedOut, fc.boolean(), some] as const
    const property = fc.asyncProperty(...inputs, async (...parts) => {
      const [spoken, erased, users, isFolded, queries] = parts
      const spread = spoken.map(({ said: what, place: where, isHotToo }, number) => ({
        record: chatRecord(what, number),
        place: where,
        isHotToo,
      }))
      const { hot, cold } = await laidOut(spread, isFolded)
      for (const [userId, beforeMs] of erased) hot.erased.set(userId, beforeMs)
      hot.optedOut = { users: new Set(users), channels: new Set() }
      const gone = new Map(hot.erased)
      for (const userId of users) gone.set(userId, Number.MAX_SAFE_INTEGER)
      const deps = depsOf(hot, cold)
      const records = spread.map(({ record }) => record)
      for (const {
        range: { fromMs, toMs },
        word,
        userId,
      } of queries) {
        const query = { channelId: CHANNEL, userId, fromMs, toMs }
        const plain = plainCount(records, { ...query, erased: gone })
        await checkWord({ ...query, word, deps }, plain)
        await checkTop({ ...query, deps }, plain)
        await checkStats({ ...query, deps }, plain)
        await checkActivity({ ...query, deps }, plain)
      }
    })
    await expect(fc.assert(property, { numRuns: 50 })).resolves.toBeUndefined()
  }, 120_000)
})

type Plain = ReturnType<typeof plainCount>
interface Asked {
  readonly channelId: string
  readonly userId: string | undefined
  readonly fromMs: number
  readonly toMs: number
  readonly deps: CountDeps
}

async function checkWord(asked: Asked & { word: string }, plain: Plain): Promise<void> {
  const { deps, word, ...query } = asked
  const exact = plain.filter((one) => one.word === word)
  const byHour = await countWord({ ...query, word, match: 'exact', by: 'hour' }, deps)
  expect(byHour.total).toBe(exact.length)
  const hours = exact.map(({ sentAtMs }) => sentAtMs - (sentAtMs % HOUR_MS))
  expect(sorted(byHour.byPeriod)).toEqual(sorted(tallyOf(hours)))
  expect(sorted(byHour.byUser)).toEqual(sorted(tallyOf(exact.map(({ userId }) => userId))))
  const ci = plain.filter((one) => one.word.toLowerCase() === word.toLowerCase())
  const byDay = await countWord({ ...query, word, match: 'ci', by: 'day' }, deps)
  expect(byDay.total).toBe(ci.length)
  const days = ci.map(({ sentAtMs }) => sentAtMs - (sentAtMs % DAY_MS))
  expect(sorted(byDay.byPeriod)).toEqual(sorted(tallyOf(days)))
  expect(sorted(byDay.byUser)).toEqual(sorted(tallyOf(ci.map(({ userId }) => userId))))
}

async function checkTop({ deps, ...query }: Asked, plain: Plain): Promise<void> {
  for (const match of ['exact', 'ci'] as const) {
    const words = plain.flatMap(({ word }) =>
      word === '' ? [] : [match === 'exact' ? word : word.toLowerCase()],
    )
    const top = [...tallyOf(words)]
      .map(([word, count]) => ({ word, count }))
      .toSorted(
        (left, right) =>
          right.count - left.count ||
          order(left.word.toLowerCase(), right.word.toLowerCase()) ||
          order(left.word, right.word),
      )
    for (const limit of [1, 3, 100]) {
      expect(await topWords({ ...query, match, limit }, deps)).toEqual(top.slice(0, limit))
      // As where there are too many segments to be open at once, with a word or two a pass.
      const countLimits = { ...COUNT_LIMITS, segmentsOpen: 1, passBytes: 320 }
      if (limit !== 3) continue
      const byPasses = await topWords({ ...query, match, limit }, { ...deps, countLimits })
      expect(byPasses).toEqual(top.slice(0, limit))
    }
  }
}

async function checkStats({ deps, ...query }: Asked, plain: Plain): Promise<void> {
  const messages = plain.filter(({ word }) => word === '')
  const times = messages.map(({ sentAtMs }) => sentAtMs)
  const stats = await channelStats({ ...query, busiest: 3 }, deps)
  expect(stats.messages).toBe(messages.length)
  expect(stats.firstMs).toBe(times.length === 0 ? undefined : Math.min(...times))
  expect(stats.lastMs).toBe(times.length === 0 ? undefined : Math.max(...times))
  expect(sorted(stats.byUser)).toEqual(sorted(tallyOf(messages.map(({ userId }) => userId))))
  const hours = tallyOf(times.map((timeMs) => timeMs - (timeMs % HOUR_MS)))
  const ofDay = Array.from({ length: 24 }, (_, hour) =>
    [...hours].reduce(
      (sum, [hourMs, count]) => sum + (new Date(hourMs).getUTCHours() === hour ? count : 0),
      0,
    ),
  )
  expect(stats.hoursOfDay).toEqual(ofDay)
  const busiest = [...hours]
    .map(([hourMs, count]) => ({ hourMs, messages: count }))
    .toSorted((left, right) => right.messages - left.messages || left.hourMs - right.hourMs)
  expect(stats.busiestHours).toEqual(busiest.slice(0, 3))
}

async function checkActivity({ deps, ...query }: Asked, plain: Plain): Promise<void> {
  const times = plain.flatMap(({ word, sentAtMs }) => (word === '' ? [sentAtMs] : []))
  for (const [by, periodMs] of [['hour', HOUR_MS] as const, ['day', DAY_MS] as const]) {
    const { total, byPeriod } = await channelActivity({ ...query, by }, deps)
    expect(total).toBe(times.length)
    const periods = times.map((timeMs) => timeMs - (timeMs % periodMs))
    expect(sorted(byPeriod)).toEqual(sorted(tallyOf(periods)))
  }
}

describe('a count while the archive moves', () => {
  const records = Array.from({ length: 40 }, (_, number) =>
    chatRecord(
      {
        channelId: CHANNEL,
        userId: String(number % 3),
        sentAtMs: CHAT_START_MS + number * 700_000,
        words: ['Pog', `word${number % 7}`],
        type: 'PRIVMSG',
      },
      number,
    ),
  )

  /** Counts, with the archive moving before the effect number `moveAt`; says how many effects there were. */
  async function countMoving(moveAt: number): Promise<{ effects: number; answers: unknown }> {
    const hot = new FakeHot()
    const cold = memoryObjectStore()
    const archive = new Archive(cold)
    const hours = [
      ...(await archive.hour(records.slice(10, 20))),
      ...(await archive.hour(records.slice(20, 30))),
    ]
    const before = await archive.group(records.slice(0, 10))
    hot.segments.push(...before, ...hours)
    hot.append(records.slice(10))
    hot.boundaryMs = hot.nextArrivalMs - 10
    let effects = 0
    const move = async (): Promise<void> => {
      const sealed = [...(await archive.hour(records.slice(30)))]
      const compacted = await archive.group(records.slice(10, 30))
      hot.segments.splice(0, Infinity, ...before, ...compacted, ...sealed)
      hot.boundaryMs = hot.nextArrivalMs
      hot.trimmedMs = hot.boundaryMs
      await cold.deleteMany(hours.map(({ key }) => key))
    }
    const step = async (): Promise<void> => {
      effects += 1
      if (effects === moveAt) await move()
    }
    const snapshot = hot.snapshot.bind(hot)
    const readPage = hot.readPage.bind(hot)
    hot.snapshot = async (request) => {
      await step()
      return await snapshot(request)
    }
    hot.readPage = async (request) => {
      await step()
      return await readPage(request)
    }
    const moving: ObjectStore = {
      ...cold,
      async get(key, options) {
        await step()
        return await cold.get(key, options)
      },
    }
    const deps = depsOf(hot, moving)
    const word = await countWord({ ...ALL, word: 'Pog', match: 'ci', by: 'hour' }, deps)
    const top = await topWords({ ...ALL, match: 'exact', limit: 10 }, deps)
    const stats = await channelStats({ ...ALL, busiest: 5 }, deps)
    const activity = await channelActivity({ ...ALL, by: 'hour' }, deps)
    const answers = {
      total: word.total,
      byPeriod: sorted(word.byPeriod),
      byUser: sorted(word.byUser),
      top,
      stats: { ...stats, byUser: sorted(stats.byUser) },
      activity: sorted(activity.byPeriod),
    }
    return { effects, answers }
  }

  it('never changes, whichever effect a seal, a trim and a compaction come between (Q1)', async () => {
    const still = await countMoving(0)
    expect(still.answers).toMatchObject({ total: 40, stats: { messages: 40 } })
    for (let moveAt = 1; moveAt <= still.effects; moveAt += 1) {
      const moved = await countMoving(moveAt)
      expect(moved.answers, `moved before effect ${moveAt}`).toEqual(still.answers)
    }
  })
})

describe('a count that would hold too much', () => {
  it('is refused with what to do', async () => {
    const records = Array.from({ length: 20 }, (_, number) =>
      chatRecord(
        {
          channelId: CHANNEL,
          userId: String(number),
          sentAtMs: CHAT_START_MS + number * HOUR_MS,
          words: ['Pog', `w${number}`],
          type: 'PRIVMSG',
        },
        number,
      ),
    )
    const { hot, cold } = await laidOut(
      records.map((record) => ({ record, place: 'hot', isHotToo: false })),
      false,
    )
    const deps = {
      ...depsOf(hot, cold),
      countLimits: { ...COUNT_LIMITS, usersMax: 19, wordsMax: 20, periodsMax: 20 },
    }
    const word = { ...ALL, word: 'Pog', match: 'exact' } as const
    const failure: unknown = await countWord(word, deps).catch((error: unknown) => error)
    expect(mapError(failure)).toMatchObject({
      problem: { status: 400, detail: 'the range has more than 19 users; narrow it' },
      isReported: false,
    })
    await expect(topWords({ ...ALL, match: 'exact', limit: 5 }, deps)).rejects.toThrow(
      'more than 20 different words',
    )
    const wide = { ...deps, countLimits: { ...COUNT_LIMITS, wordBytesMax: 1000 } }
    await expect(topWords({ ...ALL, match: 'exact', limit: 5 }, wide)).rejects.toThrow(
      /more than \d different words/,
    )
    const limits = { ...COUNT_LIMITS, usersMax: 20, wordsMax: 21, periodsMax: 19 }
    const few = { ...deps, countLimits: limits }
    expect((await countWord(word, few)).total).toBe(20)
    await expect(countWord({ ...word, by: 'hour' }, few)).rejects.toThrow('more than 19 hours')
    await expect(channelActivity({ ...ALL, by: 'hour' }, few)).rejects.toThrow('more than 19 hours')
    expect((await channelActivity({ ...ALL, by: 'day' }, few)).total).toBe(20)
  })
})

describe("a channel's retention", () => {
  it('cuts off what is older, to the millisecond', async () => {
    const hot = new FakeHot()
    const cold = memoryObjectStore()
    const keptFromMs = hot.nowMs - 7 * DAY_MS
    const records = [-HOUR_MS, -1, 0, HOUR_MS].map((ms, number) =>
      chatRecord(
        {
          channelId: CHANNEL,
          userId: '1',
          sentAtMs: keptFromMs + ms,
          words: ['Pog'],
          type: 'PRIVMSG',
        },
        number,
      ),
    )
    hot.segments.push(...(await new Archive(cold).group(records)))
    const query = { ...ALL, word: 'Pog', match: 'exact' } as const
    expect((await countWord(query, depsOf(hot, cold))).total).toBe(4)
    hot.retentionDays.set(CHANNEL, 7)
    expect((await countWord(query, depsOf(hot, cold))).total).toBe(2)
    hot.optedOut = { users: new Set(), channels: new Set([CHANNEL]) }
    expect((await countWord(query, depsOf(hot, cold))).total).toBe(0)
  })
})

describe('the words of very many segments', () => {
  it('are counted with few of them open', async () => {
    const hot = new FakeHot()
    const cold = memoryObjectStore()
    const archive = new Archive(cold)
    const records = Array.from({ length: 40 }, (_, number) => {
      const words = ['Pog', `w${number % 9}`]
      const sentAtMs = CHAT_START_MS + number * HOUR_MS
      return chatRecord(
        { channelId: CHANNEL, userId: '1', sentAtMs, words, type: 'PRIVMSG' },
        number,
      )
    })
    for (const record of records) hot.segments.push(...(await archive.group([record])))
    const open = { now: 0, most: 0 }
    const slow: ObjectStore = {
      ...cold,
      async get(key, options) {
        open.now += 1
        open.most = Math.max(open.most, open.now)
        await new Promise(setImmediate)
        const body = await cold.get(key, options)
        open.now -= 1
        return body
      },
    }
    const top = await topWords({ ...ALL, match: 'exact', limit: 2 }, depsOf(hot, slow))
    expect(top).toEqual([
      { word: 'Pog', count: 40 },
      { word: 'w0', count: 5 },
    ])
    expect(open.most).toBeLessThanOrEqual(COUNT_LIMITS.segmentsOpen)
  })
})
