import { ingestSlotOf } from '@poglog/hot-store'
import { recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { createLogger } from '@poglog/service-kit'
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AppDeps } from '../app.ts'
import { createEvents } from '../events.ts'
import { Gate } from '../gate.ts'
import { RECEIVED_APART_MS_MAX, RECENT_MESSAGES_MAX } from '../limits.ts'
import { fakeApp } from '../testing/fake-app.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf, uuidOf } from '../testing/lines.ts'
import { storeSegment } from '../testing/segments.ts'

const PATH = '/api/v2/recent-messages/chan10'
const NOT_JOINED =
  'The bot is currently not joined to this channel (in progress or failed previously)'
const bodySchema = z.strictObject({
  messages: z.array(z.string()),
  error: z.string().nullable(),
  error_code: z.string().nullable(),
})

let hot: FakeHot

beforeEach(() => {
  hot = new FakeHot()
  hot.logins.set('10', 'chan10')
  hot.registered.add('chan10')
  hold('chan10')
})

/** Lets a replica have joined everything in a login's slot. */
function hold(login: string, holding: 'holding' | 'joining' = 'holding', beatMs = hot.nowMs): void {
  hot.live.push({
    replica: 'one',
    run: 'a',
    coveredMs: undefined,
    beatMs,
    slots: new Map([[ingestSlotOf(login), holding]]),
  })
}

function app(changes: Partial<AppDeps> = {}) {
  return fakeApp({
    hot,
    recentLimits: { answerMsMax: 10_000, joinWaitMsMax: 60, joinLookMs: 5 },
    ...changes,
  })
}

async function ask(path = PATH, changes: Partial<AppDeps> = {}) {
  const response = await app(changes).request(path)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.status).toBe(200)
  const body = await response.text()
  expect(body).toMatch(/^\{"messages":\[.*\],"error":.*,"error_code":.*\}$/s)
  return bodySchema.parse(JSON.parse(body))
}

async function countedAsk() {
  const { messages, ...rest } = await ask()
  return { count: messages.length, ...rest }
}

async function failure(path: string, init?: RequestInit, changes: Partial<AppDeps> = {}) {
  const response = await app(changes).request(path, init)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  return { status: response.status, body: await response.text(), headers: response.headers }
}

/** The body of a failure, its keys in the reference's order. */
function failureBody([status, words]: readonly [number, string], error: string, code: string) {
  return `{"status":${status},"status_message":"${words}","error":${JSON.stringify(error)},"error_code":"${code}"}`
}

/** Says lines of chat, each sent `lateMs` before it arrives. */
function say(count: number, { lateMs = 40, first = 0 } = {}): void {
  for (let number = first; number < first + count; number += 1) {
    hot.append([recordOf({ number, sentAtMs: hot.nextArrivalMs - lateMs })])
  }
}

const numberOf = (line: string): number => Number(/ :message (\d+)$/.exec(line)?.[1])
const receivedOf = (line: string): number => Number(/;rm-received-ts=(\d+)[; ]/.exec(line)?.[1])
const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)

describe('GET /api/v2/recent-messages/:login (2.1)', () => {
  it('answers lines oldest first, with null for error and error_code', async () => {
    say(3)
    const { messages, error, error_code } = await ask()
    expect(messages.map(numberOf)).toEqual([0, 1, 2])
    expect({ error, error_code }).toEqual({ error: null, error_code: null })
    const [entry] = hot.entries
    expect(receivedOf(messages[0] ?? '')).toBe(entry?.receivedAtMs)
    expect(messages[0]).toContain(';user-id=2;historical=1;rm-received-ts=')
  })

  it.each(['/recent-messages/chan10', '/rm/chan10', '/api/v2/recent-messages/chan10/'])(
    'answers the same at %s',
    async (path) => {
      say(3)
      expect(await ask(path)).toEqual(await ask())
      expect((await failure(path.replace('chan10', 'CHAN'))).body).toContain(
        'invalid_channel_login',
      )
    },
  )

  it(`gives ${RECENT_MESSAGES_MAX} lines at most, the newest, also when more are asked for`, async () => {
    say(RECENT_MESSAGES_MAX + 7)
    const newest = upTo(7, RECENT_MESSAGES_MAX + 7)
    for (const query of ['', '?limit=100000', '?limit=18446744073709551615']) {
      expect((await ask(`${PATH}${query}`)).messages.map(numberOf)).toEqual(newest)
    }
  })

  it.each([
    [0, []],
    [1, [9]],
    [4, [6, 7, 8, 9]],
    [10, upTo(0, 10)],
    [11, upTo(0, 10)],
  ])('gives the newest with limit=%i', async (limit, numbers) => {
    say(10)
    const { messages } = await ask(`${PATH}?limit=${limit}`)
    expect(messages.map(numberOf)).toEqual(numbers)
  })

  it('takes before and after strictly, of receive time, all together', async () => {
    say(10)
    const times = (await ask()).messages.map(receivedOf)
    const between = async (query: string): Promise<number[]> =>
      (await ask(`${PATH}?${query}`)).messages.map(numberOf)
    expect(await between(`before=${times[4]}`)).toEqual(upTo(0, 4))
    expect(await between(`after=${times[4]}`)).toEqual(upTo(5, 10))
    expect(await between(`after=${times[2]}&before=${times[7]}`)).toEqual(upTo(3, 7))
    expect(await between(`after=${times[2]}&before=${times[7]}&limit=2`)).toEqual([5, 6])
    expect(await between(`after=${times[7]}&before=${times[2]}`)).toEqual([])
    expect(await between('before=0')).toEqual([])
    expect(await between('after=99999999999999999999')).toEqual([])
    expect(await between('before=99999999999999999999&limit=1')).toEqual([9])
  })

  it.each([
    ['hide_moderation_messages', 'hideModerationMessages', [1, 2]],
    ['hide_moderated_messages', 'hideModeratedMessages', [2, Number.NaN]],
  ])('takes %s by its alias %s', async (name, alias, numbers) => {
    const sentAtMs = hot.nextArrivalMs
    hot.append([
      recordOf({ number: 1, userId: '3', sentAtMs }),
      recordOf({ number: 2, sentAtMs }),
      recordOf({ number: 600, userId: '3', sentAtMs, type: 'CLEARCHAT' }),
    ])
    for (const parameter of [name, alias]) {
      expect((await ask(`${PATH}?${parameter}=true`)).messages.map(numberOf)).toEqual(numbers)
      expect((await ask(`${PATH}?${parameter}=false`)).messages).toHaveLength(3)
    }
  })

  it('takes clearchat_to_notice by its alias clearchatToNotice', async () => {
    const number = 600
    hot.append([recordOf({ number, sentAtMs: hot.nextArrivalMs, type: 'CLEARCHAT' })])
    for (const parameter of ['clearchat_to_notice', 'clearchatToNotice']) {
      expect((await ask(`${PATH}?${parameter}=true`)).messages[0]).toMatch(
        / NOTICE #chan10 :user2 has been timed out for 20m\.$/,
      )
    }
  })

  it('lets lines count against the limit that it then leaves out, and marks only within the window', async () => {
    const sentAtMs = hot.nextArrivalMs
    hot.append([recordOf({ number: 1, userId: '3', sentAtMs })])
    hot.append([recordOf({ number: 600, userId: '3', sentAtMs: sentAtMs + 1, type: 'CLEARCHAT' })])
    say(2)
    const query = 'hide_moderation_messages=true'
    expect((await ask(`${PATH}?limit=3&${query}`)).messages.map(numberOf)).toEqual([0, 1])
    const { messages } = await ask(`${PATH}?limit=4&${query}`)
    expect(messages.map(numberOf)).toEqual([1, 0, 1])
    expect(messages[0]).toContain(';rm-deleted=1 ')
  })

  it('stores and shows NOTICE and ROOMSTATE, and none of our own records', async () => {
    const receivedAtMs = hot.nextArrivalMs
    const lines = [
      '@emote-only=0;room-id=10 :tmi.twitch.tv ROOMSTATE #chan10',
      '@msg-id=slow_on :tmi.twitch.tv NOTICE #chan10 :slow',
      ':poglog PRESENCE #chan10 :joined',
      ':poglog GAP #chan10 :lost',
    ]
    hot.append(
      lines.flatMap((raw, at): LogRecord[] => {
        const context = { channelId: '10', receivedAtMs: receivedAtMs + at }
        const record = recordFromLine(raw, context)
        return record === undefined ? [] : [record]
      }),
    )
    const { messages } = await ask()
    expect(messages.map((line) => / (ROOMSTATE|NOTICE) /.exec(line)?.[1])).toEqual([
      'ROOMSTATE',
      'NOTICE',
    ])
  })

  it('answers HEAD as GET, and preflights for any origin', async () => {
    const head = await app().request(PATH, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const preflight = await app().request(PATH, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://chat.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    })
    expect(preflight.ok).toBe(true)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization')
  })
})

describe('receive time (2.1)', () => {
  it('is the arrival of a line, or when it was sent where it came late', async () => {
    say(1, { lateMs: RECEIVED_APART_MS_MAX })
    say(1, { lateMs: RECEIVED_APART_MS_MAX + 1, first: 1 })
    say(1, { lateMs: -RECEIVED_APART_MS_MAX, first: 2 })
    const [arrivedMs = 0] = hot.entries.map(({ receivedAtMs }) => receivedAtMs)
    const { messages } = await ask()
    expect(messages.map((line) => [numberOf(line), receivedOf(line) - arrivedMs])).toEqual([
      // Sent long before it arrived: it is shown where it belongs.
      [1, -RECEIVED_APART_MS_MAX],
      [0, 0],
      [2, 2],
    ])
  })

  it('is what another service said that received the line for us', async () => {
    const sentAtMs = 1_700_000_000_000
    const restored = (id: number, receivedMs: number): LogRecord => {
      const raw = `@historical=1;id=${uuidOf(id)};rm-received-ts=${receivedMs};room-id=10;tmi-sent-ts=${sentAtMs};user-id=2 :user2!user2@user2 PRIVMSG #chan10 :message ${id}`
      const record = recordFromLine(raw, { receivedAtMs: 0 })
      if (record === undefined) throw new Error('no record')
      return record
    }
    hot.append([restored(1, sentAtMs + 5), restored(2, 4), restored(3, sentAtMs + 1)])
    say(1)
    const { messages } = await ask()
    expect(messages.map(numberOf)).toEqual([2, 3, 1, 0])
    expect(messages.slice(0, 3).map(receivedOf)).toEqual([sentAtMs, sentAtMs + 1, sentAtMs + 5])
  })

  it('decides which lines are the newest, whatever order they were sent in', async () => {
    // Sent the later the earlier it arrived: sent times alone would pick the wrong ones.
    for (let number = 0; number < 20; number += 1) {
      const sentAtMs = hot.nextArrivalMs - 1000 - number * 100
      hot.append([recordOf({ number, sentAtMs })])
    }
    expect((await ask(`${PATH}?limit=5`)).messages.map(numberOf)).toEqual(upTo(15, 20))
    const before = receivedOf((await ask(`${PATH}?limit=5`)).messages[0] ?? '')
    expect((await ask(`${PATH}?limit=5&before=${before}`)).messages.map(numberOf)).toEqual(
      upTo(10, 15),
    )
  })
})

describe('what is hot and what is cold (2.1)', () => {
  it('is answered as one, and a page of both is exact', async () => {
    const cold = memoryObjectStore()
    const cut = hot.nextArrivalMs
    const old = upTo(0, 30).map((number) => {
      const receivedAtMs = cut - 3_600_000 + number * 1000
      return recordOf({ number, sentAtMs: receivedAtMs - 50 }, receivedAtMs)
    })
    const place = {
      shard: 0,
      shards: 1,
      number: 1,
      projection: 'by-channel',
      level: 'hour',
    } as const
    const arrival = { arrivalFromMs: cut - 3_600_000, arrivalToMs: cut }
    hot.segments.push(await storeSegment(old, { ...place, ...arrival }, cold))
    hot.boundaryMs = cut
    say(10, { first: 30 })
    expect((await ask(PATH, { cold })).messages.map(numberOf)).toEqual(upTo(0, 40))
    const { messages } = await ask(`${PATH}?limit=15`, { cold })
    expect(messages.map(numberOf)).toEqual(upTo(25, 40))
    expect(receivedOf(messages[0] ?? '')).toBe(old[25]?.receivedAtMs)
  })
})

describe('what is hidden (2.1)', () => {
  it('is not shown and does not count: erased, kept no longer, of who has opted out', async () => {
    say(3)
    hot.append([recordOf({ number: 7, userId: '3', sentAtMs: hot.nextArrivalMs })])
    hot.append([recordOf({ number: 8, userId: '4', sentAtMs: hot.nextArrivalMs })])
    hot.erased.set('3', hot.nowMs)
    hot.optedOut = { users: new Set(['4']), channels: new Set() }
    expect((await ask(`${PATH}?limit=2`)).messages.map(numberOf)).toEqual([1, 2])
    say(1, { lateMs: 86_400_000 * 3, first: 9 })
    expect((await ask()).messages.map(numberOf)).toEqual([9, 0, 1, 2])
    hot.retentionDays.set('10', 2)
    expect((await ask()).messages.map(numberOf)).toEqual([0, 1, 2])
  })

  it('is the whole channel where it has opted out: 403 channel_ignored', async () => {
    say(3)
    hot.optedOut = { users: new Set(), channels: new Set(['10']) }
    const text = 'The channel login `chan10` is excluded from this service'
    expect(await failure(PATH)).toMatchObject({
      status: 403,
      body: failureBody([403, 'Forbidden'], text, 'channel_ignored'),
    })
  })
})

describe('channel_not_joined (2.1)', () => {
  const notJoined = { error: NOT_JOINED, error_code: 'channel_not_joined' }

  it('comes with an empty list for a channel that nobody knows', async () => {
    expect(await ask(PATH.replace('chan10', 'nobody'))).toEqual({ messages: [], ...notJoined })
    expect(hot.registered.has('nobody')).toBe(false)
  })

  it('comes with the messages that are there while no replica holds the channel', async () => {
    say(2)
    hot.live.length = 0
    expect(await countedAsk()).toEqual({ count: 2, ...notJoined })
    hold('chan10', 'joining')
    expect(await countedAsk()).toEqual({ count: 2, ...notJoined })
    hold('chan10', 'holding', hot.nowMs - 10_000)
    expect(await countedAsk()).toEqual({ count: 2, ...notJoined })
    hold('chan10')
    expect(await countedAsk()).toEqual({ count: 2, error: null, error_code: null })
    hot.registered.delete('chan10')
    expect(await countedAsk()).toEqual({ count: 2, ...notJoined })
  })

  it('asks for the replicas once in a second, not at every request', async () => {
    let asked = 0
    const { replicas } = hot
    hot.replicas = {
      ...replicas,
      list: async () => {
        asked += 1
        return await replicas.list()
      },
    }
    const one = app()
    for (let request = 0; request < 5; request += 1) await one.request(PATH)
    expect(asked).toBe(1)
  })
})

describe('JOIN_ON_DEMAND (2.1)', () => {
  const path = PATH.replace('chan10', 'wanted')

  beforeEach(() => {
    hold('wanted')
  })

  it('registers a channel that is asked for, and says it is joined once anything of it arrives', async () => {
    hot.registrationMs = hot.nextArrivalMs
    const { replicas } = hot
    hot.replicas = {
      ...replicas,
      list: async () => ({ ...(await replicas.list()), nowMs: hot.registrationMs + 1 }),
    }
    const recentLimits = { answerMsMax: 10_000, joinWaitMsMax: 5000, joinLookMs: 5 }
    hold('wanted', 'holding', hot.registrationMs)
    const asking = ask(path, { joinOnDemandMax: 1, recentLimits })
    await expect.poll(() => hot.registered.has('wanted')).toBe(true)
    hot.logins.set('11', 'wanted')
    const sentAtMs = hot.nextArrivalMs
    hot.append([recordOf({ number: 1, channelId: '11', sentAtMs })])
    expect(await asking).toMatchObject({ messages: { length: 1 }, error: null })
    expect(hot.accesses).toEqual(['wanted'])
  })

  it('says it is not joined after the wait, and not whether it ever will be', async () => {
    const startedMs = performance.now()
    hot.registrationMs = hot.nowMs
    expect(await ask(path, { joinOnDemandMax: 1 })).toMatchObject({
      messages: [],
      error_code: 'channel_not_joined',
    })
    expect(performance.now() - startedMs).toBeGreaterThan(55)
    expect(hot.accesses).toEqual([])
  })

  it('waits for nothing when the channel was registered long ago', async () => {
    hot.registered.add('wanted')
    hot.asked.add('wanted')
    hot.registrationMs = hot.nowMs - 60_000
    const recentLimits = { answerMsMax: 20_000, joinWaitMsMax: 10_000, joinLookMs: 10_000 }
    const startedMs = performance.now()
    await ask(path, { joinOnDemandMax: 1, recentLimits })
    expect(performance.now() - startedMs).toBeLessThan(5000)
  })

  it('registers no more than it may, and counts that', async () => {
    const events = createEvents(createLogger({ name: 'test', level: 'silent' }))
    const full = app({ joinOnDemandMax: 1, events })
    await full.request(path)
    await full.request(PATH.replace('chan10', 'another'))
    expect([...hot.registered]).toEqual(['chan10', 'wanted'])
    expect(await events.registry.metrics()).toContain('joins_on_demand_refused_total 1')
  })

  it('notes an access once, only of a joined channel, and not at all where it is off', async () => {
    await ask(PATH)
    expect(hot.accesses).toEqual([])
    const one = app({ joinOnDemandMax: 1 })
    for (let request = 0; request < 3; request += 1) await one.request(PATH)
    expect(hot.accesses).toEqual(['chan10'])
  })

  it('registers no channel that has opted out', async () => {
    hot.logins.set('11', 'wanted')
    hot.optedOut = { users: new Set(), channels: new Set(['11']) }
    expect(await failure(path, undefined, { joinOnDemandMax: 1 })).toMatchObject({ status: 403 })
    expect(hot.registered.has('wanted')).toBe(false)
  })
})

describe('failures (2.1)', () => {
  it.each([
    ['Chan', 'Invalid login name `Chan`: Invalid character `C` encountered at position `0`'],
    ['a-b', 'Invalid login name `a-b`: Invalid character `-` encountered at position `1`'],
    ['a%C3%A9', 'Invalid login name `aé`: Invalid character `é` encountered at position `1`'],
    ['a%2Fb', 'Invalid login name `a/b`: Invalid character `/` encountered at position `1`'],
    ['😂a', 'Invalid login name `😂a`: Invalid character `😂` encountered at position `0`'],
    ['a'.repeat(26), 'Login name exceeds maximum length of 25 characters'],
  ])('answers invalid_channel_login for %s', async (login, text) => {
    expect(await failure(`/api/v2/recent-messages/${login}`)).toMatchObject({
      status: 400,
      body: failureBody(
        [400, 'Bad Request'],
        `Invalid channel login: ${text}`,
        'invalid_channel_login',
      ),
    })
  })

  it.each([
    'limit=',
    'limit=-1',
    'limit=1.5',
    'limit=x',
    'limit=1&limit=1',
    'before=-1',
    'before=now',
    'after=1e3',
    'after=',
    'after=1&after=2',
    'hide_moderation_messages=1',
    'hide_moderation_messages',
    'hide_moderated_messages=TRUE',
    'hide_moderated_messages=',
    'clearchat_to_notice=yes',
    'clearchat_to_notice=true&clearchatToNotice=true',
    'hideModerationMessages=true&hideModerationMessages=true',
  ])('answers invalid_query for %s', async (query) => {
    expect(await failure(`${PATH}?${query}`)).toMatchObject({
      status: 400,
      body: failureBody(
        [400, 'Bad Request'],
        'Invalid or missing query parameters',
        'invalid_query',
      ),
    })
  })

  it('lets be what it does not know', async () => {
    say(1)
    expect((await ask(`${PATH}?rm_only=true&rm_only=1&x&limit=%2B1`)).messages).toHaveLength(1)
  })

  it('answers invalid_path for a path that is no text', async () => {
    expect(await failure('/api/v2/recent-messages/a%FF')).toMatchObject({
      status: 400,
      body: failureBody([400, 'Bad Request'], 'Invalid or missing path parameters', 'invalid_path'),
    })
  })

  it.each([
    ['GET', '/api/v2'],
    ['GET', '/api/v2/recent-messages'],
    ['GET', '/api/v2/recent-messages/chan10/more'],
    ['POST', '/api/v2/nothing'],
    // No accounts, so none of the routes that belong to one (2.2).
    ['POST', '/api/v2/auth/create?code=x'],
    ['POST', '/api/v2/auth/extend'],
    ['POST', '/api/v2/auth/revoke'],
    ['GET', '/api/v2/ignored'],
    ['POST', '/api/v2/ignored'],
    ['POST', '/api/v2/purge'],
  ])('answers not_found for %s %s', async (method, path) => {
    expect(await failure(path, { method })).toMatchObject({
      status: 404,
      body: failureBody([404, 'Not Found'], 'Not Found', 'not_found'),
    })
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])(
    'answers method_not_allowed for %s',
    async (method) => {
      const { status, body, headers } = await failure(PATH, { method })
      expect({ status, body }).toEqual({
        status: 405,
        body: failureBody([405, 'Method Not Allowed'], 'Method Not Allowed', 'method_not_allowed'),
      })
      expect(headers.get('allow')).toBe('GET, HEAD')
    },
  )

  it('answers request_timeout when the time is up, whatever it waits for', async () => {
    say(1)
    const recentLimits = { answerMsMax: 30, joinWaitMsMax: 5, joinLookMs: 5 }
    const timeOut = {
      status: 408,
      body: failureBody([408, 'Request Timeout'], 'Request Timeout', 'request_timeout'),
    }
    const { promise: never } = Promise.withResolvers<never>()
    const slow = Object.assign(hot, { snapshot: () => never })
    expect(await failure(PATH, undefined, { recentLimits, hot: slow })).toMatchObject(timeOut)
    hot.replicas = { ...hot.replicas, list: () => never }
    expect(await failure(PATH, undefined, { recentLimits })).toMatchObject(timeOut)
  })

  it('answers internal_server_error for what it did not expect, and tells nobody more', async () => {
    say(1)
    const broken = Object.assign(hot, {
      snapshot: () => Promise.reject(new Error('secret')),
    })
    expect(await failure(PATH, undefined, { hot: broken })).toMatchObject({
      status: 500,
      body: failureBody(
        [500, 'Internal Server Error'],
        'Internal Server Error',
        'internal_server_error',
      ),
    })
  })

  it('asks to come again while too many queries run', async () => {
    say(1)
    const { status, body, headers } = await failure(PATH, undefined, { gate: new Gate(0) })
    expect({ status, body }).toEqual({
      status: 503,
      body: failureBody([503, 'Service Unavailable'], 'Service Unavailable', 'service_unavailable'),
    })
    expect(headers.get('retry-after')).toBe('5')
  })
})
