import { createHash } from 'node:crypto'
import type { ObjectStore } from '@poglog/object-store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import type { QueryApp } from '../src/app-types.ts'
import { World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Lines of three days ago. */
const START_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS
const DAY = `from=${START_MS}&to=${START_MS + DAY_MS}`
const PATHS = [
  `/channel/10/logs?${DAY}`,
  `/channel/10/logs?${DAY}&format=raw&order=asc`,
  `/channel/10/logs?${DAY}&format=text&q=pog&limit=3`,
  `/channel/10/logs?${DAY}&user=2&format=ndjson`,
  `/user/2/logs?${DAY}&format=raw`,
  `/user/2/logs?${DAY}&channel=10`,
  `/channel/10/words?word=Pog&${DAY}`,
  `/channel/10/words?word=Pog&${DAY}&user=2&by=hour`,
  `/channel/10/words/top?${DAY}`,
  `/channel/10/activity?${DAY}`,
  `/channel/10/activity?${DAY}&user=2&by=hour`,
  `/user/2/activity?${DAY}`,
  `/user/2/activity?${DAY}&channel=10`,
]

let world: World
let next = 0

beforeEach(async () => {
  world = await World.open({ shards: 2 })
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
})

/** Appends lines of both users and channels, sent at or after a time. */
async function say(fromMs: number, count = 4): Promise<void> {
  const lines = Array.from({ length: count }, (_, at) => {
    next += 1
    const userId = String(2 + (next % 2))
    const sentAtMs = fromMs + at * 60_000
    return {
      number: next,
      channelId: next % 4 === 0 ? '11' : '10',
      userId,
      sentAtMs,
      text: 'Pog x',
    }
  })
  await world.append(lines)
}

async function sealed(): Promise<void> {
  await say(START_MS + HOUR_MS, 12)
  await world.sealAll()
}

function watched(reads: string[]): ObjectStore {
  return new Proxy(world.cold, {
    get(target, name) {
      if (name !== 'get' && name !== 'size') return Reflect.get(target, name) as unknown
      return (key: string, options?: { signal?: AbortSignal }) => {
        reads.push(key)
        return name === 'get' ? target.get(key, options) : target.size(key)
      }
    },
  })
}

async function tagOf(app: QueryApp, path: string): Promise<string | null> {
  const response = await app.request(path)
  expect([path, response.status]).toEqual([path, 200])
  await response.text()
  return response.headers.get('etag')
}

describe('a closed range', () => {
  it('has a strong tag, the same in every process, and may be kept', async () => {
    await sealed()
    const [one, other] = [world.app(), world.app()]
    const tags = new Set<string | null>()
    for (const path of PATHS) {
      const response = await one.request(path)
      expect([path, response.status]).toEqual([path, 200])
      expect(await response.text()).not.toBe('')
      expect(response.headers.get('cache-control')).toBe(
        'public, max-age=3600, s-maxage=300, must-revalidate',
      )
      const tag = response.headers.get('etag')
      expect(tag).toMatch(/^"[\w-]{22}"$/)
      expect(await tagOf(other, path)).toBe(tag)
      tags.add(tag)
    }
    expect(tags.size).toBe(PATHS.length)
  })

  it('is a 304 for who has it, without a read of the object store', async () => {
    await sealed()
    const reads: string[] = []
    const app = world.app({ cold: watched(reads) })
    for (const path of PATHS) {
      const plain = await tagOf(app, path)
      const headers = { 'accept-encoding': 'zstd' }
      const response = await app.request(path, { headers })
      await response.arrayBuffer()
      const encoded = response.headers.get('etag')
      reads.length = 0
      for (const given of [`${plain}`, `W/${plain}`, `"x", ${plain}`, `${encoded}`, '*']) {
        for (const method of ['GET', 'HEAD']) {
          const again = await app.request(path, { method, headers: { 'if-none-match': given } })
          expect([path, given, again.status, await again.text()]).toEqual([path, given, 304, ''])
          expect(given === '*' || given.includes(`${again.headers.get('etag')}`)).toBe(true)
          expect(again.headers.get('cache-control')).toContain('must-revalidate')
          expect(again.headers.get('vary')).toContain('Accept-Encoding')
        }
      }
      expect(reads).toEqual([])
      const stale = await app.request(path, { headers: { 'if-none-match': '"stale"' } })
      expect(stale.status).toBe(200)
      await stale.text()
    }
    const metrics = await (await app.request('/metrics')).text()
    expect(metrics).toMatch(/poglog_query_answers_running 0\n/)
  })

  it('is another one to who asks for something else', async () => {
    await sealed()
    const app = world.app()
    const tag = await tagOf(app, `/channel/10/logs?${DAY}`)
    for (const other of ['&limit=5', '&order=asc', '&type=PRIVMSG', '&q=x', '&format=ndjson']) {
      expect(await tagOf(app, `/channel/10/logs?${DAY}${other}`)).not.toBe(tag)
    }
    expect(await tagOf(app, `/channel/11/logs?${DAY}`)).not.toBe(tag)
    // The same question in other words.
    expect(await tagOf(app, `/channel/id:10/logs?${DAY}&format=json`)).toBe(tag)
  })

  it('is kept no longer than a retention leaves it whole', async () => {
    await sealed()
    const app = world.app()
    await world.hot.registry.add(['chan10'])
    await world.hot.names.learn([{ id: '10', login: 'chan10', seenAtMs: START_MS }])
    await world.hot.retention.set('10', 4)
    const path = `/channel/10/logs?from=${Date.now() - 4 * DAY_MS + 60_000}&to=${START_MS + DAY_MS}`
    const seconds = /max-age=(\d+), s-maxage=(\d+)/.exec(
      (await app.request(path)).headers.get('cache-control') ?? '',
    )
    expect(Number(seconds?.[1])).toBeLessThanOrEqual(60)
    expect(Number(seconds?.[2])).toBeLessThanOrEqual(60)
    await world.hot.retention.set('10', 1)
    expect((await app.request(path)).headers.get('cache-control')).toBe('no-cache')
  })
})

describe('an open range', () => {
  it.each([
    ['that has no end', ''],
    ['that is not sealed to its end', `to=${Date.now() + DAY_MS}`],
  ])('%s is asked for again each time', async (_, range) => {
    await sealed()
    const app = world.app()
    const logs = await app.request(`/channel/10/logs?${range}`)
    expect(logs.headers.get('cache-control')).toBe('no-cache')
    const headers = { 'if-none-match': logs.headers.get('etag') ?? '' }
    expect((await app.request(`/channel/10/logs?${range}`, { headers })).status).toBe(304)
    const stream = await app.request(`/channel/10/logs?${range}&format=raw`)
    expect([stream.headers.get('cache-control'), stream.headers.get('etag')]).toEqual([
      'no-cache',
      null,
    ])
    const stats = await app.request(`/channel/10/stats?${range}`)
    expect(stats.headers.get('cache-control')).toBe('no-cache')
    expect(stats.headers.get('etag')).toMatch(/^"/)
  })

  it('becomes one with a line that comes late, and is closed again when that is sealed', async () => {
    await sealed()
    const app = world.app()
    const tags = await Promise.all(PATHS.map(async (path) => await tagOf(app, path)))
    await say(START_MS + 2 * HOUR_MS, 4)
    for (const path of PATHS) {
      expect((await app.request(path)).headers.get('cache-control')).toBe('no-cache')
    }
    await world.sealAll()
    for (const [at, path] of PATHS.entries()) {
      const response = await app.request(path)
      expect(response.headers.get('cache-control')).toContain('max-age=3600')
      expect(response.headers.get('etag')).not.toBe(tags[at])
    }
  })

  it('ends at the cursor: old pages are closed', async () => {
    await sealed()
    await say(Date.now(), 4)
    const app = world.app()
    let response = await app.request('/channel/10/logs?limit=4')
    const seen = [response.headers.get('cache-control')?.split(',')[0]]
    for (
      let link = response.headers.get('link');
      link !== null;
      link = response.headers.get('link')
    ) {
      response = await app.request(/<(.*)>/.exec(link)?.[1] ?? '')
      seen.push(response.headers.get('cache-control')?.split(',')[0])
    }
    expect(seen).toEqual(['no-cache', 'public', 'public'])
  })
})

describe('a tag', () => {
  it('stands for the same bytes for ever, whatever is sealed, folded, erased or hidden (Q1) (P1)', async () => {
    const actions: Record<string, () => Promise<unknown>> = {
      live: async () => await say(Date.now()),
      late: async () => await say(START_MS + 3 * HOUR_MS, 2),
      seal: async () => await world.sealAll(),
      trim: async () => await Promise.all([world.trim(0), world.trim(1)]),
      compact: async () => [await world.compact(0), await world.compact(1)],
      fold: async () => await world.fold(),
      erase: async () => await world.hot.erasures.request('3'),
      optOut: async () => await world.hot.optOuts.set({ kind: 'users', id: '3', isOut: true }),
      optIn: async () => await world.hot.optOuts.set({ kind: 'users', id: '3', isOut: false }),
      hide: async () => await world.hot.optOuts.set({ kind: 'channels', id: '11', isOut: true }),
      show: async () => await world.hot.optOuts.set({ kind: 'channels', id: '11', isOut: false }),
      retain: async () => await world.hot.retention.set('10', 2),
      keep: async () => await world.hot.retention.set('10', undefined),
    }
    await sealed()
    const bodies = new Map<string, string>()
    let compared = 0
    const look = async (done: readonly string[]): Promise<void> => {
      // Each asks a process that has seen nothing yet.
      const app = world.app()
      for (const path of PATHS) {
        const response = await app.request(path)
        const body = createHash('sha256')
          .update(await response.text())
          .digest('hex')
        const tag = response.headers.get('etag')
        if (response.status !== 200 || tag === null) continue
        if (bodies.has(tag)) compared += 1
        expect([done, path, bodies.get(tag) ?? body]).toEqual([done, path, body])
        bodies.set(tag, body)
      }
    }
    await look([])
    const names = Object.keys(actions)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...names), { minLength: 5, maxLength: 8 }),
        async (chosen) => {
          for (const [at, name] of chosen.entries()) {
            await actions[name]?.()
            await look(chosen.slice(0, at + 1))
          }
        },
      ),
      { numRuns: 6, endOnFailure: true },
    )
    expect(compared).toBeGreaterThan(20)
  })
})
