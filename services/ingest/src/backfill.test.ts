import { describe, expect, it } from 'vitest'
import { BASE_MS, RecentService } from '../test/recent-service.ts'
import { Backfill } from './backfill.ts'
import type { BackfillAsk } from './backfill.ts'
import type { RecentFetch } from './recent-messages.ts'

const at = (number: number): number => BASE_MS + number
const GAP: BackfillAsk = { login: 'alpha', fromMs: at(100), toMs: at(200) }

/** A service behind a fetch of our own, and everything the backfill told. */
class FakeWorld {
  readonly service = new RecentService()
  readonly keys: string[] = []
  readonly told: string[] = []
  readonly waitsMs: number[] = []
  readonly asked: string[] = []
  running = 0
  runningMax = 0
  nowMs = at(10_000)
  /** Answers to come before the service answers as usual. */
  readonly next: Response[] = []
  hold: Promise<void> = Promise.resolve()
  knows = true

  readonly fetch: RecentFetch = async (url, { signal }) => {
    this.asked.push(url)
    this.running += 1
    this.runningMax = Math.max(this.runningMax, this.running)
    await Promise.race([this.hold, aborted(signal)])
    this.running -= 1
    signal.throwIfAborted()
    return this.next.shift() ?? Response.json(this.service.answer(new URL(url)))
  }

  start(url = 'https://rm.example/'): Backfill {
    return new Backfill({
      url,
      fetch: this.fetch,
      delay: (delayMs, signal) => {
        this.waitsMs.push(delayMs)
        return Promise.race([Promise.resolve(), aborted(signal)])
      },
      random: () => 0,
      nowMs: () => this.nowMs,
      channelIdOf: () => (this.knows ? '11' : undefined),
      offer: ({ key }) => this.keys.push(key),
      offerLater: ({ key }, login) => this.keys.push(`${login} ${key}`),
      restored: (login, { fromMs, toMs }, source) =>
        this.told.push(
          `restored ${login} ${fromMs - BASE_MS}-${toMs - BASE_MS} by ${source} after ${this.keys.length}`,
        ),
      events: {
        backfilled: (login, { lines, skipped }) =>
          this.told.push(`backfilled ${login} ${lines} ${skipped}`),
        backfillFailed: (login, cause, problem) =>
          this.told.push(`failed ${login} ${cause} ${problem}`),
      },
    })
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true })
    })
  }
  throw new Error('called off')
}

/** Lets everything that waits for nothing but promises go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

const busy = (seconds: string): Response =>
  new Response('', { status: 429, headers: { 'retry-after': seconds } })

describe('Backfill', () => {
  it('offers the lines of a gap, and says so behind them', async () => {
    const world = new FakeWorld()
    world.service.chat(0, 300)
    await using backfill = world.start()
    backfill.ask(GAP)
    await settle()
    expect(world.keys.length).toBe(300)
    expect(world.told).toEqual([
      'restored alpha 100-200 by rm.example after 300',
      'backfilled alpha 300 0',
    ])
    expect(world.asked[0]).toBe(
      `https://rm.example/api/v2/recent-messages/alpha?limit=800&after=${at(100) - 60_000}&before=${at(200) + 60_000}`,
    )
  })

  it('takes the address of the service, of its API or of the route', async () => {
    for (const end of ['', '/', '/api/v2', '/api/v2/recent-messages']) {
      const world = new FakeWorld()
      await using backfill = world.start(`https://rm.example/x${end}`)
      backfill.ask(GAP)
      await settle()
      expect(world.asked[0]).toMatch('https://rm.example/x/api/v2/recent-messages/alpha?')
    }
  })

  it('gives the service time to store what it received', async () => {
    const world = new FakeWorld()
    world.nowMs = GAP.toMs + 1000
    await using backfill = world.start()
    backfill.ask(GAP)
    await settle()
    expect(world.waitsMs).toEqual([4000])
  })

  it('asks for two channels at a time, and for a channel that was lost twice once', async () => {
    const world = new FakeWorld()
    const { promise, resolve } = Promise.withResolvers<void>()
    world.hold = promise
    await using backfill = world.start()
    for (const login of ['a', 'b', 'c', 'd']) backfill.ask({ ...GAP, login })
    backfill.ask({ login: 'd', fromMs: at(300), toMs: at(400) })
    await settle()
    expect(world.asked.length).toBe(2)
    resolve()
    await settle()
    expect(world.runningMax).toBe(2)
    const paths = world.asked
      .map((url) => new URL(url))
      .filter(({ searchParams }) => searchParams.has('after'))
    expect(paths.map(({ pathname }) => pathname.at(-1))).toEqual(['a', 'b', 'c', 'd'])
    expect(paths[3]?.search).toContain(`after=${at(100) - 60_000}&before=${at(400) + 60_000}`)
  })

  it('holds a bounded number of gaps, and tells of each that it does not take', async () => {
    const world = new FakeWorld()
    world.hold = new Promise(() => undefined)
    await using backfill = world.start()
    for (let number = 0; number < 10_003; number += 1) {
      backfill.ask({ ...GAP, login: `channel_${number}` })
    }
    expect(world.told.length).toBe(1)
    expect(world.told[0]).toContain('failed channel_10002 queue-full')
  })

  it('asks again three times, later each time, and then gives the gap up', async () => {
    const world = new FakeWorld()
    world.next.push(...[500, 503, 408, 502, 500].map((status) => new Response('', { status })))
    await using backfill = world.start()
    backfill.ask(GAP)
    await settle()
    expect(world.told).toEqual(['failed alpha unavailable status 502'])
    expect(world.waitsMs).toEqual([500, 1000, 2000])
  })

  it('waits as long as it is asked to, but not for ever', async () => {
    const world = new FakeWorld()
    world.next.push(busy('7'), busy('Fri, 21 Nov 2026 13:00:00 GMT'), busy('86400'))
    await using backfill = world.start()
    backfill.ask(GAP)
    await settle()
    expect(world.waitsMs).toEqual([7000, 1000])
    expect(world.told).toEqual(['failed alpha unavailable status 429'])
  })

  it.each([403, 404, 400])('does not ask again for what it is refused (%i)', async (status) => {
    const world = new FakeWorld()
    world.next.push(new Response('', { status }))
    await using backfill = world.start()
    backfill.ask(GAP)
    await settle()
    expect(world.told).toEqual([`failed alpha refused status ${status}`])
  })

  it('asks nothing of a channel whose id is not known', async () => {
    const world = new FakeWorld()
    world.knows = false
    await using backfill = world.start()
    backfill.ask(GAP)
    await settle()
    expect(world.asked).toEqual([])
    expect(world.told[0]).toContain('failed alpha channel-unknown')
  })

  it('says which user a CLEARMSG names, so that the id can be found', async () => {
    const world = new FakeWorld()
    const raw = `@login=bob;room-id=;target-msg-id=x;tmi-sent-ts=${at(150)} :tmi.twitch.tv CLEARMSG #alpha :x`
    world.service.receive(at(150), raw)
    await using backfill = world.start()
    backfill.ask(GAP)
    await settle()
    expect(world.keys[0]).toMatch(/^bob [0-9a-f]{32}$/)
  })

  it('calls everything off when it is stopped, and takes nothing more', async () => {
    const world = new FakeWorld()
    world.hold = new Promise(() => undefined)
    const backfill = world.start()
    for (const login of ['a', 'b', 'c']) backfill.ask({ ...GAP, login })
    await settle()
    await backfill[Symbol.asyncDispose]()
    backfill.ask({ ...GAP, login: 'd' })
    await settle()
    const failed = world.told.map((text) => text.split(' ').slice(0, 3).join(' ')).toSorted()
    expect(failed).toEqual(['failed a stopped', 'failed b stopped', 'failed c stopped'])
    expect(world.asked.length).toBe(2)
  })
})
