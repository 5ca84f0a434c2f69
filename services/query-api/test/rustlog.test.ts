import type { LogRecord } from '@poglog/log-format'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { QueryApp } from '../src/app-types.ts'
import { recordOf } from '../src/testing/lines.ts'
import { VECTORS, recordOfLine } from '../src/testing/vectors.ts'
import { World } from './world.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 25)
const CHANNELS = ['10', '11']
const USERS = ['2', '3', '4']
const ROW = /^@[^ ]* :[^ ]* (?:PRIVMSG|USERNOTICE|CLEARCHAT) /

let world: World
const records: LogRecord[] = []

beforeAll(async () => {
  world = await World.open({ shards: 2 })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

/** Lines of several days, users and channels; a third of them are no messages, some are no rows. */
async function say(count: number): Promise<void> {
  const said = Array.from({ length: count }, (_, at) => {
    const number = records.length + at
    const day = (number * 7) % 40
    const types = ['PRIVMSG', 'PRIVMSG', 'CLEARCHAT', 'USERNOTICE', 'NOTICE'] as const
    const sentAtMs = START_MS + day * DAY_MS + (number % 24) * 3_600_000
    return recordOf({
      number,
      channelId: CHANNELS[number % 2] ?? '',
      userId: USERS[number % 3] ?? '',
      type: types[number % 5] ?? 'PRIVMSG',
      sentAtMs,
    })
  })
  await world.appendRecords(said)
  records.push(...said)
}

async function archive(step: 'seal' | 'compact' | 'trim'): Promise<void> {
  for (let shard = 0; shard < world.hot.shards; shard += 1) await world[step](shard)
}

async function lines(app: QueryApp, path: string): Promise<string[]> {
  const response = await app.request(path)
  const text = await response.text()
  if (response.status === 404) return []
  expect([path, response.status]).toEqual([path, 200])
  return text.split('\r\n').slice(0, -1)
}

async function json(app: QueryApp, path: string): Promise<unknown> {
  const response = await app.request(path)
  return response.status === 200 ? await response.json() : response.status
}

interface Kept {
  readonly isShown?: (record: LogRecord) => boolean
}

function rowsOf(channelId: string, userId?: string, { isShown = () => true }: Kept = {}) {
  return records.filter(
    (record) =>
      record.channelId === channelId &&
      (userId ?? record.userId) === record.userId &&
      ROW.test(record.raw) &&
      isShown(record),
  )
}

function datesOf(rows: readonly LogRecord[], isMonth: boolean) {
  const size = isMonth ? 7 : 10
  const dates = rows.map(({ sentAtMs }) => new Date(sentAtMs).toISOString().slice(0, size))
  const listed = [...new Set(dates)].toSorted().toReversed()
  return listed.map((date) => {
    const [year = '', month = '', day = ''] = date.split('-')
    const parts = { year, month: String(Number(month)) }
    return isMonth ? parts : Object.assign(parts, { day: String(Number(day)) })
  })
}

function byPlace(rows: readonly LogRecord[]): string[] {
  return rows
    .toSorted((left, right) => left.sentAtMs - right.sentAtMs || (left.key < right.key ? -1 : 1))
    .map(({ raw }) => raw)
}

async function checkChannel(app: QueryApp, channelId: string, kept?: Kept): Promise<void> {
  const rows = rowsOf(channelId, undefined, kept)
  const path = `/channelid/${channelId}`
  const availableLogs = datesOf(rows, false)
  expect(await json(app, `/list?channelid=${channelId}`)).toEqual({ availableLogs })
  const days: string[] = []
  for (const date of availableLogs) {
    days.push(...(await lines(app, `${path}/${Object.values(date).join('/')}?raw&reverse`)))
  }
  expect(days).toEqual(byPlace(rows).toReversed())
  expect(await json(app, `${path}/stats`)).toMatchObject({
    messageCount: rows.length,
    topChatters: [...Map.groupBy(rows, ({ userId }) => userId)]
      .map(([userId, { length }]) => ({ userId, messageCount: length }))
      .toSorted(
        (left, right) =>
          right.messageCount - left.messageCount || Number(left.userId) - Number(right.userId),
      ),
  })
  const [drawn = ''] = await lines(app, `${path}/random?raw`)
  expect(rows.map(({ raw }) => raw)).toContain(drawn)
}

async function checkUser(app: QueryApp, userId: string, kept?: Kept): Promise<void> {
  const rows = rowsOf('10', userId, kept)
  const path = `/channelid/10/userid/${userId}`
  const listed = await json(app, `/list?channelid=10&userid=${userId}`)
  expect(listed).toEqual(rows.length === 0 ? 404 : { availableLogs: datesOf(rows, true) })
  expect(await json(app, `${path}/stats`)).toMatchObject({ userId, messageCount: rows.length })
  const [drawn] = await lines(app, `${path}/random?raw`)
  expect(rows.map(({ raw }) => raw).includes(drawn ?? '')).toBe(rows.length > 0)
  const times = records
    .filter((record) => record.userId === userId && ROW.test(record.raw))
    .filter(kept?.isShown ?? (() => true))
    .map(({ sentAtMs }) => sentAtMs)
  const names = z
    .array(
      z.object({ user_login: z.string(), last_timestamp: z.string(), first_timestamp: z.string() }),
    )
    .parse(await json(app, `/namehistory/${userId}`))
  expect(
    names.map((name) => [
      name.user_login,
      Date.parse(name.first_timestamp),
      Date.parse(name.last_timestamp),
    ]),
  ).toEqual(times.length === 0 ? [] : [[`user${userId}`, Math.min(...times), Math.max(...times)]])
}

function isNotOf4({ userId }: LogRecord): boolean {
  return userId !== '4'
}

describe("rustlog's routes over a real archive", () => {
  it('answer lists, statistics, draws, names and days exactly, after every step of the archiver (1.9) (Q1)', async () => {
    const app = world.app()
    const steps = [
      'seal',
      'compact',
      'trim',
      'seal',
      'fold',
      'trim',
      'compact',
      'seal',
      'none',
    ] as const
    for (const step of steps) {
      await say(40)
      if (step === 'fold') await world.fold()
      else if (step !== 'none') await archive(step)
      for (const channelId of CHANNELS) await checkChannel(app, channelId)
      for (const userId of USERS) await checkUser(app, userId)
    }
    expect(world.equalKeys).toBe(0)
  })

  it('show nothing of who is erased or has opted out, hot, sealed, compacted and folded (P1)', async () => {
    const app = world.app()
    await world.hot.erasures.request('4')
    await checkChannel(app, '10', { isShown: isNotOf4 })
    await checkUser(app, '4', { isShown: isNotOf4 })

    await world.hot.optOuts.set({ kind: 'users', id: '3', isOut: true })
    await checkChannel(app, '10', { isShown: ({ userId }) => userId === '2' })
    expect(await json(app, '/namehistory/3')).toBe(403)
    expect(await json(app, '/list?channelid=10&userid=3')).toBe(403)
    await world.hot.optOuts.set({ kind: 'channels', id: '11', isOut: true })
    for (const path of ['/list?channelid=11', '/channelid/11/random', '/channelid/11/stats']) {
      expect(await json(app, path)).toBe(403)
    }
  })

  it('write the same of a line that is hot and of one that is archived, byte for byte (1.8) (Q2)', async () => {
    const app = world.app()
    const lines30 = VECTORS.map(({ line }) => recordOfLine(line, '10', START_MS))
    await world.appendRecords(lines30)
    const paths = ['/channelid/30/2024/3/1', '/channelid/30/userid/5/2024/3'].flatMap((path) =>
      ['raw', 'json', 'jsonBasic', 'ndjson', 'text'].map((format) => `${path}?${format}`),
    )
    const answers = async (): Promise<string[]> =>
      await Promise.all(paths.map(async (path) => (await app.request(path)).text()))
    const hot = await answers()
    expect(hot[0]).toBe(`${VECTORS[0]?.line}\r\n${VECTORS[4]?.line}\r\n`)
    for (const step of ['seal', 'compact', 'trim'] as const) {
      await archive(step)
      expect(await answers()).toEqual(hot)
    }
  })

  it('are tagged once a day is closed, and anew when something joins it (1.5)', async () => {
    const app = world.app()
    const early = { number: 5000, channelId: '12', sentAtMs: START_MS }
    await world.append([early])
    const ask = async (path: string, tag = ''): Promise<Response> =>
      await app.request(path, { headers: { 'if-none-match': tag } })
    const paths = ['/channelid/12/2026/1/25?raw', '/channelid/12/userid/2/2026/1?json&reverse']
    for (const path of paths) expect((await ask(path)).headers.get('etag')).toBeNull()
    await archive('seal')
    const tags = new Map<string, string>()
    for (const path of paths) {
      const { headers } = await ask(path)
      const tag = headers.get('etag') ?? ''
      tags.set(path, tag)
      const again = await ask(path, tag)
      expect([path, again.status, await again.text()]).toEqual([path, 304, ''])
      expect(again.headers.get('cache-control')).toBe('public, max-age=36000')
      expect((await ask(path.replace(/json|raw/, 'text'), tag)).status).toBe(200)
    }
    expect(new Set(tags.values()).size).toBe(2)
    await world.append([{ ...early, number: 5001 }])
    for (const [path, tag] of tags) expect((await ask(path, tag)).status).toBe(200)
    await archive('seal')
    for (const [path, tag] of tags) {
      const answer = await ask(path, tag)
      expect([answer.status, answer.headers.get('etag') === tag]).toEqual([200, false])
      expect((await answer.text()).split('tmi-sent-ts=').length).toBe(3)
    }
  })
})
