import { createLogger } from '@poglog/service-kit'
import { beforeEach, describe, expect, it } from 'vitest'
import type { QueryApp } from '../app-types.ts'
import { createEvents } from '../events.ts'
import type { Events } from '../events.ts'
import { fakeApp } from '../testing/fake-app.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'

const KEY = 'a-key-that-nobody-guesses'
const HEADERS = { 'X-API-Key': KEY }
const JSON_HEADERS = { ...HEADERS, 'content-type': 'application/json' }

let hot: FakeHot
let events: Events

beforeEach(() => {
  hot = new FakeHot()
  hot.logins.set('10', 'chan10')
  hot.logins.set('2', 'user2')
  hot.registered.add('chan10')
  hot.append([
    recordOf({ number: 1, userId: '2', sentAtMs: hot.nowMs - 5 }),
    recordOf({ number: 2, userId: '3', sentAtMs: hot.nowMs - 4 }),
  ])
  events = createEvents(createLogger({ name: 'test', level: 'silent' }))
})

function app(adminApiKey?: string): QueryApp {
  return fakeApp({
    hot,
    events,
    ...(adminApiKey === undefined ? {} : { adminKeys: () => [{ name: 'ann', key: adminApiKey }] }),
  })
}

const body = (value: unknown) => ({ method: 'PUT', body: JSON.stringify(value) })

describe('the admin routes', () => {
  it.each([
    ['no key', undefined],
    ['a wrong key', 'a-key-that-nobody-guesseS'],
    ['a longer key', `${KEY}x`],
    ['an empty key', ''],
  ])('are closed with %s, and say nothing of what is behind (P1)', async (_, key) => {
    const requests = [
      ['/admin/users/2/data', 'DELETE'],
      ['/admin/users/2/data', 'GET'],
      ['/admin/users/nobody/data', 'DELETE'],
      ['/admin/channels/10/retention', 'PUT'],
      ['/admin/retention', 'GET'],
      ['/admin/retention', 'HEAD'],
      ['/admin//retention/', 'GET'],
      ['/admin/nothing', 'GET'],
    ] as const
    for (const [path, method] of requests) {
      const headers = key === undefined ? {} : { 'x-api-key': key }
      const response = await app(KEY).request(path, { method, headers })
      expect([path, response.status]).toEqual([path, 403])
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    }
    expect(hot.erased.size).toBe(0)
    expect(await events.registry.metrics()).toContain('admin_refused_total 8')
  })

  it('are closed where there is no key, whatever is sent', async () => {
    for (const key of ['', 'undefined', KEY]) {
      const headers = { 'x-api-key': key }
      const response = await app().request('/admin/retention', { headers })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({
        status: 403,
        title: 'Forbidden',
        detail: 'admin routes are closed: the service has no ADMIN_API_KEY',
      })
    }
  })

  it('are never kept by a cache', async () => {
    const response = await app(KEY).request('/admin/retention', { headers: HEADERS })
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  })
})

describe('a request to erase a user', () => {
  it('hides at once and tells where to look (P1)', async () => {
    const api = app(KEY)
    const before = await api.request('/channel/10/logs')
    expect(await before.json()).toMatchObject({ messages: { length: 2 } })
    const request = { method: 'DELETE', headers: HEADERS }
    const response = await api.request('/admin/users/user2/data', request)
    expect(response.status).toBe(202)
    expect(response.headers.get('location')).toBe('/admin/users/2/data')
    const at = new Date(hot.nowMs).toISOString().replace('.000Z', 'Z')
    const state = {
      userId: '2',
      state: 'pending',
      requestedAt: at,
      before: at,
      report: null,
      status: '/admin/users/2/data',
    }
    expect(await response.json()).toEqual(state)
    const found = await api.request('/admin/users/2/data', { headers: HEADERS })
    expect([found.status, await found.json()]).toEqual([200, state])
    const after = await api.request('/channel/10/logs')
    expect(await after.json()).toMatchObject({ messages: { length: 1, 0: { userId: '3' } } })
    expect(await events.registry.metrics()).toContain('admin_actions_total{action="erase-user"} 1')
  })

  it('that nobody made is a 404, and so is a login that nobody was seen with', async () => {
    for (const path of ['/admin/users/2/data', '/admin/users/nobody/data']) {
      const response = await app(KEY).request(path, { headers: HEADERS })
      expect(response.status).toBe(404)
    }
    const wrong = await app(KEY).request('/admin/users/a-b/data', { headers: HEADERS })
    expect(wrong.status).toBe(400)
  })
})

describe("a channel's retention", () => {
  it('is set, shown and ended', async () => {
    const api = app(KEY)
    const path = '/admin/channels/chan10/retention'
    const set = await api.request(path, { ...body({ days: 30 }), headers: JSON_HEADERS })
    expect([set.status, await set.json()]).toEqual([200, { channelId: '10', days: 30 }])
    const shown = await api.request('/admin/retention', { headers: HEADERS })
    expect(await shown.json()).toEqual({
      channels: [{ channelId: '10', login: 'chan10', days: 30 }],
    })
    const ended = await api.request(path, { method: 'DELETE', headers: HEADERS })
    expect([ended.status, await ended.json()]).toEqual([200, { channelId: '10', days: null }])
    const empty = await api.request('/admin/retention', { headers: HEADERS })
    expect(await empty.json()).toEqual({ channels: [] })
  })

  it.each([
    [{ days: 0 }],
    [{ days: 1.5 }],
    [{ days: '30' }],
    [{ days: 36_501 }],
    [{ days: 30, hours: 2 }],
    [{}],
    [null],
    [[30]],
  ])('is not set by %j', async (value) => {
    const path = '/admin/channels/10/retention'
    const response = await app(KEY).request(path, { ...body(value), headers: JSON_HEADERS })
    expect(response.status).toBe(400)
    expect(hot.retentionDays.size).toBe(0)
  })

  it('is not set by what is no JSON, is too long, or is not said to be JSON', async () => {
    const path = '/admin/channels/10/retention'
    const ask = async (text: string, headers: Record<string, string>): Promise<number> =>
      (await app(KEY).request(path, { method: 'PUT', body: text, headers })).status
    expect(await ask('{', JSON_HEADERS)).toBe(400)
    expect(await ask('', JSON_HEADERS)).toBe(400)
    expect(await ask(`{"days": 30${' '.repeat(70_000)}}`, JSON_HEADERS)).toBe(413)
    expect(await ask('{"days": 30}', { ...HEADERS, 'content-type': 'text/plain' })).toBe(415)
    expect(hot.retentionDays.size).toBe(0)
  })
})
