import { setTimeout as sleep } from 'node:timers/promises'
import { HotStoreError } from '@poglog/hot-store'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AppDeps } from './app.ts'
import { Gate } from './gate.ts'
import { READ_LIMITS } from './limits.ts'
import { encodeCursor } from './query/cursor.ts'
import { fakeApp } from './testing/fake-app.ts'
import { FakeHot } from './testing/fake-hot.ts'
import { lineOf, recordOf, uuidOf } from './testing/lines.ts'
import { z } from 'zod'

const START_MS = 1_700_000_000_000
const RECORDS = 120
const pageSchema = z.object({ messages: z.array(z.unknown()) })

let hot: FakeHot

beforeEach(() => {
  hot = new FakeHot()
  hot.logins.set('10', 'chan10')
  hot.logins.set('2', 'user2')
  hot.registered.add('chan10')
  hot.append(
    Array.from({ length: RECORDS }, (_, number) =>
      recordOf({ number, sentAtMs: START_MS + number }),
    ),
  )
})

function app(changes: Partial<AppDeps> = {}) {
  return fakeApp({
    hot,
    ...changes,
  })
}

async function problem(path: string): Promise<unknown> {
  const response = await app().request(path)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body: unknown = await response.json()
  expect(body).toMatchObject({ status: response.status, type: 'about:blank' })
  return body
}

describe('a JSON page', () => {
  it('has the newest hundred first, and a cursor to the rest', async () => {
    const response = await app().request('/channel/chan10/logs')
    expect(response.headers.get('content-type')).toBe('application/json')
    const place = { sentAtMs: START_MS + 20, key: uuidOf(20).replaceAll('-', '') }
    expect(await response.json()).toMatchObject({
      messages: { length: 100, 0: { id: uuidOf(119) }, 99: { id: uuidOf(20) } },
      nextCursor: encodeCursor(place, 'desc'),
    })
  })

  it('is of what holds a text in any case, also of a final sigma', async () => {
    hot.append([
      recordOf({ number: 900, sentAtMs: START_MS + 900, text: 'ο λόγος' }),
      recordOf({ number: 901, sentAtMs: START_MS + 901, text: 'ΛΌΓΟΣΑ' }),
    ])
    for (const q of ['ΛΌΓΟΣ', 'λόγος', 'λόγοσ']) {
      const response = await app().request(`/channel/10/logs?q=${encodeURIComponent(q)}`)
      expect(await response.json()).toMatchObject({ messages: { length: 2 } })
    }
  })

  it('ends with null after the last record, also when the page is just full', async () => {
    for (const limit of [RECORDS, RECORDS + 1]) {
      const response = await app().request(`/channel/10/logs?limit=${limit}&order=asc`)
      expect(await response.json()).toMatchObject({
        messages: { length: RECORDS },
        nextCursor: null,
      })
    }
  })

  it('is empty for a known channel without records in the range', async () => {
    const response = await app().request('/channel/10/logs?from=2020-01-01T00:00:00Z&to=1600000000')
    expect(await response.json()).toEqual({ messages: [], nextCursor: null, previousCursor: null })
  })
})

describe('the format', () => {
  it.each([
    ['?format=text', '*/*', 'text/plain; charset=utf-8'],
    ['?format=raw', 'application/json', 'text/plain; charset=utf-8'],
    ['', 'text/plain', 'text/plain; charset=utf-8'],
    ['', 'application/x-ndjson;q=0.9, application/json;q=0.5', 'application/x-ndjson'],
    ['', 'text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['', 'image/png', 'application/json'],
  ])('of %s with Accept %s is %s', async (query, accept, type) => {
    const response = await app().request(`/channel/10/logs${query}`, { headers: { accept } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
  })

  it('raw streams every line byte for byte (Q2)', async () => {
    const response = await app().request('/channel/10/logs?format=raw&order=asc')
    const lines = Array.from({ length: RECORDS }, (_, number) =>
      lineOf({ number, sentAtMs: START_MS + number }),
    )
    expect(await response.text()).toBe(`${lines.join('\n')}\n`)
  })
})

describe('a wrong request', () => {
  const other = encodeCursor({ sentAtMs: 5, key: 'a'.repeat(32) }, 'asc')

  it.each([
    ['from=yesterday', 'from'],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['from=5&to=5', 'from'],
    ['to=1&to=2', 'to'],
    ['to=', 'to'],
    ['order=up', 'order'],
    ['order=asc&order=asc', 'order'],
    ['limit=0', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e3', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=abc&format=text', 'limit'],
    ['cursor=abc', 'cursor'],
    [`cursor=${other}`, 'cursor'],
    ['type=PRIVMSG,JOIN', 'type'],
    ['type=', 'type'],
    ['q=', 'q'],
    [`q=${'x'.repeat(501)}`, 'q'],
    ['format=xml', 'format'],
    ['user=a%20b', 'user'],
    ['offset=5', 'offset'],
    ['channel=10', 'channel'],
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
  ])('with %s is a 400 that names %s', async (query, parameter) => {
    const body = await problem(`/channel/10/logs?${query}`)
    expect(body).toMatchObject({
      status: 400,
      errors: [{ parameter }],
      instance: '/channel/10/logs',
    })
  })

  it('names everything that is wrong at once', async () => {
    const body = await problem('/channel/10/logs?from=x&limit=0&bogus=1')
    expect(body).toMatchObject({
      errors: [{ parameter: 'from' }, { parameter: 'limit' }, { parameter: 'bogus' }],
    })
  })

  it.each([
    '/channel/nobody/logs',
    '/channel/99/logs',
    '/user/nobody/logs',
    '/user/99/logs',
    '/channel/10/logs?user=nobody',
    '/channel/login:10/logs',
    '/channel/99/logs?format=text',
    '/nothing',
  ])('for %s is a 404', async (path) => {
    expect(await problem(path)).toMatchObject({ status: 404 })
  })

  it('with a method that a route does not have is a 405 that says which it has', async () => {
    const response = await app().request('/channels', { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('never gets a 5xx, whatever it is (S1)', async () => {
    const api = app({ gate: new Gate(1) })
    const name = fc.oneof(
      fc.constantFrom(
        'from',
        'to',
        'order',
        'limit',
        'cursor',
        'user',
        'channel',
        'type',
        'q',
        'format',
      ),
      fc.string(),
    )
    const value = fc.oneof(
      fc.constantFrom(
        'asc',
        'raw',
        'text',
        '5',
        '99999999999999999999',
        '%00',
        '\0',
        'PRIVMSG',
        '[',
        '\ud83d',
      ),
      fc.string(),
      fc.double().map(String),
    )
    const segment = fc.oneof(
      fc.constantFrom('channel', 'user', 'logs', '10', '..', '%2e', '%zz'),
      fc.string(),
    )
    const request = fc.record({
      path: fc.oneof(
        fc.constantFrom('/channel/10/logs', '/user/2/logs'),
        fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.map(escaped).join('/')}`),
      ),
      query: fc.array(fc.tuple(name, value), { maxLength: 4 }),
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS'),
    })
    await fc.assert(
      fc.asyncProperty(request, async ({ path, query, method }) => {
        const search = query.map(([key, text]) => `${escaped(key)}=${escaped(text)}`).join('&')
        const response = await api.request(`${path}?${search}`, { method })
        await response.text()
        expect([path, search, response.status < 500]).toEqual([path, search, true])
      }),
      { numRuns: 300 },
    )
  })
})

describe('a channel', () => {
  const empty = { messages: [], nextCursor: null, previousCursor: null }

  it.each(['user2', 'login:USER2', '2', 'id:2'])(
    'that only a chatter has the name of is a 404: %s',
    async (asked) => {
      const shown = asked.replace(/^\w+:/, '').toLowerCase()
      for (const path of [
        `/channel/${asked}/logs`,
        `/channel/${asked}/logs?format=raw`,
        `/channel/${asked}/logs?user=2`,
        `/user/2/logs?channel=${asked}`,
      ]) {
        const detail = `no channel ${shown} is known here`
        expect(await problem(path)).toMatchObject({ status: 404, detail })
      }
    },
  )

  it('that is registered is known without a record', async () => {
    hot.logins.set('77', 'silent')
    hot.registered.add('silent')
    for (const asked of ['77', 'silent']) {
      const response = await app().request(`/channel/${asked}/logs`)
      expect([response.status, await response.json()]).toEqual([200, empty])
    }
  })

  it('that is no longer registered is known by its records', async () => {
    hot.registered.clear()
    for (const path of ['/channel/10/logs?user=999', '/channel/chan10/logs?from=1&to=2']) {
      const response = await app().request(path)
      expect([response.status, await response.json()]).toEqual([200, empty])
    }
  })

  it('that is known and has nothing of a user is an empty answer', async () => {
    const response = await app().request('/channel/10/logs?user=999')
    expect([response.status, await response.json()]).toEqual([200, empty])
  })

  it('is looked for without reading the whole registry', async () => {
    hot.registry.list = () => Promise.reject(new Error('the whole registry was read'))
    for (const path of ['/channel/nobody/logs', '/channel/99/logs']) {
      expect(await problem(path)).toMatchObject({ status: 404 })
    }
  })
})

describe('a client that leaves', () => {
  it.each(['json', 'raw'])('before a %s answer begins is counted', async (format) => {
    const leaving = new AbortController()
    const snapshot = hot.snapshot.bind(hot)
    hot.snapshot = async (request) => {
      // Node's adaptor gives a text as the reason, not an error.
      leaving.abort('Client connection prematurely closed.')
      return snapshot(request)
    }
    const api = app()
    const { signal } = leaving
    await api.request(`/channel/10/logs?format=${format}`, { signal })
    const metrics = await (await api.request('/metrics')).text()
    expect(metrics).toContain(
      'http_requests_total{route="/channel/:channel/logs",method="GET",status="499"} 1',
    )
    expect(metrics).toContain(answered(format, 'aborted'))
    expect(metrics).toMatch(/answers_running 0\n/)
  })
})

describe('a query that takes too long', () => {
  it.each(['json', 'raw'])(
    'before its first %s byte is a 503 that says what helps',
    async (format) => {
      const times = { firstByteMsMax: 10, wholeMsMax: 10_000 }
      const snapshot = hot.snapshot.bind(hot)
      hot.snapshot = async (request) => {
        await sleep(50)
        return snapshot(request)
      }
      const api = app({ times })
      const response = await api.request(`/channel/10/logs?format=${format}`)
      expect([response.status, await response.text()]).toEqual([
        503,
        expect.stringContaining('narrow its range'),
      ])
      const metrics = await (await api.request('/metrics')).text()
      expect(metrics).toContain(answered(format, 'failed'))
      expect(metrics).toMatch(/answers_running 0\n/)
    },
  )

  it('in the middle of a stream is cut off, also where nobody reads on', async () => {
    const api = app({ times: { firstByteMsMax: 10, wholeMsMax: 50 } })
    const response = await api.request('/channel/10/logs?format=raw')
    expect(response.status).toBe(200)
    await sleep(100)
    const metrics = await (await api.request('/metrics')).text()
    expect(metrics).toContain(answered('raw', 'failed'))
    expect(metrics).toMatch(/answers_running 0\n/)
    await expect(response.text()).rejects.toThrow('takes too long')
  })
})

describe('what every answer says to browsers', () => {
  it.each([
    '/channel/10/logs',
    '/channel/10/logs?format=raw',
    '/channel/10/words?word=x',
    '/channels',
    '/nothing',
    '/metrics',
    '/admin/retention',
  ])('keeps them from running it: %s', async (path) => {
    const { headers } = await app().request(path)
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
    })
  })

  it('lets every page ask', async () => {
    const headers = {
      origin: 'https://a.example',
      'access-control-request-method': 'DELETE',
      'access-control-request-headers': 'x-api-key',
    }
    const response = await app().request('/admin/users/2/data', { method: 'OPTIONS', headers })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': '*',
      'access-control-allow-headers': 'x-api-key',
    })
  })
})

describe('a request id', () => {
  it.each(['abc-123_=', 'x'.repeat(128)])('that is given stays: %s', async (id) => {
    const response = await app().request('/channels', { headers: { 'x-request-id': id } })
    expect(response.headers.get('x-request-id')).toBe(id)
  })

  it.each(['a b', '<x>', 'x'.repeat(129), '{"a":1}', ''])('%s is replaced', async (id) => {
    const response = await app().request('/channels', { headers: { 'x-request-id': id } })
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
  })
})

describe('the next page', () => {
  it('is what the Link of a page leads to, until there is none', async () => {
    let path: string | undefined = '/channel/chan10/logs?limit=50&q=message%20&from=1'
    const lengths: number[] = []
    const paths: string[] = []
    while (path !== undefined) {
      const response = await app().request(path)
      const { messages } = pageSchema.parse(await response.json())
      lengths.push(messages.length)
      path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
      paths.push(path?.replace(/cursor=.*/, 'cursor=') ?? '')
    }
    expect(lengths).toEqual([50, 50, 20])
    const next = '/channel/chan10/logs?limit=50&q=message+&from=1&cursor='
    expect(paths).toEqual([next, next, ''])
  })
})

describe('HEAD', () => {
  it('answers what GET does without a body, and leaves no query running', async () => {
    const api = app({ gate: new Gate(1) })
    for (const format of ['json', 'text', 'raw', 'ndjson']) {
      const response = await api.request(`/channel/10/logs?format=${format}`, { method: 'HEAD' })
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('')
    }
    expect(await (await api.request('/metrics')).text()).toMatch(/answers_running 0\n/)
  })
})

describe('too many queries at once', () => {
  it('get a 503 with Retry-After, and a place again when one has ended', async () => {
    const api = app({ gate: new Gate(1) })
    const first = await api.request('/channel/10/logs?format=text')
    const second = await api.request('/channel/10/logs?format=text')
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '5'])
    await first.text()
    expect((await api.request('/channel/10/logs')).status).toBe(200)
  })
})

describe('hot records that are trimmed while they are read', () => {
  const limits = { ...READ_LIMITS, firstPageEntries: 5, pageEntries: 5 }

  it('are looked for in a new snapshot', async () => {
    const readPage = hot.readPage.bind(hot)
    let trims = 3
    hot.readPage = async (request) => {
      trims -= 1
      return trims >= 0 ? 'retry' : readPage(request)
    }
    const response = await app({ limits }).request('/channel/10/logs?format=raw')
    expect((await response.text()).split('\n')).toHaveLength(RECORDS + 1)
  })

  it('are a 503 when that does not help', async () => {
    hot.readPage = async () => 'retry'
    const response = await app({ limits }).request('/channel/10/logs')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  })
})

describe('a hot store that fails', () => {
  it.each([
    ['unavailable', 503],
    ['corrupt', 500],
    ['misconfigured', 500],
  ] as const)('as %s is a %i', async (kind, status) => {
    hot.state = () => Promise.reject(new HotStoreError(kind, 'secret host'))
    hot.snapshot = () => Promise.reject(new HotStoreError(kind, 'secret host'))
    for (const path of ['/channel/10/logs', '/channel/10/logs?format=raw', '/user/2/logs']) {
      const response = await app().request(path)
      expect([path, response.status]).toEqual([path, status])
      expect(await response.text()).not.toContain('secret')
    }
  })
})

describe('the service routes', () => {
  it('describe the API in OpenAPI 3.1, with every parameter that is taken', async () => {
    const response = await app().request('/openapi.json')
    const document: unknown = await response.json()
    expect(document).toMatchObject({
      openapi: '3.1.0',
      paths: { '/channel/{channel}/logs': { get: { responses: {} } }, '/channels': {} },
    })
    const text = JSON.stringify(document)
    for (const name of ['from', 'to', 'order', 'limit', 'cursor', 'user', 'type', 'q', 'format']) {
      expect(text).toContain(`"name":"${name}"`)
    }
  })

  it('list the channels by name and id, for ten minutes', async () => {
    const response = await app().request('/channels')
    expect(response.headers.get('cache-control')).toBe('public, max-age=600')
    expect(await response.json()).toMatchObject({
      channels: expect.arrayContaining([{ name: 'chan10', userID: '10' }]) as unknown,
    })
  })

  it('take slashes at the end and doubled ones', async () => {
    for (const path of ['/channels/', '//channels//', '/channel//10/logs/?format=text']) {
      expect([path, (await app().request(path)).status]).toEqual([path, 200])
    }
  })

  it('say that the service is not ready, and why', async () => {
    const ready = { cold: () => Promise.reject(new Error('away')) }
    const response = await app({ ready }).request('/readyz')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ status: 'unavailable', failed: ['cold'] })
    const stopping = await app({ stopping: AbortSignal.abort() }).request('/readyz')
    expect(await stopping.json()).toMatchObject({ failed: ['stopping'] })
  })

  it('count requests by route, never by path', async () => {
    const api = app()
    await api.request('/channel/10/logs')
    await api.request('/channel/secret-name/logs')
    await api.request('/no/such/path')
    const metrics = await (await api.request('/metrics')).text()
    expect(metrics).toMatch(
      /http_requests_total\{route="\/channel\/:channel\/logs",method="GET",status="200"\} 1/,
    )
    expect(metrics).toMatch(/http_requests_total\{route="unmatched",method="GET",status="404"\} 1/)
    expect(metrics).toContain('poglog_query_records_total{format="json"} 100')
    expect(metrics).toContain('poglog_query_equal_keys_collapsed_total 0')
    expect(metrics).not.toContain('secret-name')
  })

  it('count every metric by the same route, and a 404 as an answer', async () => {
    const api = app()
    expect((await api.request('/channel/99/logs')).status).toBe(404)
    expect((await api.request('/user/99/logs?format=raw')).status).toBe(404)
    const metrics = await (await api.request('/metrics')).text()
    for (const route of ['/channel/:channel/logs', '/user/:user/logs']) {
      expect(metrics).toContain(`http_requests_total{route="${route}",method="GET",status="404"} 1`)
      for (const name of ['first_byte_seconds', 'answer_seconds', 'answer_store_requests'])
        expect(metrics).toContain(`${name}_count{route="${route}"} 1`)
    }
    expect(metrics).not.toContain('route="/channel/{')
    expect(metrics).toContain(answered('json', 'complete'))
    expect(metrics).not.toContain('outcome="failed"')
  })

  it('let every origin read, and name each request', async () => {
    const response = await app().request('/nothing', { headers: { origin: 'https://a.example' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
  })
})

/** What the metrics say of one answer of a channel's logs. */
function answered(format: string, outcome: string): string {
  return `answers_total{route="/channel/:channel/logs",format="${format}",outcome="${outcome}"} 1`
}

/** Percent-encodes what a URL cannot carry; half a surrogate pair becomes what a browser makes of it. */
function escaped(text: string): string {
  return /^%\w\w$/.test(text) ? text : encodeURIComponent(text.toWellFormed())
}

describe('who has opted out', () => {
  it('is told apart from who has no logs, by id and by login, and leaves the list of channels (P1)', async () => {
    const asked = [
      '/channel/10/logs',
      '/channel/chan10/logs',
      '/channel/10/words?word=a',
      '/channel/10/words/top',
      '/channel/10/stats',
      '/channel/10/coverage',
    ]
    const ofUser = [
      '/user/2/logs',
      '/user/user2/logs?q=a',
      '/user/2/stats',
      '/user/2/words?word=a',
      '/channel/11/logs?user=2',
      '/channel/11/words?word=a&user=user2',
    ]
    hot.optedOut = { users: new Set(['2']), channels: new Set(['10']) }
    for (const path of asked) {
      const detail = 'the requested channel has opted out of being logged'
      expect(await problem(path)).toMatchObject({
        status: 403,
        detail,
        instance: path.split('?')[0],
      })
    }
    for (const path of ofUser) {
      const detail = 'the requested user has opted out of being logged'
      expect(await problem(path)).toMatchObject({
        status: 403,
        detail,
        instance: path.split('?')[0],
      })
    }
    const channels: unknown = await (await app().request('/channels')).json()
    expect(channels).toEqual({ channels: [] })
  })
})
