import { setImmediate as turn } from 'node:timers/promises'
import type { LogRecord } from '@poglog/log-format'
import { watchStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import type { QueryApp } from './app-types.ts'
import { fakeApp } from './testing/fake-app.ts'
import { FakeHot } from './testing/fake-hot.ts'
import { recordOf } from './testing/lines.ts'
import { storeSegment } from './testing/segments.ts'

const START_MS = Date.UTC(2026, 9, 1)
const DAY_MS = 86_400_000
const DAYS = 6
const QUERIES = [
  ['/channel/10/logs?order=asc&format=ndjson', '/channel/:channel/logs'],
  ['/user/5/logs?format=text', '/user/:user/logs'],
  ['/channelid/10/2026/10/2?json', '/channelid/:channel/:year/:month/:day'],
  ['/channel/10/words?word=a&from=2026-10-01T00:00:00Z', '/channel/:channel/words'],
] as const

const hot = new FakeHot()
const cold = memoryObjectStore()

beforeAll(async () => {
  hot.logins.set('10', 'chan10')
  hot.registered.add('chan10')
  const all: LogRecord[] = []
  const identity = { shard: 0, shards: 1, arrivalFromMs: START_MS } as const
  for (let day = 0; day < DAYS; day += 1) {
    const arrivalFromMs = START_MS + day * DAY_MS
    const records = Array.from({ length: 50 }, (_, at) => {
      const number = day * 50 + at
      const who = { channelId: '10', userId: String(5 + (at % 3)) }
      return recordOf({ number, ...who, sentAtMs: arrivalFromMs + at * 1000 })
    })
    all.push(...records)
    const times = { arrivalFromMs, arrivalToMs: arrivalFromMs + DAY_MS }
    const place = { projection: 'by-channel', level: 'hour', number: day + 1 } as const
    hot.segments.push(await storeSegment(records, { ...identity, ...place, ...times }, cold))
  }
  const fold = { projection: 'by-user', level: 'fold', number: 1, users: 0 } as const
  const arrivalToMs = START_MS + DAYS * DAY_MS
  hot.folds.push(await storeSegment(all, { ...identity, ...fold, arrivalToMs }, cold))
  hot.boundaryMs = arrivalToMs
})

/** A new API over the archive, whose store answers late, and how often that was asked. */
function slowApp(): { app: QueryApp; asked: () => number } {
  let requests = 0
  const watched = watchStore(cold, () => {
    requests += 1
    return () => undefined
  })
  const slow: ObjectStore = {
    ...watched,
    async get(key, options) {
      const bytes = await watched.get(key, options)
      for (let turns = 0; turns <= requests % 3; turns += 1) await turn()
      return bytes
    },
  }
  return { app: fakeApp({ hot, cold: slow }), asked: () => requests }
}

async function ask(app: QueryApp, path: string): Promise<void> {
  const response = await app.request(path, { redirect: 'manual' })
  await response.text()
}

/** What the metrics say that the queries of a route asked of the store, and how many there were. */
async function counted(app: QueryApp, route: string): Promise<{ sum: number; queries: number }> {
  const metrics = await (await app.request('/metrics')).text()
  const value = (name: string): number => {
    const series = `poglog_query_answer_store_requests_${name}{route="${route}"} `
    return Number(
      metrics
        .split('\n')
        .find((line) => line.startsWith(series))
        ?.slice(series.length),
    )
  }
  return { sum: value('sum'), queries: value('count') }
}

describe('the requests that a query makes of the object store', () => {
  it('are counted by its route, and are its own though others run between its reads', async () => {
    const { app, asked } = slowApp()
    // From the second time on all footers are known: each takes as many requests as it did before.
    for (const [path] of QUERIES) await ask(app, path)
    const alone = new Map<string, number>()
    for (const [path, route] of QUERIES) {
      const before = { asked: asked(), sum: (await counted(app, route)).sum }
      await ask(app, path)
      const requests = asked() - before.asked
      const { sum, queries } = await counted(app, route)
      expect([route, sum - before.sum, queries]).toEqual([route, requests, 2])
      expect(requests).toBeGreaterThan(0)
      alone.set(route, sum + requests)
    }
    await Promise.all(QUERIES.map(([path]) => ask(app, path)))
    for (const [, route] of QUERIES) {
      expect([route, (await counted(app, route)).sum]).toEqual([route, alone.get(route)])
    }
  })

  it('are none where no segment can hold what is asked for', async () => {
    const { app, asked } = slowApp()
    await ask(app, '/channel/chan10/logs?from=2026-12-01T00:00:00Z')
    expect(asked()).toBe(0)
    expect(await counted(app, '/channel/:channel/logs')).toEqual({ sum: 0, queries: 1 })
  })
})
