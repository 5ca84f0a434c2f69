import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hostileRequests } from './hostile-requests.ts'
import { ServiceProcess, statusOf } from './hostile-run.ts'
import { World } from './world.ts'

const KEY = 'a-key-that-nobody-guesses'
/** Longer by hand: HOSTILE_SECONDS=300 vitest run --project integration services/query-api/test/hostile.test.ts */
const SECONDS = Number(process.env['HOSTILE_SECONDS'] ?? 6)
const AT_ONCE = 12
const PEAK_MIB_MAX = 600

let world: World
let service: ServiceProcess

beforeAll(async () => {
  world = await World.open({ shards: 2 })
  for (let part = 0; part < 3; part += 1) {
    await world.append(
      Array.from({ length: 400 }, (_, at) => {
        const number = part * 400 + at
        const sentAtMs = 1_700_000_000_000 + number * 30_000
        return { number, userId: String(2 + (at % 5)), channelId: String(10 + (at % 2)), sentAtMs }
      }),
    )
    if (part < 2) await world.sealAll()
  }
  await world.hot.registry.add(['chan10', 'chan11'])
  const names = [
    ...['10', '11'].map((id) => [id, `chan${id}`]),
    ...['2', '3', '4'].map((id) => [id, `user${id}`]),
  ]
  await world.hot.names.learn(
    names.map(([id = '', login = '']) => ({ id, login, seenAtMs: 1_700_000_000_000 })),
  )
  service = await ServiceProcess.start({
    REDIS_URL: world.redis.url,
    OBJECT_STORE: `file://${join(world.dir, 'objects')}`,
    SHARDS: '2',
    ADMIN_API_KEY: KEY,
    RATE_LIMIT_PER_MINUTE: '0',
    STREAMS_PER_ADDRESS: '0',
    TRUSTED_PROXY_HOPS: '1',
  })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

it(
  'answers every request, whatever it is: no failure, no crash, bounded memory (S1)',
  async () => {
    const document: unknown = await (await fetch(`${service.url}/openapi.json`)).json()
    const request = hostileRequests(document, KEY)
    const statuses = new Map<string, number>()
    const requests = fc.array(request, { minLength: AT_ONCE, maxLength: AT_ONCE })
    await fc.assert(
      fc.asyncProperty(requests, async (batch) => {
        const found = await Promise.all(
          batch.map(async (one) => ({ one, status: await statusOf(service.url, one) })),
        )
        for (const { status } of found) statuses.set(status, (statuses.get(status) ?? 0) + 1)
        expect(service.isRunning).toBe(true)
        expect(found.filter(({ status }) => status === 'none' || status >= '500')).toEqual([])
      }),
      { numRuns: 1_000_000, interruptAfterTimeLimit: SECONDS * 1000, maxSkipsPerRun: 0 },
    )
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${service.url}/metrics`)).text()).toMatch(/answers_running 0\n/)
    const peakMib = await service.peakMib()
    const sum = [...statuses.values()].reduce((total, count) => total + count, 0)
    const counts = [...statuses].map(([status, count]) => `${status}: ${count}`)
    process.stdout.write(`${sum} requests, peak ${peakMib.toFixed(0)} MiB, ${counts.join(', ')}\n`)
    expect(sum).toBeGreaterThan(100)
    expect(peakMib).toBeLessThan(PEAK_MIB_MAX)
  },
  SECONDS * 1000 + 120_000,
)
