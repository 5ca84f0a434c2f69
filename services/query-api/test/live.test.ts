import { once } from 'node:events'
import { request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedisServer } from '@poglog/hot-store/server'
import { channelOfShard, redisCall } from '@poglog/hot-store/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIVE_LIMITS } from '../src/limits.ts'
import type { LiveLimits } from '../src/limits.ts'
import { startServer } from '../src/server.ts'
import type { ApiServer } from '../src/server.ts'
import { LiveClient } from '../src/testing/live-client.ts'
import type { LineParts } from '../src/testing/lines.ts'
import { World } from './world.ts'

const CHANNEL = '10'
const OTHER_CHANNEL = '11'
const WAIT = { timeout: 10_000, interval: 20 }

let world: World
let stopping: AbortController
let server: ApiServer
let number = 0

/** A client over a socket. */
class Listener {
  readonly client = new LiveClient()
  readonly #path: string
  #outgoing: ClientRequest | undefined
  response: IncomingMessage | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Connects, and waits until it listens. */
  async connect(): Promise<this> {
    const { client } = this
    const before = client.id
    const headers = before === '' ? {} : { 'last-event-id': before }
    const outgoing = request(`${server.url}${this.#path}`, { headers })
    outgoing.end()
    // A connection that is cut is what some tests are about.
    outgoing.on('error', () => undefined)
    this.#outgoing = outgoing
    const response = await new Promise<IncomingMessage>((resolve) => {
      outgoing.once('response', resolve)
    })
    if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`)
    this.response = response
    const sink = client.connect()
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      sink.write(text)
      client.read()
    })
    response.on('error', () => undefined)
    await vi.waitUntil(() => client.id !== '', WAIT)
    return this
  }

  disconnect(): void {
    this.client.disconnect()
    this.#outgoing?.destroy()
  }

  /** The lines that it was given, sorted, once there are so many; and a little later, as there may be more. */
  async given({ length }: readonly string[]): Promise<string[]> {
    await vi.waitUntil(() => this.client.raws.length >= length, WAIT)
    await sleep(150)
    return this.client.raws.toSorted()
  }

  states(): string[] {
    return this.client.others.map(({ event, data }) => `${event} ${data}`)
  }
}

async function serve(limits: Partial<LiveLimits> = {}): Promise<void> {
  stopping = new AbortController()
  const app = world.app({
    liveLimits: { ...LIVE_LIMITS, ...limits },
    stopping: stopping.signal,
  })
  server = await startServer(app, { port: 0, host: '127.0.0.1' })
}

async function stop(): Promise<void> {
  stopping.abort()
  await server[Symbol.asyncDispose]()
}

/** Appends lines and says how they read. */
async function say(count: number, parts: Partial<LineParts> = {}): Promise<string[]> {
  const lines = Array.from({ length: count }, () => {
    number += 1
    return { number, channelId: CHANNEL, sentAtMs: Date.now(), ...parts }
  })
  return (await world.append(lines)).map(({ raw }) => raw)
}

/** Moves everything to segments, and out of Redis. */
async function moveAll(): Promise<void> {
  for (let shard = 0; shard < world.hot.shards; shard += 1) {
    await world.seal(shard)
    await world.compact(shard)
    await world.trim(shard)
  }
}

const live = (query = '', channel = CHANNEL): Listener =>
  new Listener(`/channel/${channel}/live${query}`)

beforeEach(async () => {
  world = await World.open({ shards: 4 })
  const users = ['2', '5'].map((id) => ({ id, login: `user${id}`, seenAtMs: 1 }))
  await world.hot.names.learn(users)
  // A channel is known by its records.
  await say(3)
  await say(3, { channelId: OTHER_CHANNEL })
})
afterEach(async () => {
  await stop()
  await world[Symbol.asyncDispose]()
})

describe('a live tail', () => {
  it('gives what is appended from then on, once and in order, and tells proxies to let it through', async () => {
    await serve()
    const listener = await live().connect()
    expect(listener.response?.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': '*',
    })
    expect(listener.response?.headers).not.toHaveProperty('content-encoding')
    const raws = [...(await say(5)), ...(await say(1))]
    await say(2, { channelId: OTHER_CHANNEL })
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    expect(listener.client.raws.at(-1)).toBe(raws.at(-1))
    listener.disconnect()
    await expect.poll(metrics, WAIT).toMatch(/live_listeners 0\n/)
  })

  it('goes on with the last id over a seal, a compaction and a trim, in another process (Q1)', async () => {
    await serve()
    const listener = await live().connect()
    const raws = await say(4)
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    listener.disconnect()
    raws.push(...(await say(7)))
    await moveAll()
    raws.push(...(await say(3)))
    await world.seal(world.hot.shardOf(CHANNEL))
    raws.push(...(await say(3)))
    await stop()
    await serve()
    await listener.connect()
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    raws.push(...(await say(2)))
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    listener.disconnect()
  })

  it('takes the last id as a parameter, and refuses what is none', async () => {
    await serve()
    const first = await live().connect()
    const raws = await say(2)
    expect(await first.given(raws)).toEqual(raws.toSorted())
    first.disconnect()
    const rest = await say(3)
    const second = await live(`?lastEventId=${encodeURIComponent(first.client.id)}`).connect()
    expect(await second.given(rest)).toEqual(rest.toSorted())
    second.disconnect()
    const wrong = await fetch(`${server.url}/channel/${CHANNEL}/live?lastEventId=1-2`)
    expect(wrong.status).toBe(400)
    const header = { 'last-event-id': 'x' }
    const url = `${server.url}/channel/${CHANNEL}/live`
    expect((await fetch(url, { headers: header })).status).toBe(400)
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-type')).toContain('event')
    expect((await fetch(`${server.url}/channel/77/live`)).status).toBe(404)
  })

  it('joins history to what comes without hole or double (Q1)', async () => {
    await serve()
    const fromMs = Date.now()
    await say(2, { sentAtMs: fromMs - 1000 })
    const raws = await say(30, { sentAtMs: fromMs })
    await moveAll()
    raws.push(...(await say(30, { sentAtMs: fromMs + 1 })))
    const listener = live(`?from=${fromMs}`)
    const [connected, more] = await Promise.all([listener.connect(), say(20)])
    raws.push(...more)
    expect(await connected.given(raws)).toEqual(raws.toSorted())
    listener.disconnect()
  })

  it('gives the types and the user that were asked for', async () => {
    await serve()
    const quiet = await live('?type=NOTICE').connect()
    const ofUser = await live('?user=3').connect()
    await say(2)
    const notices = await say(1, { type: 'NOTICE' })
    const said = await say(2, { userId: '3' })
    expect(await quiet.given(notices)).toEqual(notices.toSorted())
    expect(await ofUser.given(said)).toEqual(said.toSorted())
    // The id has moved on with what was not shown.
    expect(await ofUser.given(said)).toEqual(said.toSorted())
    quiet.disconnect()
    ofUser.disconnect()
  })

  it('of a user is of all channels, also of those that the user comes to later (Q1)', async () => {
    await serve()
    await say(1, { userId: '5' })
    const listener = await new Listener('/user/5/live').connect()
    const raws = [
      ...(await say(2, { userId: '5' })),
      ...(await say(2, { userId: '5', channelId: OTHER_CHANNEL })),
    ]
    await say(2, { userId: '6', channelId: OTHER_CHANNEL })
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    raws.push(...(await say(1, { userId: '5', channelId: '12' })))
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    listener.disconnect()
    raws.push(...(await say(1, { userId: '5', channelId: '13' })))
    await moveAll()
    raws.push(...(await say(1, { userId: '5', channelId: '14' })))
    await listener.connect()
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    listener.disconnect()
  })

  it('of a user is answered once it is known where it begins, so that one who is cut off at once misses nothing (Q1)', async () => {
    await serve()
    await say(1, { userId: '5' })
    const look = world.hot.userChannels.bind(world.hot)
    const isDue = Promise.withResolvers<undefined>()
    vi.spyOn(world.hot, 'userChannels').mockImplementation(async (query) => {
      await isDue.promise
      return await look(query)
    })
    const listener = new Listener('/user/5/live')
    const connected = listener.connect()
    await expect.poll(metrics, WAIT).toMatch(/live_listeners 1\n/)
    const raws = await say(2, { userId: '5' })
    await sleep(100)
    expect(listener.response).toBeUndefined()
    await stop()
    isDue.resolve(undefined)
    await connected
    expect(listener.client.others.map(({ event }) => event)).toEqual(['cut'])
    await serve()
    await listener.connect()
    raws.push(...(await say(1, { userId: '5' })))
    // It may be given what was said in the seconds before.
    await expect.poll(() => listener.client.raws, WAIT).toEqual(expect.arrayContaining(raws))
    listener.disconnect()
  })

  it('shows nothing of who opts out or is erased meanwhile (P1)', async () => {
    await serve()
    const listener = await live().connect()
    const raws = [...(await say(1, { userId: '8' })), ...(await say(1, { userId: '9' }))]
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    await world.hot.optOuts.set({ kind: 'users', id: '8', isOut: true })
    await world.hot.erasures.request('9')
    await sleep(LIVE_LIMITS.hiddenMs * 2)
    await say(2, { userId: '8' })
    await say(1, { userId: '9', sentAtMs: Date.now() - 60_000 })
    raws.push(...(await say(1, { userId: '9', sentAtMs: Date.now() + 60_000 })))
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    listener.disconnect()
  })

  it('stays while Redis is away, says so, and goes on where it was (Q1)', async () => {
    await serve()
    const listener = await live().connect()
    const ofUser = await new Listener('/user/2/live').connect()
    const raws = await say(3)
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    await world.redis.stop()
    await expect.poll(() => listener.states(), WAIT).toEqual(['status {"state":"waiting"}'])
    const again = await startRedisServer({ dir: join(world.dir, 'redis') })
    try {
      await expect.poll(() => listener.states().at(-1), WAIT).toBe('status {"state":"live"}')
      await expect
        .poll(
          () =>
            world.hot.ping().then(
              () => true,
              () => false,
            ),
          WAIT,
        )
        .toBe(true)
      raws.push(...(await say(3)))
      expect(await listener.given(raws)).toEqual(raws.toSorted())
      expect(await ofUser.given(raws)).toEqual(raws.toSorted())
      expect(listener.states()).toHaveLength(2)
      listener.disconnect()
      ofUser.disconnect()
      await stop()
    } finally {
      await again.stop()
    }
  })

  it('ends with an error when its channel is damaged, and holds up no other (S1)', async () => {
    await serve()
    const listener = await live().connect()
    const ofUser = await new Listener('/user/2/live').connect()
    const shard = world.hot.shardOf(CHANNEL)
    const neighbour = channelOfShard(shard, world.hot.shards, 9)
    await say(1, { channelId: neighbour })
    const other = await live('', neighbour).connect()
    const stream = `{s${String(shard).padStart(2, '0')}}:hot:${CHANNEL}`
    await redisCall(world.redis.socketPath, 'XADD', stream, '*', 'x', 'not of us')
    await expect.poll(() => listener.states().at(-1), WAIT).toContain('cut')
    expect(listener.states().at(-1)).toContain('"failed"')
    await expect.poll(() => ofUser.states().at(-1), WAIT).toContain('"failed"')
    const raws = await say(3, { channelId: neighbour })
    expect(await other.given(raws)).toEqual(raws.toSorted())
    expect(other.states()).toEqual([])
    other.disconnect()
  })

  it('cuts one that takes nothing, with its reason, and holds up nobody (S1)', async () => {
    await serve({ pendingBytesMax: 100_000, slowMsMax: 500 })
    const listener = await live().connect()
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write(`GET /channel/${CHANNEL}/live HTTP/1.1\r\nhost: x\r\n\r\n`)
    let tail = ''
    await once(socket, 'readable')
    socket.pause()
    const raws: string[] = []
    // More than the system's buffers take.
    for (let round = 0; round < 60; round += 1) {
      raws.push(...(await say(200, { text: 'x'.repeat(450) })))
      if ((await metrics()).includes('live_cuts_total{reason="slow"} 1')) break
    }
    await expect.poll(metrics, WAIT).toContain('live_cuts_total{reason="slow"} 1')
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    socket.on('data', (bytes) => {
      tail = (tail + bytes.toString('latin1')).slice(-300)
    })
    socket.resume()
    await once(socket, 'close')
    expect(tail).toMatch(
      /\nid: ([\d.a-f]+)\nevent: cut\ndata: \{"reason":"slow","lastEventId":"\1"\}\n\n$/,
    )
    listener.disconnect()
  })

  it('is ended with a last word when the server stops, which then stops at once', async () => {
    await serve()
    const listener = await live().connect()
    const raws = await say(2)
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    const startedMs = performance.now()
    await stop()
    expect(performance.now() - startedMs).toBeLessThan(3000)
    await expect
      .poll(() => listener.states(), WAIT)
      .toEqual([`cut {"reason":"stopping","lastEventId":"${listener.client.id}"}`])
    raws.push(...(await say(2)))
    await serve()
    await listener.connect()
    expect(await listener.given(raws)).toEqual(raws.toSorted())
    listener.disconnect()
  })

  it('is refused where there are too many, of one address or in all', async () => {
    await serve({ listenersPerAddressMax: 2, listenersMax: 3 })
    const url = `${server.url}/channel/${CHANNEL}/live`
    const one = await live().connect()
    const two = await live().connect()
    const refused = await fetch(url)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    one.disconnect()
    await expect.poll(metrics, WAIT).toMatch(/live_listeners 1\n/)
    const three = await live().connect()
    two.disconnect()
    three.disconnect()
    await stop()
    await serve({ listenersMax: 0 })
    expect((await fetch(`${server.url}/channel/${CHANNEL}/live`)).status).toBe(503)
  })
})

async function metrics(): Promise<string> {
  return await (await fetch(`${server.url}/metrics`)).text()
}
