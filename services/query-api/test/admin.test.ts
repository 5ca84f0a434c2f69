import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer } from '../src/server.ts'
import type { ApiServer } from '../src/server.ts'
import { World } from './world.ts'

const KEY = 'a-key-that-nobody-guesses'
const HEADERS = { 'x-api-key': KEY }
const DAY_MS = 86_400_000
/** Three days ago: erasure and retention go by the clock. */
const START_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS

let world: World
let server: ApiServer

beforeEach(async () => {
  world = await World.open({ shards: 2 })
  server = await startServer(world.app({ adminKeys: () => [{ name: 'ann', key: KEY }] }), {
    port: 0,
    host: '127.0.0.1',
  })
  // Some in a segment, some hot.
  await world.append(
    Array.from({ length: 6 }, (_, number) => ({
      number,
      userId: String(2 + (number % 2)),
      sentAtMs: START_MS + number * 60_000,
      text: 'Pog',
    })),
  )
  await world.sealAll()
  await world.append([
    { number: 10, userId: '2', sentAtMs: START_MS + 10 * 60_000, text: 'Pog' },
    { number: 11, userId: '3', sentAtMs: START_MS + 11 * 60_000, text: 'Pog' },
  ])
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

async function ask(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}${path}`, init)
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

describe('erasing a user', () => {
  it('takes him out of every answer at once, and nobody else (P1)', async () => {
    expect((await ask('/channel/10/words?word=Pog')).body).toMatchObject({ total: 8, users: 2 })
    const asked = await ask('/admin/users/2/data', { method: 'DELETE', headers: HEADERS })
    expect(asked).toMatchObject({ status: 202, body: { userId: '2', state: 'pending' } })

    const count = (await ask('/channel/10/words?word=Pog&by=user')).body
    expect(count).toMatchObject({ total: 4, users: 1, leaders: [{ userId: '3', count: 4 }] })
    expect((await ask('/channel/10/words/top')).body).toMatchObject({
      words: [{ word: 'Pog', count: 4 }],
    })
    expect((await ask('/channel/10/stats')).body).toMatchObject({ messages: 4, chatters: 1 })
    expect((await ask('/channel/10/logs')).body).toMatchObject({ messages: { length: 4 } })
    for (const path of ['/user/2/words?word=Pog', '/user/2/stats', '/user/2/logs']) {
      expect(await ask(path)).toMatchObject({ status: 404 })
    }
    expect((await ask('/user/3/stats')).body).toMatchObject({ messages: 4 })
    expect((await ask('/channel/10/words?word=Pog&user=2')).status).toBe(404)
  })

  it('shows how far it has come, with the report of who does it', async () => {
    expect((await ask('/admin/users/2/data', { headers: HEADERS })).status).toBe(404)
    await ask('/admin/users/2/data', { method: 'DELETE', headers: HEADERS })
    const [pending] = await world.hot.erasures.pending()
    if (pending === undefined) throw new Error('nothing is pending')
    const report = JSON.stringify({ segments: ['by-channel/x'] })
    await world.hot.erasures.update({ ...pending, state: 'done', report })
    expect(await ask('/admin/users/2/data', { headers: HEADERS })).toMatchObject({
      status: 200,
      body: { state: 'done', report: { segments: ['by-channel/x'] } },
    })
  })

  it('does not touch what is said afterwards', async () => {
    await ask('/admin/users/2/data', { method: 'DELETE', headers: HEADERS })
    const sentAtMs = Date.now() + 1000
    await world.append([{ number: 20, userId: '2', sentAtMs, text: 'Pog' }])
    expect((await ask('/user/2/words?word=Pog')).body).toMatchObject({ total: 1 })
    expect((await ask('/channel/10/words?word=Pog')).body).toMatchObject({ total: 5, users: 2 })
  })
})

describe("a channel's retention", () => {
  it('hides what is older at once, until it is ended (P1)', async () => {
    const recentMs = Date.now() - DAY_MS / 2
    await world.append([{ number: 30, userId: '2', sentAtMs: recentMs, text: 'Pog' }])
    const path = '/admin/channels/10/retention'
    const set = await ask(path, {
      method: 'PUT',
      headers: { ...HEADERS, 'content-type': 'application/json' },
      body: JSON.stringify({ days: 1 }),
    })
    expect(set).toEqual({ status: 200, body: { channelId: '10', days: 1 } })
    expect((await ask('/channel/10/words?word=Pog')).body).toMatchObject({ total: 1 })
    expect((await ask('/channel/10/stats')).body).toMatchObject({ messages: 1 })
    expect((await ask('/admin/retention', { headers: HEADERS })).body).toMatchObject({
      channels: [{ channelId: '10', days: 1 }],
    })
    await ask(path, { method: 'DELETE', headers: HEADERS })
    expect((await ask('/channel/10/words?word=Pog')).body).toMatchObject({ total: 9 })
  })

  it('of a channel whose id is no number is a 400', async () => {
    const answer = await ask(`/admin/channels/${'9'.repeat(30)}/retention`, {
      method: 'DELETE',
      headers: HEADERS,
    })
    expect(answer.status).toBe(400)
  })
})
