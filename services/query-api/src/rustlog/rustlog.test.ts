import { HotStoreError } from '@poglog/hot-store'
import { createLogger } from '@poglog/service-kit'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AppDeps } from '../app.ts'
import { createEvents } from '../events.ts'
import { Gate } from '../gate.ts'
import { fakeApp } from '../testing/fake-app.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { lineOf, recordOf } from '../testing/lines.ts'
import { VECTORS, recordOfLine } from '../testing/vectors.ts'

const NOW_MS = Date.UTC(2024, 2, 1, 12)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Of `big`: 1 March; of `chan`: 14 November. */
const BIG_DAY = '/channel/big/2024/3/1'
const CHAN_DAY = '/channel/chan/2023/11/14'
const CAPABILITIES = ['arbitrary-range-query', 'search', 'stats', 'namehistory']

const TARGET = 'room-id=10;target-user-id=3;tmi-sent-ts'
/** Lines of `chan` on 14 November that rustlog renders in a way of their own; a NOTICE and a CLEARMSG are no rows. */
const MODERATION = {
  timeout: `@ban-duration=600;${TARGET}=1700000010000 :tmi.twitch.tv CLEARCHAT #chan :ann`,
  ban: `@${TARGET}=1700000011000 :tmi.twitch.tv CLEARCHAT #chan :ann`,
  clear: '@room-id=10;tmi-sent-ts=1700000012000 :tmi.twitch.tv CLEARCHAT #chan',
  sub: '@id=11111111-1111-4111-8111-000000000009;login=dave;msg-id=sub;room-id=10;system-msg=Dave\\ssubscribed.;tmi-sent-ts=1700000013000;user-id=4 :tmi.twitch.tv USERNOTICE #chan',
  notice: '@msg-id=slow_off;tmi-sent-ts=1700000014000 :tmi.twitch.tv NOTICE #chan :not slow',
  deletion:
    '@login=ann;room-id=;target-msg-id=x;tmi-sent-ts=1700000015000 :tmi.twitch.tv CLEARMSG #chan :gone',
}

let hot: FakeHot

beforeEach(() => {
  hot = new FakeHot()
  for (const [id, login] of [
    ['10', 'chan'],
    ['30', 'big'],
    ['2', 'bob'],
    ['3', 'ann'],
    ['4', 'dave'],
    ['5', 'carol'],
    ['77', 'empty'],
  ] as const) {
    hot.logins.set(id, login)
  }
  hot.registered.add('chan')
  hot.registered.add('big')
  hot.append(VECTORS.map(({ line }) => recordOfLine(line)))
  hot.append(Object.values(MODERATION).map((line) => recordOfLine(line)))
})

function app(changes: Partial<AppDeps> = {}) {
  return fakeApp({
    hot,
    clock: () => NOW_MS,
    ...changes,
  })
}

interface Told {
  readonly status: number
  readonly text: string
  readonly header: (name: string) => string | null
}

async function get(path: string, changes: Partial<AppDeps> = {}, init: RequestInit = {}) {
  const response = await app(changes).request(path, init)
  const told: Told = {
    status: response.status,
    text: await response.text(),
    header: (name) => response.headers.get(name),
  }
  return told
}

async function json(path: string): Promise<unknown> {
  const { status, text, header } = await get(path)
  expect([path, status]).toEqual([path, 200])
  expect(header('content-type')).toMatch(/^application\/json/)
  return JSON.parse(text)
}

async function texts(path: string): Promise<string[]> {
  const { status, text } = await get(path)
  if (status === 404) return []
  expect([path, status]).toEqual([path, 200])
  return text.split('\r\n').slice(0, -1)
}

async function textOf(path: string): Promise<string> {
  return (await get(path)).text
}

function isJson(text: string): boolean {
  return text.startsWith('{"messages":[')
}

describe('every answer', () => {
  it.each([CHAN_DAY, '/channels', '/channel/chan/logs', '/nothing', '/x.png', '/foo/bar', '/'])(
    '%s tells the capabilities and opens itself to other origins (1.1)',
    async (path) => {
      const { header } = await get(path, {}, { headers: { origin: 'https://page.example' } })
      expect(header('x-rustlog-capabilities')).toBe(CAPABILITIES.join(','))
      expect(header('access-control-allow-origin')).toBe('*')
      expect(header('access-control-expose-headers')).toBe('*')
      expect(header('access-control-allow-credentials')).toBeNull()
    },
  )

  it('of /metrics does not tell them (1.1)', async () => {
    expect((await get('/metrics')).header('x-rustlog-capabilities')).toBeNull()
  })

  it.each([CHAN_DAY, '/channel/chan/logs', '/admin/channels', '/nowhere'])(
    'of a preflight of %s is a 200 that allows what is asked (1.1)',
    async (path) => {
      const headers = {
        origin: 'https://page.example',
        'access-control-request-method': 'DELETE',
        'access-control-request-headers': 'x-api-key',
      }
      const { status, text, header } = await get(path, {}, { method: 'OPTIONS', headers })
      expect([status, text]).toEqual([200, ''])
      expect(header('access-control-allow-origin')).toBe('*')
      expect(header('access-control-allow-methods')).toBe('*')
      expect(header('access-control-allow-headers')).toBe('x-api-key')
    },
  )

  it.each([`/${CHAN_DAY}/`, '//channel//chan///2023/11/14//?json'])(
    '%s does not mind slashes (1.1)',
    async (path) => {
      expect((await get(path)).status).toBe(200)
    },
  )

  it.each([
    [CHAN_DAY, 'text/plain; charset=utf-8'],
    [`${CHAN_DAY}?json`, 'application/json'],
    ['/channel/chan', null],
    ['/list?channel=chan', 'application/json'],
  ])('of %s to HEAD is that to GET without a body (1.1)', async (path, type) => {
    const { status, text, header } = await get(path, {}, { method: 'HEAD' })
    expect([status, text]).toEqual([(await get(path)).status, ''])
    expect(header('content-type')).toBe(type)
  })

  it.each([CHAN_DAY, '/channel/chan', '/channelid/10/stats', '/list', '/namehistory/5'])(
    'of %s to another method is an empty 405 that says which it has (1.1)',
    async (path) => {
      const { status, text, header } = await get(path, {}, { method: 'POST' })
      expect([status, text, header('allow')]).toEqual([405, '', 'GET, HEAD'])
    },
  )
})

describe('a refusal', () => {
  it.each([
    [400, 'Int parse error: invalid digit found in string', '/channel/chan/2023/eleven/14'],
    [400, 'Int parse error: invalid digit found in string', '/channel/chan/2023/-1/14'],
    [400, 'Int parse error: invalid digit found in string', '/channel/chan/user/bob/x/1'],
    [
      400,
      'Int parse error: number too large to fit in target type',
      '/channelid/10/2023/1/4294967296',
    ],
    [
      400,
      'Int parse error: number too small to fit in target type',
      '/channelid/10/-2147483649/1/1',
    ],
    [400, 'Invalid param: Invalid date', '/channel/chan/2023/13/1'],
    [400, 'Invalid param: Invalid date', '/channel/chan/2024/2/30'],
    [400, 'Invalid param: Invalid date', '/channel/chan/user/bob/2024/0'],
    [400, 'Invalid param: Date out of range', '/channel/chan/262142/12/31'],
    [400, 'Invalid param: Date out of range', '/channel/chan/user/bob/262142/12'],
    [400, 'Invalid URL: unknown variant `foo`, expected `channel` or `channelid`', '/foo/bar'],
    [
      400,
      'Invalid URL: unknown variant `foo`, expected `channel` or `channelid`',
      '/foo/bar/random',
    ],
    [
      400,
      'Invalid URL: unknown variant `2024`, expected `user` or `userid`',
      '/channel/chan/2024/1',
    ],
    [
      400,
      'Invalid URL: unknown variant `x`, expected `user` or `userid`',
      '/channel/chan/x/bob/2024/1',
    ],
    [404, 'Not found', '/channel/nobody'],
    [404, 'Not found', '/channel/nobody/2023/11/14'],
    [404, 'Not found', '/channel/we!rd/2023/11/14'],
    [404, 'Not found', '/channelid/abc/2023/11/14'],
    [404, 'Not found', '/channelid/999/2023/11/14'],
    [404, 'Not found', '/channel/chan/user/nobody/2023/11'],
    [404, 'Not found', '/channel/chan/userid/999/2023/11'],
    [404, 'Not found', '/channel/chan/2023/11/15'],
    [404, 'Not found', '/channel/chan/-5/11/15'],
    [404, 'Not found', '/channel/empty'],
    [404, 'Not found', '/channel/chan/user/carol'],
    [404, 'Not found', '/channel/empty/random'],
    [404, 'Not found', '/channel/chan/user/carol/random'],
    [404, 'Not found', '/channel/chan/user/bob/search?q=nothing'],
    [404, 'Not found', '/list?channel=empty'],
    [404, 'Not found', '/list?channel=nobody'],
    [404, 'Not found', '/list?channel=chan&user=nobody'],
    [404, '404', '/favicon.ico'],
    [404, '404', '/some/deep/file.js'],
  ])('is %i %s for %s (1.1)', async (status, text, path) => {
    const told = await get(path)
    expect([told.status, told.text]).toEqual([status, text])
    expect(told.header('content-type')).toBe('text/plain; charset=utf-8')
    expect(told.header('x-rustlog-capabilities')).not.toBeNull()
  })

  it.each([
    ['from=yesterday&to=2024-03-01T00:00:00Z', 'from: input contains invalid characters'],
    ['from=2024-03-01&to=2024-03-02', 'from: input contains invalid characters'],
    ['from=2024-03-01T00:00:00&to=1', 'from: input contains invalid characters'],
    ['to=', 'to: input contains invalid characters'],
    ['limit=', 'limit: cannot parse integer from empty string'],
    ['limit=-1', 'limit: invalid digit found in string'],
    ['limit=1.5', 'limit: invalid digit found in string'],
    ['limit=18446744073709551616', 'limit: number too large to fit in target type'],
    ['offset=x', 'offset: invalid digit found in string'],
    ['json&json', 'duplicate field `json`'],
    ['limit=1&limit=2', 'duplicate field `limit`'],
    ['from=1&from=2', 'duplicate field `from`'],
  ])('of the query %s is a 400 that says why (1.1)', async (query, reason) => {
    const { status, text } = await get(`/channel/chan?${query}`)
    expect([status, text]).toEqual([400, `Failed to deserialize query string: ${reason}`])
  })

  it.each([
    ['/channel/chan/user/bob/search', 'missing field `q`'],
    [`/channel/chan/user/bob/search?q=${'x'.repeat(501)}`, 'q: longer than 500 characters'],
    ['/list', 'no variant of enum ChannelParam found in flattened data'],
    ['/list?user=bob', 'no variant of enum ChannelParam found in flattened data'],
  ])('of %s says what is missing (1.1)', async (path, reason) => {
    const { status, text } = await get(path)
    expect([status, text]).toEqual([400, `Failed to deserialize query string: ${reason}`])
  })

  const ROUTES_OF_CHAN = [
    CHAN_DAY,
    '/channel/chan',
    '/channelid/10?from=0&to=1800000000',
    '/channel/chan/random',
    '/channelid/10/stats',
    '/list?channelid=10',
    '/channel/chan/user/bob/2023/11',
    '/list?channel=chan&user=bob',
  ]
  it.each(ROUTES_OF_CHAN)('of %s is a 403 once the channel has opted out (1.1)', async (path) => {
    hot.optedOut = { users: new Set(), channels: new Set(['10']) }
    expect(await get(path)).toMatchObject({
      status: 403,
      text: 'The requested channel has opted out of being logged',
    })
  })

  it('of the shared statistics is a 403 as well (1.1)', async () => {
    hot.optedOut = { users: new Set(), channels: new Set(['10']) }
    expect((await get('/channel/chan/stats')).status).toBe(403)
  })

  it.each([
    '/channel/chan/user/bob',
    '/channel/chan/userid/2/2023/11',
    '/channel/chan/user/bob/random',
    '/channel/chan/user/bob/search?q=hi',
    '/channel/chan/user/bob/stats',
    '/list?channel=chan&userid=2',
  ])('of %s is a 403 once the user has opted out (1.1)', async (path) => {
    hot.optedOut = { users: new Set(['2']), channels: new Set() }
    expect(await get(path)).toMatchObject({
      status: 403,
      text: 'The requested user has opted out of being logged',
    })
  })

  it('of the name history has the text of a channel (1.1)', async () => {
    hot.optedOut = { users: new Set(['5']), channels: new Set() }
    expect(await get('/namehistory/5')).toMatchObject({
      status: 403,
      text: 'The requested channel has opted out of being logged',
    })
  })

  it('looks at the path, the query, the channel, the user, the opt-out, the date and the rows in this order (1.1)', async () => {
    hot.optedOut = { users: new Set(), channels: new Set(['10']) }
    expect(await textOf('/channel/nobody/x/nobody?limit=x')).toContain('Invalid URL')
    expect(await textOf('/channel/nobody/user/nobody/2024/13?limit=x')).toContain('deserialize')
    expect(await textOf('/channel/nobody/user/nobody/2024/13')).toBe('Not found')
    expect(await textOf('/channel/chan/user/nobody/2024/13')).toBe('Not found')
    expect(await textOf('/channel/chan/user/bob/2024/13')).toContain('opted out')
    hot.optedOut = { users: new Set(), channels: new Set() }
    expect(await textOf('/channel/chan/user/bob/2024/13')).toContain('Invalid date')
    expect(await textOf('/channel/chan/user/bob/2024/12')).toBe('Not found')
  })

  it('of a store that is away is a text, with when to come again (1.1)', async () => {
    hot.snapshot = async () => {
      throw new HotStoreError('unavailable', 'no connection')
    }
    for (const path of [CHAN_DAY, '/channel/chan', '/list?channel=chan', '/channelid/10/stats']) {
      const { status, text, header } = await get(path)
      expect([path, status, text, header('retry-after')]).toEqual([
        path,
        503,
        'Database error',
        '5',
      ])
    }
    hot.snapshot = async () => {
      throw new Error('a bug')
    }
    expect(await get(CHAN_DAY)).toMatchObject({ status: 500, text: 'Internal error' })
  })

  it('of one query too many is a 503 in words (1.1)', async () => {
    expect(await get(CHAN_DAY, { gate: new Gate(0) })).toMatchObject({
      status: 503,
      text: 'too many log queries run at this moment',
    })
  })
})

describe('a route', () => {
  it('/channels lists what is logged, for ten minutes (1.2)', async () => {
    const { text, header } = await get('/channels')
    expect(JSON.parse(text)).toEqual({
      channels: [
        { name: 'big', userID: '30' },
        { name: 'chan', userID: '10' },
      ],
    })
    expect(header('cache-control')).toBe('public, max-age=600')
  })

  it('/capabilities lists them (1.2)', async () => {
    expect(await json('/capabilities')).toEqual(CAPABILITIES)
  })

  it.each([
    ['/channel/chan/2023/11/14', 7],
    ['/channelid/10/2023/11/14', 7],
    ['/channel/CHAN/2023/11/14', 7],
    ['/channel/id:10/2023/11/14', 7],
    ['/channelid/login:chan/2023/11/14', 7],
    ['/channel/10/2023/11/14', 7],
    ['/channel/chan/2023/011/014', 7],
    ['/channel/chan/user/bob/2023/11', 2],
    ['/channel/chan/userid/2/2023/11', 2],
    ['/channelid/10/user/bob/2023/11', 2],
    ['/channelid/10/userid/2/2023/11', 2],
    ['/channelid/10?from=2023-11-14T22:13:25Z&to=2023-11-14T22:13:26Z', 2],
    ['/channelid/10/userid/2?from=2023-11-14T22:13:25Z&to=2023-11-14T22:13:25.001Z', 1],
    ['/channel/chan/random', 1],
    ['/channelid/10/random', 1],
    ['/channel/chan/user/bob/random', 1],
    ['/channelid/10/userid/2/random', 1],
    ['/channel/chan/user/bob/search?q=WAVES', 1],
    ['/channelid/10/userid/2/search?q=%3A)', 1],
  ])('%s answers %i rows (1.2)', async (path, rows) => {
    expect(await texts(path)).toHaveLength(rows)
  })

  it('is described in the OpenAPI, each of them (1.2)', async () => {
    const described = z
      .object({ paths: z.record(z.string(), z.object({ get: z.unknown().optional() })) })
      .parse(await json('/openapi.json'))
    const patterns = app()
      .routes.filter(({ method, path }) => method === 'GET' && !path.includes('*'))
      .map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'))
      .filter((path) => /^\/(?:channel|channelid|list|namehistory|capabilities)(?:\/|$)/.test(path))
    expect(patterns.length).toBeGreaterThan(25)
    for (const path of patterns) expect(Object.keys(described.paths)).toContain(path)
  })

  it('that rustlog does not have stays a 404 (1.2)', async () => {
    for (const path of ['/nothing', '/channel/x/2024', '/channel/x/2024/1/2/3/4']) {
      const { status, header } = await get(path)
      expect([path, status]).toEqual([path, 404])
      expect(header('content-type')).toBe('application/problem+json')
    }
  })

  it.each([
    ['/user/bob/logs', 200],
    ['/channel/chan/logs', 200],
    ['/channel/chan/words/top?to=2024-03-01T00:00:00Z', 200],
    ['/channel/chan/coverage', 200],
    ['/admin/channels', 403],
    ['/admin/nothing', 403],
    ['/assets/nothing', 404],
  ])('of others, %s, is not taken for one of rustlog (1.2)', async (path, status) => {
    const told = await get(path)
    expect(told.status).toBe(status)
    expect(told.text).not.toContain('Invalid URL')
  })

  it.each([
    ['/channel/x/user/y/random', '/channel/:channel/user/:user/random'],
    ['/channel/chan/2023/11/14', '/channel/:channel/:year/:month/:day'],
    ['/channel/chan/words/top', '/channel/:channel/words/top'],
    ['/foo/bar', 'unmatched'],
  ])('%s counts as %s (1.2)', async (path, route) => {
    const events = createEvents(createLogger({ name: 'test', level: 'silent' }))
    await app({ events }).request(path)
    expect(await events.registry.metrics()).toContain(`http_requests_total{route="${route}"`)
  })
})

describe('a parameter', () => {
  it.each([
    ['json', true],
    ['json=', true],
    ['json=false', true],
    ['json=0', true],
    ['json=a%20b', true],
    ['jsonBasic', true],
    ['jsonbasic', false],
    ['JSON', false],
    ['type=json', true],
    ['type=raw', false],
    ['type=xml', false],
    ['unknown=1&other', false],
  ])('%s: the answer is JSON is %s (1.3)', async (query, expected) => {
    expect(isJson((await get(`${CHAN_DAY}?${query}`)).text)).toBe(expected)
  })

  it.each([
    ['raw&jsonBasic&json&ndjson', '@'],
    ['ndjson&json&jsonBasic&raw=0', '@'],
    ['type=raw&json', '@'],
    ['jsonBasic&json&ndjson', '{"messages":[{"text":'],
    ['json&ndjson', '{"messages":[{"text":'],
    ['ndjson', '{"text":'],
    ['', '[2023-11-14'],
  ])(
    'of %s takes the first of raw, jsonBasic, json, ndjson and text (1.3)',
    async (query, start) => {
      expect((await get(`${CHAN_DAY}?${query}`)).text.slice(0, start.length)).toBe(start)
      const hasRaw = (await get(`${CHAN_DAY}?${query}`)).text.includes('"raw":')
      expect(hasRaw).toBe(query === 'json&ndjson')
    },
  )

  it.each([
    ['reverse', ['clear', 'been banned'], 7],
    ['reverse=false&limit=1', ['Dave subscribed.'], 1],
    ['limit=1', ['waves hi'], 1],
    ['limit=2&offset=1', [':)', '@Bob ok'], 2],
    ['offset=6', ['Dave subscribed.'], 1],
    ['offset=6&limit=18446744073709551615', ['Dave subscribed.'], 1],
    ['reverse&limit=2&offset=1', ['Chat has been cleared', 'ann has been banned'], 2],
    ['limit=0', [], 0],
    ['offset=7', [], 0],
    ['offset=18446744073709551615', [], 0],
  ])('%s counts rows from their end (1.3)', async (query, some, rows) => {
    const found = await texts(`${CHAN_DAY}?${query}`)
    expect(found).toHaveLength(rows)
    for (const text of some) expect(found.join('\n')).toContain(text)
  })

  it('limit, offset and reverse cut any range as cutting all of its rows does (1.3)', async () => {
    hot.append(
      Array.from({ length: 3000 }, (_, number) =>
        recordOf({ number, sentAtMs: NOW_MS - 40 * DAY_MS + Math.floor(number / 3) * 60 * 60_000 }),
      ),
    )
    const range = 'from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z'
    const forwards = await texts(`/channel/chan?${range}`)
    const backwards = await texts(`/channel/chan?${range}&reverse`)
    expect(forwards).toHaveLength(3007)
    const cut = fc.record({
      isReverse: fc.boolean(),
      offset: fc.oneof(fc.nat(20), fc.nat(3100)),
      limit: fc.oneof(fc.nat(20), fc.nat(3100)),
    })
    const property = fc.asyncProperty(cut, async ({ isReverse, offset, limit }) => {
      const asked = `/channel/chan?${range}&offset=${offset}&limit=${limit}`
      const rows = await texts(isReverse ? `${asked}&reverse` : asked)
      expect(rows).toEqual((isReverse ? backwards : forwards).slice(offset, offset + limit))
    })
    await expect(fc.assert(property, { numRuns: 25 })).resolves.toBeUndefined()
  })

  it('reverse turns the order round, ties by their record key as well (1.3)', async () => {
    hot.append(Array.from({ length: 40 }, (_, number) => recordOf({ number, sentAtMs: NOW_MS })))
    const range = 'from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z&raw'
    const forwards = await texts(`/channel/chan?${range}`)
    expect(await texts(`/channel/chan?${range}&reverse`)).toEqual(forwards.toReversed())
    const ids = forwards.slice(-40).map((line) => /;id=([^;]*)/.exec(line)?.[1] ?? '')
    expect(ids).toEqual(ids.toSorted())
  })

  it.each([
    ['from=2023-11-14T22:13:25Z&to=2023-11-14T22:13:26Z'],
    ['from=2023-11-14t22:13:25z&to=2023-11-14 22:13:26Z'],
    ['from=2023-11-14T22:13:25.000Z&to=2023-11-14T22:13:26.120Z'],
    ['from=2023-11-14T22:13:25UTC&to=2023-11-14T22:13:26UTC'],
    ['from=2023-11-15T00:13:25%2B02:00&to=2023-11-14T17:13:26-0500'],
    ['from=2023-11-15T00:13:25+02:00&to=2023-11-15T00:13:26+0200'],
    ['from=1700000005&to=1700000006'],
    ['from=1700000005000&to=1700000006120'],
  ])('%s is a range, from its start to before its end (1.3)', async (range) => {
    expect(await texts(`/channel/chan?${range}`)).toEqual([VECTORS[1]?.text, VECTORS[2]?.text])
  })

  it.each(['from=5&to=5', 'from=2&to=1'])('%s is a range without rows (1.3)', async (range) => {
    expect(await get(`/channel/chan?${range}`)).toMatchObject({ status: 404, text: 'Not found' })
  })

  it.each([
    `${CHAN_DAY}?from=1&to=2&q=nothing`,
    '/channel/chan/random?from=x&to=y',
    '/channel/chan/user/bob/search?q=hi&from=1&to=2',
  ])('of another route does not matter: %s (1.3)', async (path) => {
    expect((await get(path)).status).toBe(200)
  })

  it('of ten thousand days is a range like any other (1.3)', async () => {
    expect(
      await texts('/channelid/10?from=1990-01-01T00:00:00Z&to=2030-01-01T00:00:00Z'),
    ).toHaveLength(7)
  })
})

describe('a redirect', () => {
  it.each([
    ['/channel/chan', '/channel/chan/2023/11/14'],
    ['/channelid/10', '/channelid/10/2023/11/14'],
    ['/channel/BIG', '/channel/BIG/2024/3/1'],
    ['/channel/id%3A10/', '/channel/id%3A10/2023/11/14'],
    ['/channel/%63han', '/channel/%63han/2023/11/14'],
    ['/channel/chan?from=1&json', '/channel/chan/2023/11/14?from=1&json'],
    ['/channel/chan?to=1&x=a+b%20c', '/channel/chan/2023/11/14?to=1&x=a+b%20c'],
    ['/channel/chan/user/BoB?raw', '/channel/chan/user/BoB/2023/11?raw'],
    ['/channelid/30/userid/5', '/channelid/30/userid/5/2024/3'],
  ])('of %s goes to %s (1.4)', async (path, location) => {
    const { status, text, header } = await get(path)
    expect([status, text, header('location')]).toEqual([303, '', location])
    expect(header('cache-control')).toBeNull()
  })

  it('goes to the last date with a row, however long ago (1.4)', async () => {
    expect((await get('/channel/chan', { clock: () => NOW_MS + 900 * DAY_MS })).status).toBe(303)
    // What is no row is no date either.
    hot.append([recordOfLine('@msg-id=x;tmi-sent-ts=1709251274940 :tmi.twitch.tv NOTICE #chan :a')])
    expect((await get('/channel/chan')).header('location')).toBe('/channel/chan/2023/11/14')
  })
})

describe('Cache-Control', () => {
  it.each([
    [BIG_DAY, 'no-cache'],
    [CHAN_DAY, 'public, max-age=36000'],
    ['/channel/big/user/carol/2024/3', 'no-cache'],
    ['/channel/chan/user/bob/2023/11', 'public, max-age=36000'],
    ['/channelid/10?from=0&to=1709294400', 'public, max-age=36000'],
    ['/channelid/10?from=0&to=1709294400001', 'no-cache'],
    ['/channel/chan/random', 'no-cache'],
    ['/channel/chan/user/bob/random', 'no-cache'],
    ['/channel/chan/user/bob/search?q=hi', null],
    ['/namehistory/5', null],
    ['/channelid/10/stats', null],
    ['/channel/chan/user/bob/stats', null],
    ['/list?channel=chan', 'public, max-age=600'],
  ])('of %s is %s (1.5)', async (path, expected) => {
    expect((await get(path)).header('cache-control')).toBe(expected)
  })
})

describe('a body', () => {
  it.each([
    ['', 'text/plain; charset=utf-8'],
    ['raw', 'text/plain; charset=utf-8'],
    ['json', 'application/json'],
    ['jsonBasic', 'application/json'],
    ['ndjson', 'application/x-ndjson'],
  ])('of format %s is %s (1.6)', async (format, type) => {
    expect((await get(`${CHAN_DAY}?${format}`)).header('content-type')).toBe(type)
  })

  it.each(['', 'raw', 'ndjson'])('of format %s ends each line with CR LF (1.6)', async (format) => {
    const { text } = await get(`${CHAN_DAY}?${format}`)
    expect(text.endsWith('\r\n')).toBe(true)
    expect(text.split('\r\n')).toHaveLength(8)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })

  it.each(['json', 'jsonBasic'])(
    'of format %s has no white space around it (1.6)',
    async (format) => {
      const { text } = await get(`${CHAN_DAY}?${format}`)
      expect(text).toBe(JSON.stringify(JSON.parse(text)))
      expect(JSON.parse(text)).toMatchObject({ messages: { length: 7 } })
    },
  )

  it.each(['json', 'ndjson', 'text', 'raw'])(
    'of format %s over many batches is one (1.6)',
    async (format) => {
      hot.append(
        Array.from({ length: 2500 }, (_, number) =>
          recordOf({ number, sentAtMs: NOW_MS + number }),
        ),
      )
      const { text } = await get(`/channel/chan/2024/3/1?${format}`)
      const count =
        format === 'json'
          ? z.object({ messages: z.array(z.unknown()) }).parse(JSON.parse(text)).messages.length
          : text.split('\r\n').length - 1
      expect(count).toBe(2500)
    },
  )

  it('that is empty is a 404, in every format (1.6)', async () => {
    for (const format of ['json', 'raw', 'ndjson', 'text']) {
      expect(await get(`/channel/chan/2020/1/1?${format}`)).toMatchObject({
        status: 404,
        text: 'Not found',
      })
    }
  })
})

describe('a line of text', () => {
  it.each([
    ['timeout', '[2023-11-14 22:13:30] #chan ann: ann has been timed out for 600 seconds'],
    ['ban', '[2023-11-14 22:13:31] #chan ann: ann has been banned'],
    ['clear', '[2023-11-14 22:13:32] #chan Chat has been cleared'],
    ['sub', '[2023-11-14 22:13:33] #chan dave: Dave subscribed.'],
  ])('of a %s is %s (1.7)', async (_, line) => {
    expect(await texts(CHAN_DAY)).toContain(line)
  })

  it.each(VECTORS)('of $name is as rustlog writes it (1.7)', async ({ text }) => {
    const day = text.includes('#big') ? BIG_DAY : CHAN_DAY
    expect(await texts(day)).toContain(text)
  })

  it('is of a row: a NOTICE and a deletion are none (1.7)', async () => {
    const rows = await texts(`${CHAN_DAY}?raw`)
    expect(rows).toHaveLength(7)
    expect(rows.some((row) => / NOTICE | CLEARMSG /.test(row))).toBe(false)
  })

  it('of a ban is in the log of whom it hits (1.7)', async () => {
    expect(await texts('/channel/chan/user/ann/2023/11')).toEqual([
      VECTORS[3]?.text,
      '[2023-11-14 22:13:30] #chan ann: ann has been timed out for 600 seconds',
      '[2023-11-14 22:13:31] #chan ann: ann has been banned',
    ])
  })
})

const BASIC = ['text', 'displayName', 'timestamp', 'id', 'tags']

describe('a JSON message', () => {
  const page = z.object({ messages: z.array(z.record(z.string(), z.unknown())) })

  it.each(VECTORS)('of $name has the fields of rustlog (1.8)', async ({ line, tags, rest }) => {
    const day = line.includes('#big') ? BIG_DAY : CHAN_DAY
    const { messages } = page.parse(await json(`${day}?json`))
    const message = messages.find(({ id }) => id === rest['id'])
    expect(message).toMatchObject(rest)
    expect(message?.['tags']).toMatchObject(tags)
    expect(message?.['raw']).toBe(line)
  })

  it('has its keys in order: the basic ones, then the others (1.8)', async () => {
    const [full] = page.parse(await json(`${BIG_DAY}?json`)).messages
    const [basic] = page.parse(await json(`${BIG_DAY}?jsonBasic`)).messages
    const [line = ''] = (await get(`${BIG_DAY}?ndjson`)).text.split('\r\n')
    expect(Object.keys(full ?? {})).toEqual([
      ...BASIC,
      'username',
      'channel',
      'raw',
      'type',
      'systemText',
    ])
    expect(Object.keys(basic ?? {})).toEqual(BASIC)
    expect(JSON.parse(line)).toEqual(basic)
  })

  it.each([
    [
      'timeout',
      {
        username: 'ann',
        displayName: 'ann',
        type: 2,
        id: '',
        text: 'ann has been timed out for 600 seconds',
      },
      { 'user-id': '3', 'target-user-id': '3', 'ban-duration': '600' },
    ],
    [
      'clear',
      { username: '', type: 2, text: 'Chat has been cleared' },
      { badges: '', 'badge-info': '', flags: '', 'user-type': '', emotes: '' },
    ],
    [
      'sub',
      { username: 'dave', displayName: 'dave', type: 4, timestamp: '2023-11-14T22:13:33Z' },
      { login: 'dave', 'system-msg': 'Dave subscribed.' },
    ],
  ] as const)('of a %s is as rustlog writes it (1.8)', async (name, rest, tags) => {
    const { messages } = page.parse(await json(`${CHAN_DAY}?json`))
    const message = messages.find(({ raw }) => raw === MODERATION[name])
    expect(message).toMatchObject({ ...rest, tags })
  })

  it('never answers less in `raw` than what was sent (1.8)', async () => {
    const sent = [...VECTORS.map(({ line }) => line), ...Object.values(MODERATION)]
    const rows = [...(await texts(`${CHAN_DAY}?raw`)), ...(await texts(`${BIG_DAY}?raw`))]
    expect(rows).toHaveLength(9)
    expect(sent).toEqual(expect.arrayContaining(rows))
    // What best-logs takes a line by.
    for (const row of rows) expect(row).toMatch(/^@.*tmi-sent-ts=\d+(?:;| :)/)
  })
})

describe('/list', () => {
  beforeEach(() => {
    hot.append(
      [-400, -31, -31, -2, 0].map((day, number) =>
        recordOf({ number, sentAtMs: NOW_MS + day * DAY_MS, userId: day === -2 ? '3' : '2' }),
      ),
    )
  })

  it('of a channel has the days with rows, the newest first (1.9)', async () => {
    const days = {
      availableLogs: [
        { year: '2024', month: '3', day: '1' },
        { year: '2024', month: '2', day: '28' },
        { year: '2024', month: '1', day: '30' },
        { year: '2023', month: '11', day: '14' },
        { year: '2023', month: '1', day: '26' },
      ],
    }
    expect(await json('/list?channel=chan')).toEqual(days)
    expect(await json('/list?channelid=10')).toEqual(days)
    expect(await json('/list?channel=CHAN&channelid=30')).toEqual(days)
    expect(await json('/list?channel=id:10')).toEqual(days)
  })

  it('of a user has the months with rows, the newest first (1.9)', async () => {
    const months = {
      availableLogs: [
        { year: '2024', month: '3' },
        { year: '2024', month: '1' },
        { year: '2023', month: '11' },
        { year: '2023', month: '1' },
      ],
    }
    expect(await json('/list?channel=chan&user=bob')).toEqual(months)
    expect(await json('/list?channelid=10&userid=2')).toEqual(months)
    expect(await json('/list?channel=chan&username=bob')).toEqual(months)
    expect(await json('/list?userid=2&user=ann&channelid=10')).toEqual(months)
  })

  it('does not have days on which all is erased, or not kept (1.9)', async () => {
    hot.erased.set('2', NOW_MS - DAY_MS)
    hot.erased.set('4', NOW_MS)
    expect(await json('/list?channel=chan')).toEqual({
      availableLogs: [
        { year: '2024', month: '3', day: '1' },
        { year: '2024', month: '2', day: '28' },
        { year: '2023', month: '11', day: '14' },
      ],
    })
    hot.optedOut = { users: new Set(['3']), channels: new Set() }
    // The clearing of the chat is nobody's.
    expect(await json('/list?channel=chan')).toMatchObject({ availableLogs: { length: 2 } })
    hot.erased.set('2', NOW_MS + DAY_MS)
    expect((await get('/list?channel=chan&user=bob')).status).toBe(404)
  })
})

describe('/stats', () => {
  it('of a channel by id are those of rustlog: every row counts, a ban for whom it hits (1.9)', async () => {
    expect(await json('/channelid/10/stats')).toEqual({
      messageCount: 7,
      topChatters: [
        { userId: '3', userLogin: 'ann', messageCount: 3 },
        { userId: '2', userLogin: 'bob', messageCount: 2 },
        { userId: '4', userLogin: 'dave', messageCount: 1 },
      ],
    })
  })

  it('of a channel by login have these and the native ones (1.9)', async () => {
    expect(await json('/channel/chan/stats?unknown=1')).toMatchObject({
      channelId: '10',
      messages: 4,
      chatters: 3,
      messageCount: 7,
      topChatters: [
        { userId: '3', userLogin: 'ann', messageCount: 3, login: 'ann', messages: 1 },
        { userId: '2', userLogin: 'bob', messageCount: 2, login: 'bob', messages: 2 },
        { userId: '4', userLogin: 'dave', messageCount: 1, login: 'dave', messages: 1 },
      ],
    })
  })

  it('have five chatters, some of them nameless (1.9)', async () => {
    const users = Array.from({ length: 20 }, (_, number) =>
      recordOf({ number, userId: `${100 + (number % 9)}` }),
    )
    hot.append(users)
    const answer = z.object({
      topChatters: z.array(z.object({ userLogin: z.string().nullable(), messageCount: z.int() })),
    })
    for (const path of ['/channelid/10/stats', '/channel/chan/stats']) {
      const { topChatters } = answer.parse(await json(path))
      expect(topChatters.map(({ messageCount }) => messageCount)).toEqual([3, 3, 3, 2, 2])
      expect(topChatters.filter(({ userLogin }) => userLogin === null)).toHaveLength(4)
    }
    expect(await json('/channel/chan/stats?limit=8')).toMatchObject({ topChatters: { length: 8 } })
  })

  it('of a range take both its ends or none (1.9)', async () => {
    const range = 'from=2023-11-14T22:13:25Z&to=2023-11-14T22:13:26Z'
    expect(await json(`/channelid/10/stats?${range}`)).toMatchObject({ messageCount: 2 })
    expect(await json(`/channel/chan/stats?${range}`)).toMatchObject({
      messageCount: 2,
      messages: 2,
    })
    expect(await json('/channelid/10/stats?from=2023-11-14T22:13:26Z')).toMatchObject({
      messageCount: 7,
    })
    expect(await json(`/channel/chan/user/ann/stats?${range}`)).toMatchObject({ messageCount: 0 })
  })

  it.each([
    '/channelid/999/stats',
    '/channel/empty/stats',
    '/channelid/10/stats?from=2&to=1',
    '/channel/chan/stats?from=2&to=1',
  ])('of nothing are zero: %s (1.9)', async (path) => {
    expect(await json(path)).toMatchObject({ messageCount: 0, topChatters: [] })
  })

  it('of a user count the rows (1.9)', async () => {
    for (const path of ['/channel/chan/user/ann/stats', '/channelid/10/userid/3/stats']) {
      expect(await json(path)).toEqual({ userId: '3', userLogin: 'ann', messageCount: 3 })
    }
    expect(await json('/channel/chan/userid/999/stats')).toEqual({
      userId: '999',
      userLogin: null,
      messageCount: 0,
    })
    expect(await json('/channel/chan/user/carol/stats')).toMatchObject({ messageCount: 0 })
  })
})

describe('/namehistory', () => {
  it('has the logins with their first and last time, over all channels (1.9)', async () => {
    const renamed = lineOf({ number: 1, userId: '5', channelId: '10', sentAtMs: 1_600_000_000_123 })
    const banned =
      '@room-id=10;target-user-id=5;tmi-sent-ts=1600000100000 :tmi.twitch.tv CLEARCHAT #chan :user5'
    hot.append([recordOfLine(renamed), recordOfLine(banned)])
    expect(await json('/namehistory/5')).toEqual([
      {
        user_login: 'carol',
        last_timestamp: '2024-03-01T00:01:15.960Z',
        first_timestamp: '2024-03-01T00:01:14.940Z',
      },
      {
        user_login: 'user5',
        last_timestamp: '2020-09-13T12:28:20Z',
        first_timestamp: '2020-09-13T12:26:40.123Z',
      },
    ])
    expect(await json('/namehistory/login:carol')).toMatchObject({ length: 2 })
  })

  it.each(['/namehistory/999', '/namehistory/abc', '/namehistory/login:nobody'])(
    '%s is an empty list (1.9)',
    async (path) => {
      expect(await json(path)).toEqual([])
    },
  )

  it('does not have what is erased (1.9)', async () => {
    hot.erased.set('5', NOW_MS)
    expect(await json('/namehistory/5')).toEqual([])
  })
})

describe('/search', () => {
  it.each([
    ['30/user/carol', 'STILL', 1],
    ['30/user/carol', 'o', 1],
    // What Twitch says in a notice is not what was said.
    ['30/user/carol', 'resubscribed', 0],
    ['10/user/bob', '', 2],
    // The wrapper is part of what was sent.
    ['10/user/bob', 'action', 1],
    // The target of a ban is its text.
    ['10/user/ann', 'ann', 2],
    ['10/user/ann', '@bob', 1],
    ['10/user/ann', 'banned', 0],
  ])('of %s for %s finds %i rows (1.9)', async (of, q, rows) => {
    const path = `/channelid/${of}/search?q=${encodeURIComponent(q)}`
    expect(await texts(path)).toHaveLength(rows)
  })

  it('takes reverse, limit, offset and the formats (1.9)', async () => {
    const path = '/channel/chan/user/ann/search?q=ann'
    expect(await texts(`${path}&reverse&limit=1`)).toMatchObject([
      expect.stringContaining('has been banned'),
    ])
    expect(await texts(`${path}&offset=1`)).toMatchObject([
      expect.stringContaining('has been banned'),
    ])
    expect(await json(`${path}&json`)).toMatchObject({ messages: { length: 2 } })
    expect((await texts(`${path}&raw`))[0]).toBe(MODERATION.timeout)
  })
})

describe('/random', () => {
  it('takes any of the rows, in every format (1.9)', async () => {
    const seen = new Set<string>()
    for (let at = 0; at < 200 && seen.size < 7; at += 1) {
      const rows = await texts('/channel/chan/random?raw')
      expect(rows).toHaveLength(1)
      seen.add(rows[0] ?? '')
    }
    expect(seen).toEqual(new Set(await texts(`${CHAN_DAY}?raw`)))
    expect(await json('/channelid/10/userid/2/random?json=1')).toMatchObject({
      messages: [{ username: 'bob' }],
    })
  })
})

describe('what justlog takes', () => {
  it.each([
    ['/channel/chan?from=1700000005&to=1700000006', 2],
    ['/channel/chan/user/bob?from=1700000005&to=1700000006', 2],
    ['/channel/chan/2023/11/14?type=raw', 7],
    ['/channel/chan?from=2023-11-14T22:13:25+00:00&to=2023-11-14T22:13:26+00:00', 2],
  ])('is taken: %s gives %i rows (1.10)', async (path, rows) => {
    expect(await texts(path)).toHaveLength(rows)
  })

  it('as type=json gives the full message, with an empty systemText (1.10)', async () => {
    expect(await json(`${BIG_DAY}?type=json&limit=1`)).toMatchObject({
      messages: [{ systemText: '', raw: VECTORS[0]?.line }],
    })
  })

  it('in the list: username is the user, upper case is lower case (1.10)', async () => {
    expect(await json('/list?channel=Chan&username=BOB')).toEqual({
      availableLogs: [{ year: '2023', month: '11' }],
    })
  })
})

describe('a link to the page', () => {
  it.each(['/?channel=chan&username=bob', '/?channel=id:10&username=id:2', '/?optout'])(
    '%s is the page, not a route (1.11)',
    async (path) => {
      expect((await get(path)).text).toBe((await get('/')).text)
    },
  )
})

describe('a client', () => {
  it('like best-logs finds channels, the newest day first, and lines that end with a line end (4)', async () => {
    const { channels } = z
      .object({ channels: z.array(z.object({ name: z.string(), userID: z.string() })) })
      .parse(await json('/channels'))
    expect(channels).toHaveLength(2)
    const { availableLogs } = z
      .object({ availableLogs: z.array(z.record(z.string(), z.string())) })
      .parse(await json('/list?channel=chan'))
    const { year, month, day } = availableLogs[0] ?? {}
    const { text } = await get(`/channel/chan/${year}/${month}/${day}?limit=5&raw&reverse`)
    const split = text.split(/\r?\n/)
    expect(split.pop()).toBe('')
    const times = split.map((line) => Number(/tmi-sent-ts=(\d+)(?:;| :)/.exec(line)?.[1]))
    expect(times).toEqual(times.toSorted((left, right) => right - left))
    expect(times).toHaveLength(5)
    const statuses = ['bob', 'carol', 'nobody'].map(
      async (user) => (await get(`/list?channelid=10&user=${user}`)).status,
    )
    expect(await Promise.all(statuses)).toEqual([200, 404, 404])
    const name = z.object({
      user_login: z.string(),
      first_timestamp: z.iso.datetime(),
      last_timestamp: z.iso.datetime(),
    })
    expect(z.array(name).parse(await json('/namehistory/5'))).toHaveLength(1)
  })

  it('like Supibot reads a random message and the lines of a day (4)', async () => {
    const message = z.object({
      text: z.string(),
      displayName: z.string(),
      timestamp: z.iso.datetime(),
      username: z.string(),
    })
    const schema = z.object({ messages: z.array(message).min(1) })
    for (const path of ['/channelid/10/random?json=1', '/channelid/10/userid/2/random?json=1']) {
      expect(schema.parse(await json(path)).messages).toHaveLength(1)
    }
    const { text } = await get('/channelid/30/2024/3/1?reverse=1&limit=50')
    const rows = text.split(/\r?\n/).filter((line) => line !== '')
    for (const row of rows) expect(row).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] #\w+ \w+: .+$/)
    expect(rows).toHaveLength(2)
  })

  it('like the pages of rustlog and justlog shows a month (4)', async () => {
    const path = '/channel/big/user/carol/2024/3'
    const tags = z.object({ color: z.string(), emotes: z.string(), 'room-id': z.string() })
    const basic = {
      text: z.string(),
      displayName: z.string(),
      timestamp: z.string(),
      id: z.string(),
      tags,
    }
    const page = z.object({ messages: z.array(z.object(basic)) })
    const { messages } = page.parse(await json(`${path}?jsonBasic=1&reverse=1`))
    expect(messages.map(({ text }) => text)).toEqual([VECTORS[4]?.rest['text'], 'hello  world'])
    const withSystemText = z.object({ messages: z.array(z.object({ systemText: z.string() })) })
    expect(withSystemText.parse(await json(`${path}?json=1`)).messages).toHaveLength(2)
    expect(await texts(`${path}?reverse`)).toHaveLength(2)
  })

  it('that proxies a path never gets a page (4)', async () => {
    for (const path of [
      '/list?channel=chan',
      '/channel/chan/2020/1/1',
      '/channelid/x',
      '/channel/chan/x',
    ]) {
      expect((await get(path)).header('content-type') ?? '').not.toContain('html')
    }
  })
})

describe('any path and query', () => {
  it('never gets a 5xx, and never hangs (S1)', async () => {
    const api = app()
    const word = fc.oneof(
      fc.constantFrom(
        'channel',
        'channelid',
        'user',
        'userid',
        'chan',
        '10',
        'bob',
        '2',
        '2023',
        '11',
        '14',
        'random',
        'search',
        'stats',
        'list',
        'namehistory',
      ),
      fc.string({ maxLength: 12, unit: 'grapheme' }).map((text) => encodeURIComponent(text)),
    )
    const pair = fc.tuple(
      fc.constantFrom(
        'json',
        'raw',
        'limit',
        'offset',
        'from',
        'to',
        'q',
        'reverse',
        'channel',
        'channelid',
        'user',
        'type',
      ),
      fc.oneof(
        fc.string({ maxLength: 10 }).map((text) => encodeURIComponent(text)),
        fc.nat().map(String),
        fc.constantFrom('', 'chan', '%zz', '2024-03-01T00:00:00Z'),
      ),
    )
    const property = fc.asyncProperty(
      fc.array(word, { maxLength: 7 }),
      fc.array(pair, { maxLength: 4 }),
      async (words, pairs) => {
        const path = `/${words.join('/')}?${pairs.map((each) => each.join('=')).join('&')}`
        const { status } = await api.request(path)
        expect([path, status < 500]).toEqual([path, true])
      },
    )
    await expect(fc.assert(property, { numRuns: 400 })).resolves.toBeUndefined()
  })
})
