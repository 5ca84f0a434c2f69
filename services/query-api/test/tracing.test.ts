import { once } from 'node:events'
import { readFile, unlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openHotStore } from '@poglog/hot-store'
import type { HotStore } from '@poglog/hot-store'
import { watchStore } from '@poglog/object-store'
import { traceCalls } from '@poglog/service-kit'
import { memoryTracing } from '@poglog/service-kit/testing'
import type { KeptSpan, MemoryTracing } from '@poglog/service-kit/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer } from '../src/server.ts'
import type { ApiServer } from '../src/server.ts'
import { World } from './world.ts'

const SEGMENTS = 4
const RECORDS_EACH = 500
/** More than the buffers of a socket take. */
const TEXT_LENGTH = 8000
const PATH = '/channel/10/logs?order=asc&format=raw'

let world: World
let hot: HotStore
let tracing: MemoryTracing
let server: ApiServer
let keys: string[]

beforeAll(async () => {
  world = await World.open({ shards: 1 })
  await world.hot.names.learn([{ id: '2', login: 'user2', seenAtMs: 1 }])
  keys = []
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    const lines = Array.from({ length: RECORDS_EACH }, (_, at) => {
      const number = segment * RECORDS_EACH + at
      const text = `${number} `.padEnd(TEXT_LENGTH, 'x')
      return { number, sentAtMs: 1_700_000_000_000 + number, text }
    })
    await world.append(lines)
    keys.push((await world.seal(0)) ?? '')
  }
})
beforeEach(async () => {
  tracing = memoryTracing()
  const ofStore = traceCalls(tracing, 'store', () => () => undefined)
  const ofRedis = traceCalls(tracing, 'redis', () => () => undefined)
  hot = await openHotStore({ url: world.redis.url, shards: 1, onCall: ofRedis })
  const app = world.app({ tracing, hot, cold: watchStore(world.cold, ofStore) })
  server = await startServer(app, { port: 0, host: '127.0.0.1' })
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  hot.close()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

/** Asks, and takes nothing of the body. */
async function ask(path: string): Promise<{ asked: ClientRequest; response: IncomingMessage }> {
  const asked = request(`${server.url}${path}`).end()
  const response = await new Promise<IncomingMessage>((resolve) => {
    asked.once('response', resolve)
  })
  return { asked, response }
}

/** The span of the only request. */
function requestSpan(): KeptSpan {
  const [span, ...others] = tracing.spans.filter(({ above }) => above === undefined)
  if (span === undefined || others.length > 0) throw new Error('not one request')
  return span
}

describe('the span of a request whose answer is a stream', () => {
  it('lasts until the last byte, and has all reads below it', async () => {
    const { response } = await ask(PATH)
    const span = requestSpan()
    expect([span.name, span.start.kind]).toEqual(['GET /channel/:channel/logs', 'server'])
    expect(span.outcome).toBeUndefined()
    response.resume()
    await once(response, 'end')
    await expect.poll(() => span.outcome).toBe('done')
    expect(span.attributes).toMatchObject({
      'http.route': '/channel/:channel/logs',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'poglog.outcome': 'complete',
      'poglog.format': 'raw',
      'poglog.records': SEGMENTS * RECORDS_EACH,
    })
    const reads = tracing.spans.filter(({ name }) => name === 'store get')
    expect(reads.length).toBeGreaterThanOrEqual(SEGMENTS)
    expect(new Set(reads.map(({ above }) => above))).toEqual(new Set([span]))
    expect(span.attributes['poglog.store_requests']).toBe(reads.length)
  })

  it('says that the client left, and after how much', async () => {
    const { asked, response } = await ask(PATH)
    await once(response, 'readable')
    response.read(10)
    const span = requestSpan()
    expect(span.outcome).toBeUndefined()
    asked.destroy()
    await expect.poll(() => span.outcome).toBe('done')
    expect(span.attributes['poglog.outcome']).toBe('aborted')
    const records = Number(span.attributes['poglog.records'])
    expect(records).toBeGreaterThan(0)
    expect(records).toBeLessThan(SEGMENTS * RECORDS_EACH)
  })

  it('has failed where the answer was cut off', async () => {
    const path = join(world.dir, 'objects', keys.at(-1) ?? '')
    const whole = await readFile(path)
    await unlink(path)
    await writeFile(path, Buffer.from(whole).fill(0x55, 100, 400))
    const response = await fetch(`${server.url}${PATH}`)
    await expect(response.text()).rejects.toThrow('terminated')
    await writeFile(path, whole)
    const span = requestSpan()
    await expect.poll(() => span.outcome).toBe('failed')
    expect(span.attributes).toMatchObject({
      'http.response.status_code': 200,
      'poglog.outcome': 'failed',
    })
  })

  it.each([
    ['/channel/10/live', 'GET /channel/:channel/live'],
    ['/user/2/live', 'GET /user/:user/live'],
  ])(
    'lasts as long as a live tail is listened to, without all its reads: %s',
    async (path, name) => {
      const { asked, response } = await ask(path)
      await once(response, 'readable')
      const span = requestSpan()
      expect([span.name, span.outcome]).toEqual([name, undefined])
      const told = tracing.spans.length
      await sleep(1500)
      expect(tracing.spans.slice(told)).toEqual([])
      asked.destroy()
      await expect.poll(() => span.outcome).toBe('done')
      expect(span.attributes['poglog.outcome']).toBe('aborted')
    },
  )
})

describe('the span of a request', () => {
  it.each([
    ['/channel/10/logs?limit=1', 200, 'done'],
    ['/channel/10/logs?limit=x', 400, 'done'],
    ['/no/such/path', 404, 'done'],
  ])('of %s ends with its answer', async (path, status, outcome) => {
    await (await fetch(`${server.url}${path}`)).text()
    const span = requestSpan()
    await expect.poll(() => span.outcome).toBe(outcome)
    expect(span.attributes).toMatchObject({
      'http.response.status_code': status,
      'poglog.outcome': 'complete',
    })
    expect(JSON.stringify([span.name, span.attributes])).not.toMatch(/no.such|"10"/)
  })

  it('has failed where its answer is a failure of ours', async () => {
    await world.redis.stop()
    await (await fetch(`${server.url}/channel/10/logs`)).text()
    const span = requestSpan()
    await expect.poll(() => span.outcome).toBe('failed')
    expect(span.attributes['http.response.status_code']).toBe(503)
  })
})
