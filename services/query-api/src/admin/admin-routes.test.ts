import { createLogger } from '@poglog/service-kit'
import { HotStoreError, ingestSlotOf } from '@poglog/hot-store'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AppDeps } from '../app.ts'
import { createEvents } from '../events.ts'
import { fakeApp } from '../testing/fake-app.ts'
import { FakeHot } from '../testing/fake-hot.ts'
import { recordOf } from '../testing/lines.ts'

const KEY = 'a-key-that-nobody-guesses'
const OTHER_KEY = 'another-key-nobody-guesses'
const HEADERS = { 'X-API-Key': KEY }

let hot: FakeHot
let log: string

beforeEach(() => {
  log = ''
  hot = new FakeHot()
  hot.logins.set('10', 'chan10')
  hot.logins.set('2', 'user2')
  hot.registered.add('chan10')
  hot.append([
    recordOf({ number: 1, channelId: '10', userId: '2', sentAtMs: hot.nowMs - 5 }),
    recordOf({ number: 2, channelId: '10', userId: '3', sentAtMs: hot.nowMs - 4 }),
  ])
})

function app(changes: Partial<AppDeps> = {}) {
  const destination = { write: (text: string) => void (log += text) }
  const events = createEvents(createLogger({ name: 'test', level: 'trace', destination }))
  return fakeApp({
    hot,
    events,
    adminKeys: () => [
      { name: 'ann', key: KEY },
      { name: 'bob', key: OTHER_KEY },
    ],
    ...changes,
  })
}

async function ask(
  method: string,
  path: string,
  {
    body,
    headers = HEADERS,
    type = 'application/json',
    on = app(),
  }: {
    body?: string
    headers?: Record<string, string>
    type?: string
    on?: ReturnType<typeof app>
  } = {},
) {
  const init =
    body === undefined ? { headers } : { body, headers: { ...headers, 'content-type': type } }
  const response = await on.request(path, { method, ...init })
  const text = await response.text()
  return {
    status: response.status,
    text,
    headers: response.headers,
    type: response.headers.get('content-type'),
  }
}

const channels = (...ids: string[]): { body: string } => ({
  body: JSON.stringify({ channels: ids }),
})

describe('/admin/channels', () => {
  it('adds by id and by login, with an empty answer, and tells ids without a login', async () => {
    const added = await ask(
      'POST',
      '/admin/channels',
      channels('2', 'Forsen', 'login:123', '999', '10'),
    )
    expect([added.status, added.text]).toEqual([200, ''])
    expect(added.headers.get('x-poglog-unknown-channels')).toBe('999')
    expect([...hot.registered]).toEqual(['chan10', 'user2', 'forsen', '123'])
    const removed = await ask('DELETE', '/admin/channels', channels('10', 'forsen', 'absent'))
    expect([removed.status, removed.text]).toEqual([200, ''])
    expect([...hot.registered]).toEqual(['user2', '123'])
  })

  it('checks key, type, JSON and shape in the order of rustlog, and answers in plain text', async () => {
    const refusals = [
      [{ ...channels('1'), headers: {} }, 403],
      [{ body: '{', headers: { 'x-api-key': 'wrong' }, type: 'text/plain' }, 403],
      [{ body: '{', type: 'text/plain' }, 415],
      [{}, 415],
      [{ body: '{' }, 400],
      [{ body: '' }, 400],
      [{ body: '[]' }, 422],
      [{ body: '{"channels":"1"}' }, 422],
      [{ body: '{"channels":[1]}' }, 422],
      [channels('not a login'), 422],
      [channels('../x'), 422],
      [channels(...Array.from({ length: 1001 }, () => '1')), 422],
    ] as const
    for (const [request, status] of refusals) {
      for (const method of ['POST', 'DELETE']) {
        const answer = await ask(method, '/admin/channels', request)
        expect([request, answer.status]).toEqual([request, status])
        expect(answer.type).toMatch(/^text\/plain; ?charset=utf-8$/i)
        expect(answer.text === "No, I don't think so").toBe(status === 403)
      }
    }
    expect([...hot.registered]).toEqual(['chan10'])
    const closed = await ask('POST', '/admin/channels', {
      ...channels('1'),
      on: app({ adminKeys: () => [] }),
    })
    expect([closed.status, closed.text]).toEqual([403, "No, I don't think so"])
  })

  it('lists what is known of each channel', async () => {
    const slot = ingestSlotOf('chan10')
    hot.live.push(
      { replica: 'a', run: 'r1', coveredMs: 1, slots: new Map([[slot, 'holding']]) },
      { replica: 'b', run: 'r2', coveredMs: 1, slots: new Map([[slot, 'joining']]) },
    )
    hot.rates.set('chan10', 12.5)
    hot.retentionDays.set('10', 30)
    hot.registered.add('new_one')
    hot.optedOut = { users: new Set(), channels: new Set(['10']) }
    const { status, text } = await ask('GET', '/admin/channels')
    const none = { retentionDays: null, replicas: [], messagesPerMinute: null }
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        channels: [
          {
            login: 'chan10',
            channelId: '10',
            addedAt: '1970-01-01T00:00:00Z',
            isOptedOut: true,
            retentionDays: 30,
            replicas: ['a'],
            messagesPerMinute: 12.5,
          },
          {
            login: 'new_one',
            channelId: null,
            addedAt: '1970-01-01T00:00:00Z',
            isOptedOut: false,
            ...none,
          },
        ],
      },
    ])
  })
})

const at = (ms: number): string => new Date(hot.nowMs + ms).toISOString().replace('.000Z', 'Z')

describe('/admin/replicas', () => {
  it('tells of each whether it lives, and how much of the channels it has', async () => {
    hot.registered.add('quiet')
    hot.registered.add('other')
    hot.rates.set('chan10', 12.5)
    hot.rates.set('other', 100)
    const slots = (['chan10', 'quiet'] as const).map((login) => ingestSlotOf(login))
    hot.live.push(
      {
        replica: 'a',
        run: 'r1',
        joinedMs: hot.nowMs - 60_000,
        beatMs: hot.nowMs - 1500,
        coveredMs: hot.nowMs - 2000,
        weight: 2,
        load: { channels: 2, messagesPerSecond: 0.5, utilisation: 0.25 },
        slots: new Map([...slots, 1000].map((slot) => [slot, 'holding'])),
      },
      {
        replica: 'b',
        run: 'r2',
        coveredMs: undefined,
        isLeaving: true,
        slots: new Map([[ingestSlotOf('other'), 'joining']]),
      },
    )
    hot.lost.lostPending = 1
    hot.lost.lostDropped = 3
    const { status, text, headers } = await ask('GET', '/admin/replicas')
    expect(headers.get('cache-control')).toBe('no-store')
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        now: at(0),
        lostPending: 1,
        lostDropped: 3,
        replicas: [
          {
            replica: 'a',
            joinedAt: at(-60_000),
            lastBeatAt: at(-1500),
            coveredUntil: at(-2000),
            isLeaving: false,
            capacity: 2,
            load: { channels: 2, messagesPerSecond: 0.5, utilisation: 0.25 },
            slots: { holding: 3, joining: 0 },
            channels: 2,
            messagesPerMinute: 12.5,
          },
          {
            replica: 'b',
            joinedAt: at(0),
            lastBeatAt: at(0),
            coveredUntil: null,
            isLeaving: true,
            capacity: 1,
            load: { channels: 0, messagesPerSecond: 0, utilisation: 0 },
            slots: { holding: 0, joining: 1 },
            channels: 0,
            messagesPerMinute: 0,
          },
        ],
      },
    ])
  })

  it('is an empty list where none is there, and is for admins only', async () => {
    const { status, text } = await ask('GET', '/admin/replicas')
    expect([status, JSON.parse(text)]).toMatchObject([200, { replicas: [], lostPending: 0 }])
    expect((await ask('GET', '/admin/replicas', { headers: {} })).status).toBe(403)
  })
})

describe('opting out', () => {
  it('gives a code as JSON text, to anybody, never from a cache', async () => {
    const { status, text, type, headers } = await ask('POST', '/optout', { headers: {} })
    expect([status, text, type]).toEqual([200, '"aB3dE"', 'application/json'])
    expect(headers.get('cache-control')).toBe('no-store')
    hot.optOuts.issueCode = async () => undefined
    const full = await ask('POST', '/optout', { headers: {} })
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5'])
  })

  it('by an admin hides at once, is listed, and can be undone (P1)', async () => {
    const out = await ask('PUT', '/admin/users/user2/opt-out')
    expect([out.status, JSON.parse(out.text)]).toEqual([
      200,
      { id: '2', isOptedOut: true, isChanged: true },
    ])
    await ask('PUT', '/admin/channels/11/opt-out')
    expect((await ask('GET', '/user/2/logs')).status).toBe(403)
    expect((await ask('GET', '/channel/11/logs')).status).toBe(403)
    expect(JSON.parse((await ask('GET', '/channel/10/logs')).text)).toMatchObject({
      messages: { length: 1, 0: { userId: '3' } },
    })
    const since = new Date(hot.nowMs).toISOString().replace('.000Z', 'Z')
    expect(JSON.parse((await ask('GET', '/admin/opt-outs')).text)).toEqual({
      users: [{ id: '2', login: 'user2', since }],
      channels: [{ id: '11', login: null, since }],
    })
    // Who has opted out can be erased, and let in again, by an admin.
    expect((await ask('DELETE', '/admin/users/user2/data')).status).toBe(202)
    const back = await ask('DELETE', '/admin/users/2/opt-out')
    expect(JSON.parse(back.text)).toEqual({ id: '2', isOptedOut: false, isChanged: true })
    const [first] = (await ask('GET', '/user/2/logs')).text.split('\n')
    expect(first).toContain('"messages":[]')
  })
})

describe('a limit', () => {
  it('of opt-outs or of channels is told to the admin who reaches it', async () => {
    hot.optOuts.set = async () => {
      throw new HotStoreError('invalid', 'more than 100000 users opted out')
    }
    const out = await ask('PUT', '/admin/users/2/opt-out')
    expect([out.status, out.text]).toMatchObject([400, expect.stringContaining('more than 100000')])
    hot.registry.add = async () => {
      throw new HotStoreError('invalid', 'more than 100000 channels')
    }
    const added = await ask('POST', '/admin/channels', channels('forsen'))
    expect([added.status, added.text]).toEqual([
      422,
      'hot store invalid: more than 100000 channels',
    ])
  })
})

describe('what admins do', () => {
  it('is told with the name of the key and what was done, never with a key', async () => {
    const secret = { 'x-api-key': OTHER_KEY }
    await ask('POST', '/admin/channels', { ...channels('forsen', '999'), headers: secret })
    await ask('PUT', '/admin/users/2/opt-out', { headers: secret })
    await ask('DELETE', '/admin/users/2/data')
    await ask('GET', '/admin/opt-outs', { headers: { 'x-api-key': `${KEY}-wrong` } })
    await ask('GET', `/admin/opt-outs?key=${KEY}`)
    const lines = log
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    const done = lines.filter((line) => JSON.stringify(line).includes('admin request done'))
    expect(done).toMatchObject([
      { admin: 'bob', action: 'add-channels', logins: ['forsen'], unknownIds: ['999'] },
      { admin: 'bob', action: 'opt-out-users', subject: '2' },
      { admin: 'ann', action: 'erase-user', subject: '2' },
    ])
    for (const key of [KEY, OTHER_KEY]) expect(log).not.toContain(key)
  })
})

describe('what a user said over all channels', () => {
  const paths = ['/user/2/logs', '/user/2/words?word=a', '/user/user2/stats', '/user//2/logs']

  it.each([
    ['public', 200, 200],
    ['admin', 403, 200],
    ['off', 403, 403],
  ] as const)('is shown to whom the setting %s says', async (policy, forAll, forAdmins) => {
    const on = app({ acrossChannels: policy })
    for (const path of paths) {
      const open = await ask('GET', path, { on, headers: {} })
      expect([path, open.status]).toEqual([path, forAll])
      expect(open.type).toBe(forAll === 403 ? 'application/problem+json' : 'application/json')
      expect((await ask('GET', path, { on, headers: { 'x-api-key': 'wrong' } })).status).toBe(
        forAll,
      )
      expect((await ask('GET', path, { on })).status).toBe(forAdmins)
    }
    expect((await ask('GET', '/channel/10/logs?user=2', { on, headers: {} })).status).toBe(200)
  })

  it('is shown to nobody by the setting admin where there is no key', async () => {
    const on = app({ acrossChannels: 'admin', adminKeys: () => [] })
    expect((await ask('GET', '/user/2/logs', { on })).status).toBe(403)
  })
})
