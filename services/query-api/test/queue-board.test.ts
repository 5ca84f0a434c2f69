import { QUEUE_NAMES, QUEUE_PREFIX, connectQueue } from '@poglog/hot-store/queue'
import { Queue } from 'bullmq'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openQueueBoard } from '../src/admin/queue-board.ts'
import type { QueryApp } from '../src/app-types.ts'
import { World } from './world.ts'

const KEY = 'a-key-that-nobody-guesses'
const WITH_KEY = { authorization: `Basic ${btoa(`anybody:${KEY}`)}` }

const opened = new AsyncDisposableStack()
let app: QueryApp
let world: World

beforeAll(async () => {
  world = opened.use(await World.open())
  const board = opened.use(openQueueBoard(world.redis.url, () => undefined))
  app = world.app({ adminKeys: () => [{ name: 'ann', key: KEY }], queueBoard: board.app })
  // As the archiver adds them.
  const connection = connectQueue(world.redis.url, 'adding')
  opened.defer(() => {
    connection.disconnect()
  })
  const queue = new Queue(QUEUE_NAMES.takesLong, { connection, prefix: QUEUE_PREFIX })
  await queue.waitUntilReady()
  await queue.add('compact', { kind: 'compact', shard: 3, dayMs: 0 })
})
afterAll(async () => {
  await opened.disposeAsync()
})

it('shows the queues of the archiver to a browser that gives a key as password', async () => {
  const page = await app.request('/admin/queues', { headers: WITH_KEY })
  const html = await page.text()
  expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect(html).toContain('<base href="/admin/queues/" />')
  const script = /<script defer src="(static\/js\/main[^"]+)"/.exec(html)?.[1] ?? ''
  const asset = await app.request(`/admin/queues/${script}`, { headers: WITH_KEY })
  expect([asset.status, asset.headers.get('content-type')]).toMatchObject([
    200,
    expect.stringContaining('javascript'),
  ])
  const queues = await app.request('/admin/queues/api/queues', { headers: WITH_KEY })
  expect(await queues.json()).toMatchObject({
    queues: [
      { name: 'seal', readOnlyMode: true, counts: { waiting: 0 } },
      { name: 'archive', readOnlyMode: true, counts: { waiting: 1 } },
    ],
  })
  const one = await app.request('/admin/queues/queue/archive', { headers: WITH_KEY })
  expect(one.status).toBe(200)
})

it('takes everything from its own server', async () => {
  const page = await app.request('/admin/queues', { headers: WITH_KEY })
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'self'")
  expect(policy).not.toMatch(/https?:/)
})

it('is closed without a key, and says how to give one', async () => {
  const wrong = [
    {},
    { authorization: `Basic ${btoa('anybody:wrong')}` },
    { authorization: `Basic ${btoa(KEY)}` },
    { authorization: `Bearer ${KEY}` },
    { authorization: 'Basic %%%' },
    { 'x-api-key': 'wrong' },
  ]
  const paths = [
    '/admin/queues',
    '/admin/queues/',
    '/admin//queues/api/queues',
    '/admin/queues/static/js/x',
  ]
  for (const path of paths) {
    for (const headers of wrong) {
      const answer = await app.request(path, { headers })
      expect([path, headers, answer.status]).toEqual([path, headers, 401])
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
    }
  }
  // A password opens nothing else: a browser would send it along with requests of other pages.
  for (const path of ['/admin/channels', '/admin/queuesx', '/admin/opt-outs']) {
    expect((await app.request(path, { headers: WITH_KEY })).status).toBe(403)
  }
  const closed = world.app({ adminKeys: () => [] })
  expect((await closed.request('/admin/queues', { headers: WITH_KEY })).status).toBe(403)
})

it('only shows: nothing can be paused, removed or added', async () => {
  const changes = [
    ['PUT', '/api/queues/pause'],
    ['PUT', '/api/queues/archive/pause'],
    ['PATCH', '/api/queues/archive/1/priority'],
    ['PUT', '/api/queues/archive/empty'],
    ['PUT', '/api/queues/archive/obliterate'],
    ['POST', '/api/queues/archive/add'],
    ['PUT', '/api/queues/archive/1/clean'],
  ] as const
  for (const [method, path] of changes) {
    const headers = { ...WITH_KEY, 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'x', data: {}, options: {} })
    const answer = await app.request(`/admin/queues${path}`, { method, headers, body })
    expect([path, answer.status]).toEqual([path, 405])
  }
  const queues = await app.request('/admin/queues/api/queues', { headers: WITH_KEY })
  expect(await queues.json()).toMatchObject({
    queues: [{}, { name: 'archive', isPaused: false, counts: { waiting: 1 } }],
  })
})
