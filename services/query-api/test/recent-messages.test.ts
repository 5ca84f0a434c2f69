import { ingestSlotOf } from '@poglog/hot-store'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { World } from './world.ts'

const answerSchema = z.object({
  messages: z.array(z.string()),
  error_code: z.string().nullable(),
})

let world: World

beforeAll(async () => {
  world = await World.open()
  await world.hot.names.learn([{ id: '10', login: 'chan10', seenAtMs: 1 }])
  await world.hot.registry.add(['chan10'])
  await world.hot.registry.setId('chan10', '10')
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

async function recent(path: string, app = world.app()) {
  const response = await app.request(`/api/v2/recent-messages/${path}`)
  expect(response.status).toBe(200)
  return answerSchema.parse(await response.json())
}

async function shown(user: string): Promise<number> {
  const { messages } = await recent('chan10')
  return messages.filter((line) => line.includes(`;user-id=${user};`)).length
}

const receivedOf = (line: string): number => Number(/;rm-received-ts=(\d+)[; ]/.exec(line)?.[1])

/** Chat of two channels, sent just now. */
function chat(first: number, count: number) {
  const sentAtMs = Date.now() - 200
  return Array.from({ length: count }, (_, at) => ({
    number: first + at,
    channelId: String(10 + (at % 2)),
    userId: String(2 + (at % 3)),
    sentAtMs: sentAtMs + (at >> 3),
  }))
}

it('answers the same line for line hot, sealed, compacted and trimmed, and over all of them (2.1)', async () => {
  await world.append(chat(0, 60))
  const hot = await recent('chan10')
  expect(hot.messages).toHaveLength(30)
  await world.sealAll()
  expect(await recent('chan10')).toEqual(hot)
  for (const shard of [0, 1]) {
    await world.compact(shard)
    const { boundaryMs } = await world.hot.state(shard)
    await world.hot.trim(shard, { beforeMs: boundaryMs })
  }
  expect(await recent('chan10')).toEqual(hot)

  await world.append(chat(100, 20))
  const both = await recent('chan10')
  expect(both.messages.slice(0, 30)).toEqual(hot.messages)
  expect(both.messages).toHaveLength(40)
  expect((await recent('chan10?limit=15')).messages).toEqual(both.messages.slice(-15))
  const [fifth = 0, last = 0] = [both.messages[5], both.messages.at(-1)].map((line = '') =>
    receivedOf(line),
  )
  const later = both.messages.filter((line) => receivedOf(line) > fifth && receivedOf(line) < last)
  expect((await recent(`chan10?after=${fifth}&before=${last}`)).messages).toEqual(later)
  const [entry] = (await world.hot.snapshot({ shard: world.hot.shardOf('10'), channelId: '10' }))
    .page.entries
  expect(both.messages.some((line) => receivedOf(line) === entry?.receivedAtMs)).toBe(true)
})

it('shows nothing of who has opted out or is erased, and 403 for a channel that has (2.1, P1)', async () => {
  await world.append(chat(200, 30))
  for (const user of ['2', '3', '4']) expect(await shown(user)).toBeGreaterThan(0)
  await world.hot.erasures.request('2')
  await world.hot.optOuts.set({ kind: 'users', id: '3', isOut: true })
  expect([await shown('2'), await shown('3')]).toEqual([0, 0])
  expect(await shown('4')).toBeGreaterThan(0)
  await world.hot.optOuts.set({ kind: 'channels', id: '10', isOut: true })
  const response = await world.app().request('/api/v2/recent-messages/chan10')
  expect([response.status, await response.text()]).toEqual([
    403,
    '{"status":403,"status_message":"Forbidden","error":"The channel login `chan10` is excluded from this service","error_code":"channel_ignored"}',
  ])
})

it('registers a channel on demand, and says it is joined once a replica has it (2.1)', async () => {
  const app = world.app({
    joinOnDemandMax: 1,
    recentLimits: { answerMsMax: 10_000, joinWaitMsMax: 2000, joinLookMs: 50 },
  })
  const asking = recent('wanted', app)
  await expect.poll(() => world.hot.registry.find('wanted')).toBeDefined()
  const load = { channels: 1, messagesPerSecond: 1, utilisation: 0 }
  const slots = new Map([[ingestSlotOf('wanted'), 'holding' as const]])
  const beat = { replica: 'ingest-0', run: 'r1', weight: 1, isLeaving: false, load, slots }
  await world.hot.replicas.beat({ ...beat, coveredMs: undefined, version: undefined })
  await world.hot.names.learn([{ id: '20', login: 'wanted', seenAtMs: 1 }])
  await world.append([{ number: 400, channelId: '20', sentAtMs: Date.now() }])
  expect(await asking).toMatchObject({ messages: { length: 1 }, error_code: null })
  expect(await recent('another', app)).toEqual({ messages: [], error_code: 'channel_not_joined' })
  expect(await world.hot.registry.find('another')).toBeUndefined()
})
