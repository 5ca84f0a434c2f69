import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRecord } from '@poglog/log-format'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { READ_LIMITS } from '../src/limits.ts'
import type { ReadLimits } from '../src/limits.ts'
import { pagedLines, rawLines } from './model.ts'
import { World } from './world.ts'

const CHANNEL = '10'
const USERS = 3
const PLAY_MS = 6000
/** Small enough to meet every bound, large enough to outrun trims that grant no grace. */
const MEDIUM_LIMITS: ReadLimits = {
  firstPageEntries: 20,
  pageEntries: 100,
  keptEntries: 200,
  roundRecords: 300,
  openRunsMax: 3,
  openChannelsMax: 2,
}

let world: World

function all(): boolean {
  return true
}

beforeAll(async () => {
  world = await World.open({ shards: 1 })
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

it('holds what was acknowledged before, once and in order, while seals and trims go on (Q1, Q3)', async () => {
  const acknowledged: LogRecord[] = []
  const sent = new Set<string>()
  const stop = new AbortController()
  let number = 0
  const write = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const lines = Array.from({ length: 20 }, () => {
        number += 1
        // Sent times that arrive out of order, now and then by far.
        const lateMs = number % 17 === 0 ? 2000 : number % 5
        return {
          number,
          channelId: CHANNEL,
          userId: String(number % USERS),
          sentAtMs: Date.now() - lateMs,
        }
      })
      const records = await world.append(lines)
      acknowledged.push(...records)
      await sleep(3)
    }
  }
  const archive = async (): Promise<{ seals: number }> => {
    let seals = 0
    while (!stop.signal.aborted) {
      // Half of it stays hot, so that every answer is of both.
      if ((await world.seal(0, 20)) !== undefined) seals += 1
      await sleep(20)
      if (seals % 2 === 0) await world.trim(0)
    }
    return { seals }
  }
  const read = async (
    ask: () => Promise<string[]>,
    wanted: (record: LogRecord) => boolean,
  ): Promise<number> => {
    let answers = 0
    while (!stop.signal.aborted) {
      const must = acknowledged.filter(wanted).map(({ raw }) => raw)
      const lines = await ask()
      const distinct = new Set(lines)
      expect(distinct.size, 'nothing is in it twice').toBe(lines.length)
      expect(
        must.filter((line) => !distinct.has(line)),
        'nothing acknowledged is missing',
      ).toEqual([])
      for (const line of lines) sent.add(line)
      answers += 1
    }
    return answers
  }
  const small = world.app({ limits: MEDIUM_LIMITS })
  const usual = world.app({ limits: READ_LIMITS })
  const writing = write()
  const archiving = archive()
  const readers = [
    read(() => rawLines(usual, `/channel/${CHANNEL}/logs?order=asc`), all),
    read(() => rawLines(usual, `/channel/${CHANNEL}/logs?order=desc`), all),
    read(
      () => rawLines(usual, `/user/1/logs?order=asc`),
      ({ userId }) => userId === '1',
    ),
    read(() => pagedLines(usual, `/channel/${CHANNEL}/logs?order=asc`, { limit: 500 }), all),
    read(
      () => rawLines(small, `/channel/${CHANNEL}/logs?order=asc&user=2&q=message 1`),
      ({ userId, raw }) => userId === '2' && raw.includes('message 1'),
    ),
  ]
  const answering = Promise.all(readers)
  await Promise.race([sleep(PLAY_MS), answering, archiving]).finally(() => {
    stop.abort()
  })
  const [answers, { seals }] = await Promise.all([answering, archiving, writing])
  const written = new Set(acknowledged.map(({ raw }) => raw))
  expect(
    [...sent].filter((line) => !written.has(line)),
    'nothing is invented',
  ).toEqual([])
  expect(Math.min(...answers)).toBeGreaterThan(0)
  expect(seals).toBeGreaterThan(2)
  expect(world.equalKeys).toBe(0)
  const end = await rawLines(usual, `/channel/${CHANNEL}/logs?order=asc`)
  expect(new Set(end)).toEqual(written)
})
