import { setTimeout as delay } from 'node:timers/promises'
import { openHotStore } from '@poglog/hot-store'
import type { AppendLine } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { Backfill } from '../src/backfill.ts'
import { recordFromLine } from '@poglog/log-format'
import { BASE_MS, RecentServer, saidLine } from './recent-service.ts'
import type { Respond } from './recent-service.ts'
import { World, range, until } from './world.ts'

const GAP = { login: 'alpha', fromMs: BASE_MS + 100, toMs: BASE_MS + 200 }

/** A backfill that asks a real server, with waits cut short. */
class Asking implements AsyncDisposable {
  readonly lines: AppendLine[] = []
  readonly told: string[] = []
  readonly #backfill: Backfill

  constructor(url: string, answerMsMax = 10_000) {
    this.#backfill = new Backfill({
      url,
      fetch,
      answerMsMax,
      delay: (delayMs, signal) => delay(Math.min(delayMs, 20), undefined, { signal }),
      nowMs: () => BASE_MS + 60_000,
      channelIdOf: () => '11',
      offer: (line) => this.lines.push(line),
      offerLater: (line) => this.lines.push(line),
      restored: (login, { fromMs, toMs }) =>
        this.told.push(`restored ${login} ${fromMs - BASE_MS}-${toMs - BASE_MS}`),
      events: {
        backfilled: (login, result) =>
          this.told.push(`backfilled ${login} ${result.lines} ${result.skipped}`),
        backfillFailed: (login, cause) => this.told.push(`failed ${login} ${cause}`),
      },
    })
  }

  /** Asks for the gap and waits until everything about it is told. */
  async fill(): Promise<readonly string[]> {
    this.told.length = 0
    this.#backfill.ask(GAP)
    await until('it ended', () => this.told.some((text) => !text.startsWith('restored')))
    return this.told
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#backfill[Symbol.asyncDispose]()
  }
}

const DONE = ['restored alpha 100-200', 'backfilled alpha 300 0']

/** Answers that are no answer; each is asked for again. */
const PASSING: Record<string, Respond> = {
  'is slow': () => undefined,
  'stops in the middle': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"messages":["')
  },
  fails: (_, response) => void response.writeHead(500).end('{"error":"x"}'),
  'resets the connection': ({ socket }) => void socket.destroy(),
  'cuts its answer off': (_, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"messages":[]', () => response.destroy())
  },
  'ends its answer early': (_, response) => void response.end('{"messages":["@id=1'),
  'answers with a page': (_, response) => void response.end('<html>busy</html>'),
  'answers with other JSON': (_, response) => void response.end('{"messages":[1]}'),
}

describe('a backfill from a service', () => {
  it.each(Object.keys(PASSING))('asks again when the service %s', async (name) => {
    await using server = await RecentServer.start()
    server.service.chat(0, 300)
    await using asking = new Asking(server.url, 300)
    server.respond = (request, response) => {
      const isFirst = server.requests.length === 1
      return (isFirst ? PASSING[name] : server.normally)?.(request, response)
    }
    expect(await asking.fill()).toEqual(DONE)
    expect(server.requests.length).toBe(2)
  })

  it('gives up a service that stays away, and offers nothing', async () => {
    await using server = await RecentServer.start()
    server.respond = (_, response) => void response.writeHead(503).end()
    await using asking = new Asking(server.url)
    expect(await asking.fill()).toEqual(['failed alpha unavailable'])
    expect({ asked: server.requests.length, lines: asking.lines }).toEqual({ asked: 4, lines: [] })
  })

  it('reads no more than 8 MiB of an answer without end (S1)', async () => {
    await using server = await RecentServer.start()
    let sentBytes = 0
    server.respond = async ({ socket }, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"messages":["')
      const part = Buffer.alloc(65_536, 'x')
      while (!socket.destroyed && sentBytes < 200 * 1024 * 1024) {
        sentBytes += part.length
        if (!response.write(part)) await delay(1)
      }
    }
    await using asking = new Asking(server.url)
    expect(await asking.fill()).toEqual(['failed alpha too-large'])
    await until('the connection is closed', () => server.requests[0]?.socket.destroyed === true)
    expect(sentBytes).toBeLessThan(100 * 1024 * 1024)
    expect(server.requests.length).toBe(1)
  })

  it('brings a replica what was sent before it ever joined, and writes that down (I1)', async () => {
    await using world = await World.create()
    await world.startRedis()
    await using server = await RecentServer.start()
    server.service.chat(0, 100)
    const sim = await world.startReplay([saidLine(50), saidLine(200)])
    await world.startIngest(sim, { BACKFILL_URL: server.url })
    const restored = async () =>
      (await world.stored(['PRESENCE'])).filter(({ raw }) => raw.endsWith(':restored'))
    await until('it is written down', async () => (await restored()).length > 0)
    expect((await restored())[0]?.raw).toContain(`@from=${BASE_MS};room-id=11;source=127.0.0.1:`)
    const said = await world.stored(['PRIVMSG'])
    expect(said.length).toBe(101)
    expect(said.filter(({ raw }) => !raw.includes('historical=1')).length).toBe(2)
  })

  it('stores what a service received once, whoever else stored it before or later (I2)', async () => {
    await using world = await World.create()
    await world.startRedis()
    await using server = await RecentServer.start()
    server.service.chat(0, 300)
    await using asking = new Asking(server.url)
    expect(await asking.fill()).toEqual(DONE)

    const store = await openHotStore({ url: world.redisUrl })
    const live = range(50, 60).map((number) => liveLine(saidLine(number)))
    try {
      await store.append(0, live)
      expect(await store.append(0, asking.lines)).toEqual({ appended: 290, duplicates: 10 })
      const twice = range(0, 300).map((number) => liveLine(saidLine(number)))
      expect(await store.append(0, twice)).toEqual({ appended: 0, duplicates: 300 })
    } finally {
      store.close()
    }
    const stored = await world.stored()
    expect(stored.length).toBe(300)
    // What was received live stays as Twitch sent it (Q2); the rest says who received it.
    const added = stored.filter(({ raw }) => raw.startsWith('@historical=1;rm-received-ts='))
    expect(added.length).toBe(290)
  })
})

function liveLine(raw: string): AppendLine {
  const record = recordFromLine(raw, { receivedAtMs: 1 })
  if (record === undefined) throw new Error(`no record: ${raw}`)
  const { channelId, key, sentAtMs, type, userId } = record
  return { channelId, key, raw, sentAtMs, type, userId }
}
