import { randomBytes } from 'node:crypto'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { openHotStore } from '@poglog/hot-store'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../src/server.ts'
import type { ApiServer } from '../src/server.ts'
import type { AppDeps } from '../src/app.ts'
import { World } from './world.ts'

const LOGS = '/channel/10/logs?format=raw'

let world: World
let servers: ApiServer[] = []

beforeAll(async () => {
  world = await World.open({ shards: 1 })
  // More than the buffers of a socket take.
  for (let segment = 0; segment < 6; segment += 1) {
    await world.append(
      Array.from({ length: 400 }, (_, at) => {
        const number = segment * 400 + at
        const text = randomBytes(4500).toString('base64')
        return { number, sentAtMs: 1_700_000_000_000 + number, text }
      }),
    )
    await world.seal(0)
  }
})
afterEach(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]()
  servers = []
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

async function serve(changes: Partial<AppDeps>): Promise<string> {
  const server = await startServer(world.app(changes), { port: 0, host: '127.0.0.1' })
  servers.push(server)
  return server.url
}

async function ask(url: string, headers = {}): Promise<IncomingMessage> {
  const outgoing = get(url, { agent: false, headers })
  return await new Promise((resolve, reject) => {
    outgoing.on('error', reject).once('response', resolve)
  })
}

async function statusOf(url: string, headers = {}): Promise<number | undefined> {
  const response = await ask(url, headers)
  await buffer(response)
  return response.statusCode
}

describe('a client that takes many answers at a time', () => {
  it('is refused one more, until one has ended or was given up', async () => {
    const url = await serve({ streamsPerAddress: 2, trustedProxyHops: 1 })
    const [one, two] = [await ask(`${url}${LOGS}`), await ask(`${url}${LOGS}`)]
    const third = await ask(`${url}${LOGS}`)
    expect([third.statusCode, third.headers['retry-after']]).toEqual([429, '5'])
    expect(JSON.parse((await buffer(third)).toString())).toMatchObject({ status: 429 })
    expect(await statusOf(`${url}/channels`, { 'x-forwarded-for': '192.0.2.9' })).toBe(200)
    expect(await statusOf(`${url}/healthz`)).toBe(200)
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'clients_refused_total{reason="in-flight"} 1',
    )
    one.destroy()
    await expect.poll(async () => await statusOf(`${url}/channels`)).toBe(200)
    await buffer(two)
    await expect
      .poll(
        async () => await Promise.all([1, 2].map(async () => await statusOf(`${url}/channels`))),
      )
      .toEqual([200, 200])
  })
})

describe('a request that is too long, or never whole', () => {
  it('is refused, and its connection ended in time (S1)', async () => {
    const { port } = new URL(await serve({}))
    const answers = await Promise.all(
      [
        `GET /channels HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(20_000)}\r\n\r\n`,
        `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
        'POST /admin/channels HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n',
        'GET /channels HTTP/1.1\r\nHost: a\r\n',
      ].map(async (text) => {
        const socket = connect(Number(port), '127.0.0.1')
        socket.on('error', () => undefined).write(text)
        return (await buffer(socket)).toString('latin1').slice(9, 12)
      }),
    )
    expect(answers).toEqual(['431', '431', '403', '408'])
  })
})

describe('the rate of a client', () => {
  it('is counted over all processes that share a Redis', async () => {
    const limits = { rateLimitPerMinute: 4, trustedProxyHops: 1 }
    const other = await openHotStore({ url: world.redis.url })
    try {
      const urls = [await serve(limits), await serve({ ...limits, hot: other })]
      const client = { 'x-forwarded-for': '198.51.100.1' }
      const statuses: (number | undefined)[] = []
      for (let round = 0; round < 3; round += 1) {
        for (const url of urls) statuses.push(await statusOf(`${url}/channels`, client))
      }
      expect(statuses).toEqual([200, 200, 200, 200, 429, 429])
    } finally {
      other.close()
    }
  })

  it('is not counted while Redis is away, and what can be answered is', async () => {
    const away = await openHotStore({ url: world.redis.url })
    const url = await serve({ rateLimitPerMinute: 1, hot: away })
    away.close()
    expect(await statusOf(`${url}/openapi.json`)).toBe(200)
    expect(await statusOf(`${url}/openapi.json`)).toBe(200)
    expect(await statusOf(`${url}/channels`)).toBe(503)
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('rate_not_counted_total 3')
  })
})
