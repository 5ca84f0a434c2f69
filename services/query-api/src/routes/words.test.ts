import { createFooterCache } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ObjectStore } from '@poglog/object-store'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { createLogger } from '@poglog/service-kit'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '../app.ts'
import type { AppDeps } from '../app.ts'
import { createEvents } from '../events.ts'
import { Gate } from '../gate.ts'
import { COUNT_LIMITS, READ_LIMITS } from '../limits.ts'
import { PageBoundsCache } from '../read/page-bounds.ts'
import { Archive } from '../testing/archive.ts'
import { chatRecord } from '../testing/chat.ts'
import { FakeHot } from '../testing/fake-hot.ts'

const HOUR_MS = 3_600_000
const DAY_MS = Date.UTC(2026, 10, 20)

let hot: FakeHot
let cold: ObjectStore
let number = 0

function said(userId: string, hour: number, text: string): LogRecord {
  return saidIn('10', { userId, hour, text })
}

function saidIn(
  channelId: string,
  { userId, hour, text }: { userId: string; hour: number; text: string },
): LogRecord {
  number += 1
  const sentAtMs = DAY_MS + hour * HOUR_MS + number
  const words = text.split(' ')
  return chatRecord({ channelId, userId, sentAtMs, words, type: 'PRIVMSG' }, number)
}

beforeEach(async () => {
  number = 0
  hot = new FakeHot()
  cold = memoryObjectStore()
  for (const [id, login] of [
    ['10', 'chan10'],
    ['11', 'chan11'],
    ['2', 'user2'],
  ] as const) {
    hot.logins.set(id, login)
  }
  hot.registered.add('chan10')
  const archive = new Archive(cold)
  hot.segments.push(
    ...(await archive.group([said('2', 1, 'Pog Pog hi'), said('3', 1, 'pog'), said('2', 5, 'hi')])),
    ...(await archive.hour([said('3', 25, 'Pog'), said('2', 26, 'POG')])),
  )
  hot.append([said('4', 27, 'Pog'), saidIn('11', { userId: '2', hour: 27, text: 'Pog' })])
})

function app(changes: Partial<AppDeps> = {}) {
  const events = createEvents(createLogger({ name: 'test', level: 'silent' }))
  return createApp({
    hot,
    cold,
    footers: createFooterCache(),
    pageBounds: new PageBoundsCache(),
    limits: READ_LIMITS,
    onEqualKeys: events.equalKeys,
    events,
    gate: new Gate(2),
    ready: { hot: async () => undefined },
    clock: () => DAY_MS + 48 * HOUR_MS,
    ...changes,
  })
}

async function get(path: string, changes?: Partial<AppDeps>): Promise<unknown> {
  const response = await app(changes).request(path)
  return { status: response.status, ...Object(await response.json()) }
}

describe('the count of a word', () => {
  it('is by day when nothing else is asked for', async () => {
    expect(await get('/channel/chan10/words?word=Pog')).toEqual({
      status: 200,
      channelId: '10',
      word: 'Pog',
      match: 'exact',
      total: 4,
      users: 3,
      by: 'day',
      buckets: [
        { from: '2026-11-20T00:00:00Z', count: 2 },
        { from: '2026-11-21T00:00:00Z', count: 2 },
      ],
    })
  })

  it('is by hour, in any case, in a range, of a user', async () => {
    expect(await get('/channel/10/words?word=pOG&match=ci&by=hour')).toMatchObject({
      total: 6,
      users: 3,
      buckets: [
        { from: '2026-11-20T01:00:00Z', count: 3 },
        { from: '2026-11-21T01:00:00Z', count: 1 },
        { from: '2026-11-21T02:00:00Z', count: 1 },
        { from: '2026-11-21T03:00:00Z', count: 1 },
      ],
    })
    const range = 'from=2026-11-20T01:00:00.001Z&to=2026-11-21T02:30:00Z'
    expect(await get(`/channel/10/words?word=pog&match=ci&user=user2&${range}`)).toMatchObject({
      total: 3,
      users: 1,
    })
  })

  it('is by user, with the logins that are known', async () => {
    expect(await get('/channel/10/words?word=pog&match=ci&by=user&limit=2')).toMatchObject({
      total: 6,
      users: 3,
      leaders: [
        { userId: '2', login: 'user2', count: 3 },
        { userId: '3', login: null, count: 2 },
      ],
    })
  })

  it('of a user is over all channels', async () => {
    expect(await get('/user/user2/words?word=Pog')).toEqual({
      status: 200,
      userId: '2',
      word: 'Pog',
      match: 'exact',
      total: 1,
      channelCount: 1,
      channels: [{ channelId: '11', login: 'chan11', count: 1 }],
    })
  })

  it('leaves out who is erased, at once (P1)', async () => {
    hot.erased.set('2', DAY_MS + 26 * HOUR_MS)
    expect(await get('/channel/10/words?word=pog&match=ci&by=user')).toMatchObject({
      total: 4,
      leaders: [
        { userId: '3', count: 2 },
        { userId: '2', count: 1 },
        { userId: '4', count: 1 },
      ],
    })
  })

  it('has no body for HEAD, and may not be kept', async () => {
    const response = await app().request('/channel/10/words?word=Pog', { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })
})

describe('the words said most', () => {
  it('come with the range that was counted', async () => {
    expect(await get('/channel/10/words/top?limit=2')).toEqual({
      status: 200,
      channelId: '10',
      match: 'exact',
      from: '2026-10-23T00:00:00Z',
      to: '2026-11-22T00:00:00Z',
      words: [
        { word: 'Pog', count: 4 },
        { word: 'hi', count: 2 },
      ],
    })
    expect(await get('/channel/10/words/top?match=ci&to=2026-11-21T00:00:00Z')).toMatchObject({
      words: [
        { word: 'pog', count: 3 },
        { word: 'hi', count: 2 },
      ],
    })
  })
})

describe('statistics', () => {
  it('of a channel say how much, when and by whom', async () => {
    const hoursOfDay = Array.from({ length: 24 }, () => 0)
    hoursOfDay.splice(1, 5, 3, 1, 1, 0, 1)
    expect(await get('/channel/10/stats?limit=2')).toEqual({
      status: 200,
      channelId: '10',
      chatters: 3,
      messages: 6,
      firstMessageAt: '2026-11-20T01:00:00.001Z',
      lastMessageAt: '2026-11-21T03:00:00.006Z',
      hoursOfDay,
      busiestHours: [
        { from: '2026-11-20T01:00:00Z', messages: 2 },
        { from: '2026-11-20T05:00:00Z', messages: 1 },
        { from: '2026-11-21T01:00:00Z', messages: 1 },
        { from: '2026-11-21T02:00:00Z', messages: 1 },
        { from: '2026-11-21T03:00:00Z', messages: 1 },
      ],
      messageCount: 6,
      topChatters: [
        { userId: '2', login: 'user2', userLogin: 'user2', messages: 3, messageCount: 3 },
        { userId: '3', login: null, userLogin: null, messages: 2, messageCount: 2 },
      ],
    })
  })

  it('of a user say where', async () => {
    expect(await get('/user/2/stats')).toMatchObject({
      userId: '2',
      messages: 1,
      channelCount: 1,
      firstMessageAt: '2026-11-21T03:00:00.007Z',
      channels: [{ channelId: '11', login: 'chan11', messages: 1 }],
    })
  })

  it('of a range without messages are empty', async () => {
    expect(await get('/channel/10/stats?to=2020-01-01T00:00:00Z')).toMatchObject({
      status: 200,
      messages: 0,
      chatters: 0,
      firstMessageAt: null,
      lastMessageAt: null,
      busiestHours: [],
    })
  })
})

describe('activity', () => {
  it('of a channel is by day when nothing else is asked for, the first day first', async () => {
    expect(await get('/channel/chan10/activity')).toEqual({
      status: 200,
      channelId: '10',
      by: 'day',
      total: 6,
      buckets: [
        { from: '2026-11-20T00:00:00Z', messages: 3 },
        { from: '2026-11-21T00:00:00Z', messages: 3 },
      ],
    })
  })

  it('is by hour, in a range, of a user', async () => {
    const range = 'from=2026-11-20T01:00:00.002Z&to=2026-11-21T03:00:00.006Z'
    expect(await get(`/channel/10/activity?by=hour&${range}`)).toMatchObject({
      total: 4,
      buckets: [
        { from: '2026-11-20T01:00:00Z', messages: 1 },
        { from: '2026-11-20T05:00:00Z', messages: 1 },
        { from: '2026-11-21T01:00:00Z', messages: 1 },
        { from: '2026-11-21T02:00:00Z', messages: 1 },
      ],
    })
    expect(await get('/channel/10/activity?user=user2')).toMatchObject({ total: 3 })
  })

  it('of a user is over all channels, or in one', async () => {
    expect(await get('/user/user2/activity?by=hour')).toEqual({
      status: 200,
      userId: '2',
      by: 'hour',
      total: 1,
      buckets: [{ from: '2026-11-21T03:00:00Z', messages: 1 }],
    })
    expect(await get('/user/2/activity?channel=chan10')).toEqual({
      status: 200,
      userId: '2',
      by: 'day',
      total: 3,
      buckets: [
        { from: '2026-11-20T00:00:00Z', messages: 2 },
        { from: '2026-11-21T00:00:00Z', messages: 1 },
      ],
    })
  })

  it('of who said nothing in the range has no days', async () => {
    const nothing = { status: 200, total: 0, buckets: [] }
    expect(await get('/channel/10/activity?to=2020-01-01T00:00:00Z')).toMatchObject(nothing)
    expect(await get('/user/2/activity?to=2020-01-01T00:00:00Z')).toMatchObject(nothing)
  })

  it('of more hours than an answer holds is a 400 that says what to do', async () => {
    const countLimits = { ...COUNT_LIMITS, periodsMax: 3 }
    expect(await get('/channel/10/activity?by=hour', { countLimits })).toMatchObject({
      status: 400,
      detail: 'the range has more than 3 hours; narrow it',
    })
    expect(await get('/channel/10/activity?by=hour&user=2', { countLimits })).toMatchObject({
      status: 200,
      total: 3,
    })
    expect(await get('/channel/10/activity', { countLimits })).toMatchObject({ status: 200 })
  })

  it('reads no message where counts are kept', async () => {
    const read: string[] = []
    const watched: ObjectStore = {
      ...cold,
      async get(key, options) {
        read.push(key)
        return await cold.get(key, options)
      },
    }
    const range = 'from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z'
    const activity = await get(`/channel/10/activity?${range}`, { cold: watched })
    expect(activity).toMatchObject({ total: 3 })
    expect(read.length).toBeGreaterThan(0)
    expect(read.filter((key) => !key.startsWith('words/'))).toEqual([])
  })
})

describe('a question that cannot be answered', () => {
  it.each([
    ['/channel/10/words', 'word'],
    ['/channel/10/words?word=', 'word'],
    ['/channel/10/words?word=a%20b', 'word'],
    ['/channel/10/words?word=a%C2%A0b', 'word'],
    ['/channel/10/words?word=%E2%80%83', 'word'],
    ['/channel/10/words?word=a%0A', 'word'],
    [`/channel/10/words?word=${'x'.repeat(501)}`, 'word'],
    ['/channel/10/words?word=a&word=b', 'word'],
    ['/channel/10/words?word=a&match=any', 'match'],
    ['/channel/10/words?word=a&by=month', 'by'],
    ['/channel/10/words?word=a&limit=5', 'limit'],
    ['/channel/10/words?word=a&by=user&limit=1001', 'limit'],
    ['/channel/10/words?word=a&by=user&limit=0', 'limit'],
    ['/channel/10/words?word=a&from=6&to=5', 'from'],
    ['/channel/10/words?word=a&q=5', 'q'],
    ['/user/2/words?word=a&by=day', 'by'],
    ['/channel/10/words/top?limit=1e3', 'limit'],
    ['/channel/10/words/top?from=2026-11-23T00:00:00Z', 'from'],
    ['/channel/10/words/top?from=2020-01-01T00:00:00Z', 'from'],
    ['/channel/10/stats?from=x', 'from'],
    ['/user/2/stats?user=2', 'user'],
    ['/channel/10/activity?by=user', 'by'],
    ['/channel/10/activity?by=day&by=hour', 'by'],
    ['/channel/10/activity?from=6&to=5', 'from'],
    ['/channel/10/activity?channel=10', 'channel'],
    ['/channel/10/activity?limit=5', 'limit'],
    ['/user/2/activity?user=2', 'user'],
  ])('%s is a 400 that names %s', async (path, parameter) => {
    expect(await get(path)).toMatchObject({ status: 400, errors: [{ parameter }] })
  })

  it.each([
    '/channel/nobody/words?word=a',
    '/channel/99/words?word=a',
    '/channel/10/words?word=a&user=nobody',
    '/channel/99/words/top',
    '/channel/99/stats',
    '/user/nobody/words?word=a',
    '/user/99/words?word=a',
    '/user/99/stats',
    '/channel/nobody/activity',
    '/channel/99/activity',
    '/channel/10/activity?user=nobody',
    '/user/nobody/activity',
    '/user/99/activity',
    '/user/2/activity?channel=nobody',
    '/user/99/activity?channel=11',
  ])('%s is a 404', async (path) => {
    expect(await get(path)).toMatchObject({ status: 404 })
  })

  it('is a 200 with nothing where a word was never said', async () => {
    expect(await get('/channel/10/words?word=nothing')).toMatchObject({
      status: 200,
      total: 0,
      users: 0,
      buckets: [],
    })
    // Not registered, but it has records.
    expect(await get('/channel/11/words?word=nothing')).toMatchObject({ status: 200, total: 0 })
  })

  it('is a 503 when too many ask, or when it takes too long', async () => {
    expect(await get('/channel/10/stats', { countGate: new Gate(0) })).toMatchObject({
      status: 503,
      detail: 'too many counting queries run at this moment',
    })
    const never: ObjectStore = {
      ...cold,
      get: async (_key, options) =>
        new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => {
            reject(new Error('ended'))
          })
        }),
    }
    const times = { firstByteMsMax: 20, wholeMsMax: 1000 }
    const countGate = new Gate(1)
    for (const path of ['/channel/10/stats', '/channel/10/words/top']) {
      expect(await get(path, { cold: never, times, countGate })).toMatchObject({ status: 503 })
    }
  })
})

describe('any question', () => {
  it('never gets a 5xx, whatever it is (S1)', async () => {
    const api = app()
    const name = fc.constantFrom('word', 'match', 'by', 'from', 'to', 'user', 'limit', '__proto__')
    const value = fc.oneof(
      fc.constantFrom(
        'Pog',
        'ci',
        'user',
        'hour',
        '5',
        '99999999999999999',
        '\0',
        '\ud83d',
        '\ufeff',
      ),
      fc.constantFrom('2026-11-20T01:30:00Z', '1', '0', '8640000000000000', '2026-11-21T02:00:00Z'),
      fc.string({ unit: 'binary' }),
      fc.double().map(String),
    )
    const request = fc.record({
      path: fc.constantFrom(
        '/channel/10/words',
        '/channel/10/words/top',
        '/channel/10/stats',
        '/user/2/words',
        '/user/2/stats',
        '/channel/10/activity',
        '/user/2/activity',
        '/admin/users/2/data',
      ),
      query: fc.array(fc.tuple(name, value), { maxLength: 4 }),
      method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'DELETE'),
    })
    const statuses = new Set<number>()
    const property = fc.asyncProperty(request, async ({ path, query, method }) => {
      const search = query
        .map(([key, text]) => `${key}=${encodeURIComponent(text.toWellFormed())}`)
        .join('&')
      const response = await api.request(`${path}?${search}`, { method })
      await response.text()
      statuses.add(response.status)
      expect([path, search, response.status < 500]).toEqual([path, search, true])
    })
    await fc.assert(property, { numRuns: 150 })
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 403, 405]))
  })
})

describe('a client that leaves', () => {
  it.each([
    '/channel/10/words?word=Pog',
    '/channel/10/words/top',
    '/channel/10/stats',
    '/channel/10/activity',
  ])('ends what %s reads, and lets the next one in', async (path) => {
    const countGate = new Gate(1)
    const leaving = new AbortController()
    let ended = 0
    const slow: ObjectStore = {
      ...cold,
      get: async (_key, options) => {
        setImmediate(() => {
          leaving.abort()
        })
        return new Promise((_, reject) => {
          options?.signal?.addEventListener('abort', () => {
            ended += 1
            reject(new Error('ended'))
          })
        })
      },
    }
    await app({ cold: slow, countGate }).request(path, { signal: leaving.signal })
    expect(ended).toBeGreaterThan(0)
    expect(await get(path, { countGate })).toMatchObject({ status: 200 })
  })
})

describe('the description', () => {
  it('has every route of counting and administration, with what it answers', async () => {
    const described = await get('/openapi.json')
    const answers = { responses: { 200: {}, 400: {}, 404: {}, 503: {} } }
    expect(described).toMatchObject({
      paths: {
        '/channel/{channel}/words': { get: answers },
        '/channel/{channel}/words/top': { get: answers },
        '/channel/{channel}/stats': { get: answers },
        '/user/{user}/words': { get: answers },
        '/user/{user}/stats': { get: answers },
        '/channel/{channel}/activity': { get: answers },
        '/user/{user}/activity': { get: answers },
        '/admin/users/{user}/data': { delete: { responses: { 202: {} } }, get: answers },
        '/admin/channels/{channel}/retention': { put: answers, delete: answers },
        '/admin/retention': { get: {} },
      },
      components: { securitySchemes: { apiKey: { name: 'X-Api-Key' } } },
    })
  })
})
