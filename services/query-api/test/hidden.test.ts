import { afterAll, beforeAll, expect, it } from 'vitest'
import { rawLines } from './model.ts'
import { World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await World.open()
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

/** Records of two users in two channels, sent in the last minutes. */
function linesFrom(first: number, sentAtMs: number) {
  return Array.from({ length: 20 }, (_, at) => ({
    number: first + at,
    channelId: String(10 + (at % 2)),
    userId: String(2 + (at % 3)),
    sentAtMs: sentAtMs + at,
  }))
}

it('shows nothing of an erased user from the request on, hot, sealed, compacted or folded (P1)', async () => {
  const sentAtMs = Date.now() - 600_000
  await world.append(linesFrom(0, sentAtMs))
  await world.sealAll()
  for (const shard of [0, 1]) await world.compact(shard)
  await world.fold()
  await world.append(linesFrom(100, sentAtMs + 100))
  await world.sealAll()
  await world.compact(0)
  await world.append(linesFrom(200, sentAtMs + 200))
  const app = world.app()
  const ofUser = await rawLines(app, '/user/3/logs?order=asc')
  expect(ofUser).toHaveLength(21)
  const inChannel = await rawLines(app, '/channel/10/logs?order=asc')

  await world.hot.erasures.request('3')

  expect(await rawLines(app, '/user/3/logs?order=asc')).toEqual([])
  expect(await rawLines(app, '/channel/11/logs?order=asc&user=3')).toEqual([])
  const others = inChannel.filter((line) => !line.includes('user-id=3'))
  expect(others.length).toBeLessThan(inChannel.length)
  expect(await rawLines(app, '/channel/10/logs?order=asc')).toEqual(others)
  const [later = ''] = (
    await world.append([
      { ...linesFrom(300, 0)[0], number: 300, userId: '3', sentAtMs: Date.now() + 1000 },
    ])
  ).map(({ raw }) => raw)
  expect(await rawLines(app, '/user/3/logs?order=asc')).toEqual([later])
})

it('cuts off what a channel keeps no longer (P1)', async () => {
  const old = Date.now() - 3 * 86_400_000
  await world.append([
    { number: 900, channelId: '77', userId: '8', sentAtMs: old },
    { number: 901, channelId: '77', userId: '8', sentAtMs: old + 2 * 86_400_000 },
    { number: 902, channelId: '78', userId: '8', sentAtMs: old },
  ])
  const app = world.app()
  expect(await rawLines(app, '/user/8/logs?order=asc')).toHaveLength(3)
  await world.hot.retention.set('77', 2)
  expect(await rawLines(app, '/user/8/logs?order=asc')).toHaveLength(2)
  expect(await rawLines(app, '/channel/77/logs?order=asc')).toHaveLength(1)
  expect(await rawLines(app, '/channel/78/logs?order=asc')).toHaveLength(1)
})
