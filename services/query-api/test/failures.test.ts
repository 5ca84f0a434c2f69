import { once } from 'node:events'
import { readFile, unlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedisServer } from '@poglog/hot-store/server'
import type { ObjectStore } from '@poglog/object-store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer } from '../src/server.ts'
import type { ApiServer } from '../src/server.ts'
import { SMALL_LIMITS, World } from './world.ts'

let world: World
let servers: ApiServer[]

beforeEach(async () => {
  world = await World.open({ shards: 1 })
  servers = []
})
afterEach(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

async function serve(app = world.app()): Promise<string> {
  const server = await startServer(app, { port: 0, host: '127.0.0.1' })
  servers.push(server)
  return server.url
}

/** Some thousand lines, in some segments. */
async function fill(segments: number, recordsEach: number, length = 400): Promise<string[]> {
  const keys: string[] = []
  for (let segment = 0; segment < segments; segment += 1) {
    const lines = Array.from({ length: recordsEach }, (_, at) => {
      const number = segment * recordsEach + at
      return {
        number,
        sentAtMs: 1_700_000_000_000 + number,
        text: `${number} `.padEnd(length, 'x'),
      }
    })
    await world.append(lines)
    const key = await world.seal(0)
    if (key !== undefined) keys.push(key)
  }
  return keys
}

describe('a damaged or missing segment', () => {
  it('is a 500 that names it, never a shorter answer', async () => {
    const [key = ''] = await fill(1, 50)
    const path = join(world.dir, 'objects', key)
    const bytes = await readFile(path)
    bytes.fill(0x55, 100, 104)
    await unlink(path)
    await writeFile(path, bytes)
    const response = await world.app().request('/channel/10/logs')
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({
      status: 500,
      detail: expect.stringContaining(key) as unknown,
    })
  })

  it('is a 500 when it is still gone in a new snapshot', async () => {
    const [key = ''] = await fill(1, 50)
    await unlink(join(world.dir, 'objects', key))
    const response = await world.app().request('/channel/10/logs?format=text')
    expect(response.status).toBe(500)
    expect(await response.text()).toContain(key)
  })

  it('cuts the connection when it shows in mid-stream, so that the answer does not look whole', async () => {
    const [, , third = ''] = await fill(3, 3000)
    const path = join(world.dir, 'objects', third)
    const bytes = await readFile(path)
    bytes.fill(0x55, 100, 400)
    await unlink(path)
    await writeFile(path, bytes)
    const url = await serve()
    const response = await fetch(`${url}/channel/10/logs?order=asc&format=raw`)
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
  })
})

describe('a client that goes away', () => {
  it('stops the reading of the stores', async () => {
    // More than the buffers of a socket take.
    await fill(8, 500, 8000)
    const signals: (AbortSignal | undefined)[] = []
    const watched: ObjectStore = new Proxy(world.cold, {
      get(target, name) {
        if (name !== 'get') return Reflect.get(target, name) as unknown
        return (key: string, options?: { signal?: AbortSignal }) => {
          signals.push(options?.signal)
          return target.get(key, options)
        }
      },
    })
    const path = '/channel/10/logs?order=asc&format=raw'
    await (await world.app({ cold: watched }).request(path)).text()
    const readsInAll = signals.length

    signals.length = 0
    const url = await serve(world.app({ cold: watched }))
    const outgoing = request(`${url}${path}`)
    outgoing.end()
    const response = await new Promise<IncomingMessage>((resolve) => {
      outgoing.once('response', resolve)
    })
    await once(response, 'readable')
    response.read(10)
    // Nobody reads on: the server fills the socket's buffers and no more.
    await sleep(500)
    const readsPaused = signals.length
    expect(readsPaused).toBeLessThan(readsInAll)
    await sleep(500)
    expect(signals).toHaveLength(readsPaused)
    outgoing.destroy()
    await expect.poll(() => signals.at(-1)?.aborted).toBe(true)
    await sleep(200)
    expect(signals).toHaveLength(readsPaused)
  })

  it('leaves no running query behind, whenever it goes', async () => {
    await fill(2, 1000)
    await world.append(
      Array.from({ length: 500 }, (_, at) => ({
        number: 10_000 + at,
        sentAtMs: 1_700_000_100_000 + at,
      })),
    )
    const app = world.app({ limits: { ...SMALL_LIMITS, pageEntries: 10 } })
    const url = await serve(app)
    for (let round = 0; round < 12; round += 1) {
      const abort = new AbortController()
      const answer = fetch(`${url}/channel/10/logs?order=asc&format=text`, { signal: abort.signal })
      setTimeout(() => {
        abort.abort()
      }, round * 8)
      await answer.then((response) => response.text()).catch(() => undefined)
    }
    await expect
      .poll(async () => (await app.request('/metrics')).text())
      .toMatch(/poglog_query_answers_running 0\n/)
  })
})

describe('Redis away', () => {
  it('is a 503 with Retry-After, and answers come back by themselves', async () => {
    await fill(1, 20)
    const app = world.app()
    expect((await app.request('/readyz')).status).toBe(200)
    await world.redis.stop()
    for (const path of [
      '/channel/10/logs',
      '/user/2/logs?format=raw',
      '/channel/login:chan10/logs',
      '/channels',
    ]) {
      const response = await app.request(path)
      expect([path, response.status]).toEqual([path, 503])
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    }
    expect((await app.request('/readyz')).status).toBe(503)
    expect((await app.request('/healthz')).status).toBe(200)
    const again = await startRedisServer({ dir: join(world.dir, 'redis') })
    try {
      await expect
        .poll(async () => (await app.request('/channel/10/logs')).status, { timeout: 10_000 })
        .toBe(200)
    } finally {
      await again.stop()
    }
  })
})

describe('stopping', () => {
  it('lets a running answer end', async () => {
    await fill(1, 5000)
    const server = await startServer(world.app(), { port: 0, host: '127.0.0.1' })
    const response = await fetch(`${server.url}/channel/10/logs?order=asc&format=raw`)
    const body = response.text()
    const stopped = server[Symbol.asyncDispose]()
    const { length } = await body
    await stopped
    expect(length).toBeGreaterThan(5000 * 400)
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed')
  })

  it('says what to do when the port is taken', async () => {
    const url = await serve()
    const port = Number(new URL(url).port)
    await expect(startServer(world.app(), { port, host: '127.0.0.1' })).rejects.toThrow(
      /PORT: port \d+ .* in use .* set PORT/,
    )
  })
})
