import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, unlink, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectStore } from '@poglog/object-store'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../src/server.ts'
import type { ApiServer } from '../src/server.ts'
import { DECODERS } from '../src/testing/decoders.ts'
import { World } from './world.ts'

const START_MS = 1_700_000_000_000
const ENCODINGS = ['zstd', 'br', 'gzip', 'deflate'] as const

const DAY_MS = 86_400_000

let world: World
let servers: ApiServer[] = []

beforeAll(async () => {
  world = await World.open({ shards: 1 })
})
afterEach(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]()
  servers = []
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

async function serve(app = world.app()): Promise<string> {
  const server = await startServer(app, { port: 0, host: '127.0.0.1' })
  servers.push(server)
  return server.url
}

interface Filling {
  /** The day whose lines they are, so that no test meets another's. */
  readonly day: number
  readonly segments: number
  readonly recordsEach: number
  readonly length: number
}

/** Segments of lines that hardly get smaller, so that they do not fit the buffers of a socket; their keys. */
async function fill({ day, segments, recordsEach, length }: Filling): Promise<string[]> {
  const keys: string[] = []
  for (let segment = 0; segment < segments; segment += 1) {
    await world.append(
      Array.from({ length: recordsEach }, (_, at) => {
        const number = segment * recordsEach + at
        const text = randomBytes(Math.ceil((length * 3) / 4)).toString('base64')
        return { number: day * 100_000 + number, sentAtMs: START_MS + day * DAY_MS + number, text }
      }),
    )
    const key = await world.seal(0)
    if (key !== undefined) keys.push(key)
  }
  return keys
}

const dayPath = (day: number, format: string): string => {
  const fromMs = START_MS + day * DAY_MS
  return `/channel/10/logs?order=asc&format=${format}&from=${fromMs}&to=${fromMs + DAY_MS}`
}

async function ask(url: string, encoding: string): Promise<IncomingMessage> {
  const outgoing = get(url, { headers: { 'accept-encoding': encoding }, agent: false })
  return await new Promise((resolve, reject) => {
    // Also what comes after the response, which tells its reader by itself.
    outgoing.on('error', reject).once('response', resolve)
  })
}

/** The store with the signal of every read in `signals`; each read waits for `before`. */
function watched(
  signals: (AbortSignal | undefined)[],
  before: (key: string) => Promise<void> = async () => undefined,
): ObjectStore {
  return new Proxy(world.cold, {
    get(target, name) {
      if (name !== 'get') return Reflect.get(target, name) as unknown
      return async (key: string, options?: { signal?: AbortSignal }) => {
        signals.push(options?.signal)
        await before(key)
        return await target.get(key, options)
      }
    },
  })
}

/** The count once it has stood still for a second. */
async function untilStill(count: () => number): Promise<number> {
  let last = -1
  while (last !== count()) {
    last = count()
    await sleep(1000)
  }
  return last
}

describe('an answer over the wire', () => {
  it('is the same in every encoding and format', async () => {
    await fill({ day: 0, segments: 2, recordsEach: 300, length: 200 })
    await world.append([{ number: 99_000, sentAtMs: START_MS + 9000 }])
    const url = await serve()
    for (const format of ['json', 'ndjson', 'text', 'raw']) {
      const path = `${url}${dayPath(0, format)}`
      const plain = await buffer(await ask(path, 'identity'))
      expect(plain.length).toBeGreaterThan(10_000)
      for (const encoding of ENCODINGS) {
        const response = await ask(path, encoding)
        expect(response.headers).toMatchObject({ 'content-encoding': encoding })
        expect(response.headers.vary).toContain('Accept-Encoding')
        const body = await buffer(response)
        expect(body.length).toBeLessThan(plain.length)
        expect(DECODERS[encoding](body).equals(plain)).toBe(true)
      }
    }
  })

  it.each(ENCODINGS)('begins in %s while the rest is not read yet', async (encoding) => {
    const day = 1 + ENCODINGS.indexOf(encoding)
    const [, second = ''] = await fill({ day, segments: 2, recordsEach: 200, length: 100 })
    const held = Promise.withResolvers<void>()
    const cold = watched([], async (key) => {
      if (key === second) await held.promise
    })
    const url = await serve(world.app({ cold }))
    const response = await ask(`${url}${dayPath(day, 'raw')}`, encoding)
    await once(response, 'readable')
    expect(response.readableLength).toBeGreaterThan(1000)
    held.resolve()
    expect(
      DECODERS[encoding](await buffer(response))
        .toString()
        .split('\n'),
    ).toHaveLength(401)
  })
})

describe('a client that reads slowly or leaves', () => {
  beforeAll(async () => {
    await fill({ day: 10, segments: 10, recordsEach: 300, length: 6000 })
  })

  it.each(['identity', ...ENCODINGS])(
    'in %s stops the reading of the stores, and ends it when it goes',
    async (encoding) => {
      const signals: (AbortSignal | undefined)[] = []
      const app = world.app({ cold: watched(signals) })
      const path = dayPath(10, 'raw')
      await (await app.request(path)).text()
      const readsInAll = signals.length

      signals.length = 0
      const url = await serve(app)
      const response = await ask(`${url}${path}`, encoding)
      await once(response, 'readable')
      response.read(10)
      // Nobody reads on: the server fills the socket's buffers and no more.
      const readsPaused = await untilStill(() => signals.length)
      expect(readsPaused).toBeLessThan(readsInAll)
      response.destroy()
      await expect.poll(() => signals.at(-1)?.aborted).toBe(true)
      await expect
        .poll(async () => (await app.request('/metrics')).text())
        .toMatch(/poglog_query_answers_running 0\n/)
      expect(signals).toHaveLength(readsPaused)
    },
  )
})

describe('an answer that fails in mid-stream', () => {
  beforeAll(async () => {
    const [, , third = ''] = await fill({ day: 20, segments: 3, recordsEach: 1500, length: 400 })
    const path = join(world.dir, 'objects', third)
    const damaged = await readFile(path)
    damaged.fill(0x55, 100, 400)
    await unlink(path)
    await writeFile(path, damaged)
  })

  it.each(['identity', ...ENCODINGS])(
    'is cut off in %s, and never ends cleanly',
    async (encoding) => {
      const url = await serve()
      const response = await ask(`${url}${dayPath(20, 'raw')}`, encoding)
      expect(response.statusCode).toBe(200)
      await expect(buffer(response)).rejects.toThrow(/aborted|ECONNRESET/)
      expect(response.complete).toBe(false)
    },
  )
})
