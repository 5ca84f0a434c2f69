import { createLogger } from '@poglog/service-kit'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type { QueryEnv } from '../app-types.ts'
import { createEvents } from '../events.ts'
import { COSTLY_HITS, RATE_WINDOW_MS } from '../limits.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { clientAddress } from './client-address.ts'
import { rateLimit } from './rate-limit.ts'

/** Routes behind the limit, asked by addresses; `added` are the calls of the counts. */
function limited(perMinute: number) {
  const hot = new FakeHot()
  const events = createEvents(createLogger({ name: 'test', level: 'silent' }))
  const added: string[] = []
  const state = { isAway: false }
  const hits = {
    add: async (hit: Parameters<FakeHot['clientHits']['add']>[0]) => {
      added.push(hit.client)
      if (state.isAway) throw new Error('Redis is away')
      return await hot.clientHits.add(hit)
    },
  }
  const app = new Hono<QueryEnv>().use(clientAddress(1))
  for (const limit of rateLimit({ hits, events, perMinute })) app.use(limit)
  app
    .get('/channel/:channel/logs', (c) => c.text('lines'))
    .get('/channel/:channel/stats', (c) => c.text('numbers'))
    .get('/channel/:channel/activity', (c) => c.text('numbers'))
    .get('/channelid/:id', (c) => c.text('lines'))
    .get('/list', (c) => c.text('days'))
    .get('/namehistory/:user', (c) => c.text('names'))
    .get('/healthz', (c) => c.text('ok'))
    .get('/readyz', (c) => c.text('ok'))
    .get('/metrics', (c) => c.text('numbers'))
  const ask = async (path: string, address = '192.0.2.1'): Promise<Response> =>
    await app.request(path, { headers: { 'x-forwarded-for': address } })
  return { ask, added, state, metrics: async () => await events.registry.metrics() }
}

const LOGS = '/channel/10/logs'

describe('a client that asks too often', () => {
  it('gets a 429 that says when to come again, and nobody else does', async () => {
    const { ask, metrics } = limited(2)
    const [first, second, third] = [await ask(LOGS), await ask(LOGS), await ask(LOGS)]
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429])
    expect(first.headers.get('ratelimit')).toBe(
      `limit=2, remaining=1, reset=${RATE_WINDOW_MS / 1000}`,
    )
    expect(first.headers.get('ratelimit-policy')).toBe('2;w=60')
    expect(third.headers.get('retry-after')).toMatch(/^(?:59|60)$/)
    expect(third.headers.get('content-type')).toBe('application/problem+json')
    expect(await third.json()).toMatchObject({ status: 429, instance: LOGS })
    expect((await ask(LOGS, '192.0.2.2')).status).toBe(200)
    expect(await metrics()).toContain('clients_refused_total{reason="rate"} 1')
  })

  it('is told so in JSON of their own form on the routes of recent-messages (2.1)', async () => {
    const { ask } = limited(1)
    await ask(LOGS)
    for (const path of ['/api/v2/recent-messages/a', '/recent-messages/a', '/rm/a']) {
      const response = await ask(path)
      expect([response.status, response.headers.get('content-type')]).toEqual([
        429,
        'application/json',
      ])
      expect(response.headers.get('retry-after')).toMatch(/^(?:59|60)$/)
      expect(await response.json()).toMatchObject({
        status: 429,
        status_message: 'Too Many Requests',
        error_code: 'too_many_requests',
      })
    }
  })

  it('is told so in plain text on the routes of other log servers', async () => {
    const { ask } = limited(1)
    await ask(LOGS)
    const response = await ask('/channelid/10')
    expect([response.status, response.headers.get('content-type')]).toEqual([
      429,
      'text/plain; charset=utf-8',
    ])
    expect(await response.text()).toMatch(/^more than 1 requests a minute/)
  })

  it('is one client with all addresses of an IPv6 network', async () => {
    const { ask } = limited(1)
    expect((await ask(LOGS, '2001:db8:1:2::1')).status).toBe(200)
    expect((await ask(LOGS, '2001:db8:1:2::ffff')).status).toBe(429)
    expect((await ask(LOGS, '2001:db8:1:3::1')).status).toBe(200)
  })

  it('is not counted any further, so that a flood costs no calls', async () => {
    const { ask, added } = limited(1)
    for (let request = 0; request < 20; request += 1) await ask(LOGS)
    expect(added).toHaveLength(2)
  })

  it('gets the probes and the metrics all the same', async () => {
    const { ask, added } = limited(1)
    for (const path of ['/healthz', '/readyz', '/metrics', '/healthz?x']) {
      for (let request = 0; request < 3; request += 1) {
        expect([path, (await ask(path)).status]).toEqual([path, 200])
      }
    }
    expect(added).toEqual([])
  })
})

describe('a route that reads much', () => {
  it.each([
    '/channel/10/stats',
    '/channel/10/activity',
    `${LOGS}?q=Pog`,
    '/list?channelid=10',
    '/namehistory/2',
  ])('counts for more: %s', async (path) => {
    const { ask } = limited(COSTLY_HITS + 1)
    const response = await ask(path)
    expect(response.headers.get('ratelimit')).toContain('remaining=1,')
    expect((await ask(LOGS)).status).toBe(200)
    expect((await ask(path)).status).toBe(429)
  })
})

describe('without the counts', () => {
  it('everybody is let in, and an event says so', async () => {
    const { ask, state, metrics } = limited(1)
    state.isAway = true
    for (let request = 0; request < 3; request += 1) expect((await ask(LOGS)).status).toBe(200)
    expect(await metrics()).toContain('rate_not_counted_total 3')
    state.isAway = false
    expect((await ask(LOGS)).status).toBe(200)
    expect((await ask(LOGS)).status).toBe(429)
  })

  it('nobody is refused where the limit is 0', async () => {
    const { ask, added } = limited(0)
    for (let request = 0; request < 5; request += 1) expect((await ask(LOGS)).status).toBe(200)
    expect(added).toEqual([])
  })
})
