import { setTimeout as sleep } from 'node:timers/promises'
import { readSegment, encodeWords, segmentKey } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { SegmentEntry } from '@poglog/hot-store'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { QueryApp } from '../src/app-types.ts'
import { countsOf } from '../src/testing/archive.ts'
import { CHAT_START_MS, chatRecord, plainCount, range, said } from '../src/testing/chat.ts'
import { storeGroup } from '../src/testing/segments.ts'
import { World } from './world.ts'

const CHANNELS = ['10', '11']
const HOUR_MS = 3_600_000
const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

let world: World

beforeEach(async () => {
  world = await World.open({ shards: 2 })
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
})

/** Makes a shard's uncovered segments covered ones, with counts, as the archiver does. */
async function compact(shard: number): Promise<boolean> {
  const { hot, cold } = world
  const inputs = (await hot.manifest(shard)).filter(({ level }) => level === 'hour')
  if (inputs.length === 0) return false
  const reservation = await hot.reserve(shard, 2 + hot.shards)
  const { users } = await hot.erased(shard)
  const records = (await recordsOf(inputs)).filter(
    ({ userId, sentAtMs }) => sentAtMs >= (users.get(userId) ?? 0),
  )
  const arrival = {
    arrivalFromMs: Math.min(...inputs.map(({ arrivalFromMs }) => arrivalFromMs)),
    arrivalToMs: Math.max(...inputs.map(({ arrivalToMs }) => arrivalToMs)),
  }
  const where = { shard, shards: hot.shards, ...arrival }
  const added: SegmentEntry[] = []
  if (records.length > 0) {
    const userShardOf = (userId: string): number => hot.userShardOf(userId)
    const plan = { ...where, firstNumber: reservation.first, userShardOf }
    added.push(...(await storeGroup(records, plan, cold)))
    const rows = countsOf(records)
    const number = reservation.first + 1 + hot.shards
    const identity = { ...where, number, projection: 'words', level: 'day' } as const
    if (rows.length > 0) {
      const { body, summary } = await encodeWords([rows], identity, { level: 1 })
      const key = segmentKey(identity, ULID)
      await cold.put(key, body)
      const { shards: _, ...entry } = { ...identity, ...summary, key }
      added.push(entry)
    }
  }
  expect(await hot.swap(reservation, { removed: inputs, added })).toBe('committed')
  await cold.deleteMany(inputs.map(({ key }) => key))
  return true
}

async function recordsOf(entries: readonly SegmentEntry[]): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (const { key, sizeBytes } of entries) {
    const source = { store: world.cold, key, sizeBytes }
    for await (const batch of readSegment(source, { ...ALL, order: 'asc' })) records.push(...batch)
  }
  return records
}

async function archive(step: 'seal' | 'compact' | 'trim' | 'nothing'): Promise<void> {
  for (let shard = 0; shard < world.hot.shards; shard += 1) {
    if (step === 'seal') await world.seal(shard)
    if (step === 'compact') await compact(shard)
    if (step === 'trim') await world.trim(shard)
  }
}

const wordsSchema = z.object({
  total: z.int(),
  users: z.int(),
  buckets: z.array(z.object({ from: z.string(), count: z.int() })).optional(),
  leaders: z.array(z.object({ userId: z.string(), login: z.null(), count: z.int() })).optional(),
})
const topSchema = z.object({ words: z.array(z.object({ word: z.string(), count: z.int() })) })
const statsSchema = z.object({
  messages: z.int(),
  chatters: z.int().optional(),
  channelCount: z.int().optional(),
  firstMessageAt: z.string().nullable(),
  lastMessageAt: z.string().nullable(),
})
const activitySchema = z.object({
  total: z.int(),
  buckets: z.array(z.object({ from: z.string(), messages: z.int() })),
})
const userWordsSchema = z.object({ total: z.int(), channelCount: z.int() })

/** The answer of a path; `undefined` where nothing is known of who was asked for. */
async function ask<Schema extends z.ZodType>(
  app: QueryApp,
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const response = await app.request(path)
  if (response.status === 404) return undefined
  const body: unknown = await response.json()
  if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`)
  return schema.parse(body)
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString()
const rangeText = ({ fromMs, toMs }: { fromMs: number; toMs: number }): string =>
  `from=${iso(fromMs)}&to=${iso(toMs)}`

async function checkChannel(
  app: QueryApp,
  records: readonly LogRecord[],
  query: { channelId: string; fromMs: number; toMs: number },
): Promise<void> {
  const plain = plainCount(records, query)
  const path = `/channel/${query.channelId}`
  const pogs = plain.filter(({ word }) => word.toLowerCase() === 'pog')
  const asked = `word=pOg&match=ci&${rangeText(query)}`
  const byHour = await ask(app, `${path}/words?by=hour&${asked}`, wordsSchema)
  const hours = Map.groupBy(pogs, ({ sentAtMs }) => sentAtMs - (sentAtMs % HOUR_MS))
  expect(byHour?.total ?? 0).toBe(pogs.length)
  expect(byHour?.users ?? 0).toBe(new Set(pogs.map(({ userId }) => userId)).size)
  expect(byHour?.buckets ?? []).toEqual(
    [...hours]
      .toSorted(([left], [right]) => left - right)
      .map(([hourMs, group]) => ({ from: iso(hourMs).replace('.000Z', 'Z'), count: group.length })),
  )
  const byUser = await ask(app, `${path}/words?by=user&${asked}`, wordsSchema)
  const users = Map.groupBy(pogs, ({ userId }) => userId)
  expect(byUser?.leaders ?? []).toEqual(
    [...users]
      .map(([userId, group]) => ({ userId, login: null, count: group.length }))
      .toSorted((left, right) => right.count - left.count || (left.userId < right.userId ? -1 : 1)),
  )
  const top = await ask(app, `${path}/words/top?limit=1000&${rangeText(query)}`, topSchema)
  const words = Map.groupBy(
    plain.filter(({ word }) => word !== ''),
    ({ word }) => word,
  )
  expect(new Map((top?.words ?? []).map(({ word, count }) => [word, count]))).toEqual(
    new Map([...words].map(([word, group]) => [word, group.length])),
  )
  const times = plain.flatMap(({ word, sentAtMs }) => (word === '' ? [sentAtMs] : []))
  const stats = await ask(app, `${path}/stats?${rangeText(query)}`, statsSchema)
  expect(stats?.messages ?? 0).toBe(times.length)
  await checkActivity(app, `${path}/activity?${rangeText(query)}`, times)
  if (times.length === 0) return
  expect(Date.parse(stats?.firstMessageAt ?? '')).toBe(Math.min(...times))
  expect(Date.parse(stats?.lastMessageAt ?? '')).toBe(Math.max(...times))
}

async function checkActivity(app: QueryApp, path: string, times: readonly number[]): Promise<void> {
  const activity = await ask(app, `${path}&by=hour`, activitySchema)
  const hours = Map.groupBy(times, (sentAtMs) => sentAtMs - (sentAtMs % HOUR_MS))
  expect(activity?.total ?? 0).toBe(times.length)
  expect(activity?.buckets ?? []).toEqual(
    [...hours]
      .toSorted(([left], [right]) => left - right)
      .map(([hourMs, { length }]) => ({
        from: iso(hourMs).replace('.000Z', 'Z'),
        messages: length,
      })),
  )
}

async function checkUser(
  app: QueryApp,
  records: readonly LogRecord[],
  query: { userId: string; fromMs: number; toMs: number },
): Promise<void> {
  const plain = plainCount(records, query)
  const messages = plain.filter(({ word }) => word === '')
  const path = `/user/${query.userId}`
  const stats = await ask(app, `${path}/stats?${rangeText(query)}`, statsSchema)
  expect(stats?.messages ?? 0).toBe(messages.length)
  const asked = `${path}/activity?${rangeText(query)}`
  const times = messages.map(({ sentAtMs }) => sentAtMs)
  await checkActivity(app, asked, times)
  const inOne = messages.filter(({ channelId }) => channelId === '10')
  const timesInOne = inOne.map(({ sentAtMs }) => sentAtMs)
  await checkActivity(app, `${asked}&channel=10`, timesInOne)
  expect(stats?.channelCount ?? 0).toBe(new Set(messages.map(({ channelId }) => channelId)).size)
  const words = await ask(app, `${path}/words?word=Pog&${rangeText(query)}`, userWordsSchema)
  expect(words?.total ?? 0).toBe(plain.filter(({ word }) => word === 'Pog').length)
}

describe('counts over HTTP', () => {
  it('are what counting the records gives, after every step of the archiver (Q1)', async () => {
    const app = world.app()
    const records: LogRecord[] = []
    const step = fc.constantFrom('seal', 'seal', 'compact', 'compact', 'trim', 'nothing')
    const round = fc.record({
      lines: fc.array(said, { minLength: 1, maxLength: 25, size: 'max' }),
      step,
      ranges: fc.array(range, { minLength: 1, maxLength: 2 }),
    })
    const property = fc.asyncProperty(round, async ({ lines, step: next, ranges }) => {
      const fresh = lines.map((line, at) => chatRecord(line, records.length + at))
      await world.appendRecords(fresh)
      records.push(...fresh)
      await archive(next)
      for (const { fromMs, toMs } of ranges) {
        // Of an empty range there is nothing to ask.
        const asked = { fromMs, toMs: Math.max(toMs, fromMs + 1) }
        for (const channelId of CHANNELS) await checkChannel(app, records, { channelId, ...asked })
        await checkUser(app, records, { userId: '2', ...asked })
      }
    })
    await expect(fc.assert(property, { numRuns: 12, endOnFailure: true })).resolves.toBeUndefined()
    const kinds = (await Promise.all([0, 1].map((shard) => world.hot.manifest(shard)))).flat()
    expect(kinds.map(({ projection }) => projection)).toContain('words')
  })

  it('never change while an archiver seals, compacts, trims and deletes (Q1)', async () => {
    const app = world.app()
    const records = Array.from({ length: 600 }, (_, number) =>
      chatRecord(
        {
          channelId: '10',
          userId: String(number % 5),
          sentAtMs: CHAT_START_MS + number * 20_000,
          words: ['Pog', `word${number % 9}`],
          type: 'PRIVMSG',
        },
        number,
      ),
    )
    const asked = {
      channelId: '10',
      fromMs: CHAT_START_MS + 1,
      toMs: CHAT_START_MS + 2.5 * HOUR_MS,
    }
    await world.appendRecords(records)
    const stop = new AbortController()
    let compactions = 0
    let number = records.length
    const moving = (async () => {
      const shard = world.hot.shardOf('10')
      while (!stop.signal.aborted) {
        // Among the records that are counted, but with another word.
        const others = Array.from({ length: 20 }, () => {
          number += 1
          const sentAtMs = CHAT_START_MS + (number % 600) * 20_000
          const line = { channelId: '10', userId: '9', sentAtMs, words: ['other'] }
          return chatRecord({ ...line, type: 'PRIVMSG' }, number)
        })
        await world.appendRecords(others)
        await world.seal(shard)
        if (await compact(shard)) compactions += 1
        await world.trim(shard)
        // No grace at all, but a count may start over once only.
        await sleep(50)
      }
    })()
    const paths = ['hour', 'day', 'user'].map(
      (by) => `/channel/10/words?word=pog&match=ci&by=${by}&${rangeText(asked)}`,
    )
    const before = await Promise.all(paths.map((path) => ask(app, path, wordsSchema)))
    expect(before[0]?.total).toBe(449)
    try {
      for (let at = 0; at < 60; at += 1) {
        const now = await Promise.all(paths.map((path) => ask(app, path, wordsSchema)))
        expect(now).toEqual(before)
      }
    } finally {
      stop.abort()
      await moving
    }
    expect(compactions).toBeGreaterThan(2)
  })

  it('fail with the name of a segment of counts that is gone', async () => {
    await world.appendRecords([
      chatRecord(
        { channelId: '10', userId: '1', sentAtMs: CHAT_START_MS, words: ['Pog'], type: 'PRIVMSG' },
        1,
      ),
    ])
    await archive('seal')
    await archive('compact')
    const manifest = await world.hot.manifest(world.hot.shardOf('10'))
    const counts = manifest.find(({ projection }) => projection === 'words')
    await world.cold.delete(counts?.key ?? '')
    const response = await world.app().request('/channel/10/words?word=Pog')
    expect(response.status).toBe(500)
    expect(await response.text()).toContain(counts?.key)
  })
})
