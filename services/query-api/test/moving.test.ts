import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRecord } from '@poglog/log-format'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { READ_LIMITS } from '../src/limits.ts'
import type { ReadLimits } from '../src/limits.ts'
import { pagedLines, rawLines } from './model.ts'
import { World } from './world.ts'

const CHANNEL = '10'
const OTHER_CHANNEL = '11'
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

function inChannel({ channelId }: LogRecord): boolean {
  return channelId === CHANNEL
}

// Anew for every try: numbers of lines begin anew too.
beforeEach(async () => {
  world = await World.open({ shards: 1 })
})
afterEach(async () => {
  await world[Symbol.asyncDispose]()
})

it('holds what was acknowledged before, once and in order, while all is sealed, compacted, folded and trimmed (Q1, Q3)', async () => {
  const acknowledged: LogRecord[] = []
  const sent = new Set<string>()
  const stop = new AbortController()
  const enough = Promise.withResolvers<void>()
  let number = 0
  const write = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const lines = Array.from({ length: 10 }, () => {
        number += 1
        // Sent times that arrive out of order, now and then by far.
        const lateMs = number % 17 === 0 ? 2000 : number % 5
        return {
          number,
          channelId: number % 4 === 3 ? OTHER_CHANNEL : CHANNEL,
          userId: String(number % USERS),
          sentAtMs: Date.now() - lateMs,
        }
      })
      const records = await world.append(lines)
      acknowledged.push(...records)
      await sleep(8)
    }
  }
  const archive = async (): Promise<{ seals: number; compactions: number; folds: number }> => {
    let [seals, compactions, folds] = [0, 0, 0]
    for (let round = 1; !stop.signal.aborted; round += 1) {
      // Half of it stays hot, so that every answer is of both.
      if ((await world.seal(0, 20)) !== undefined) seals += 1
      await sleep(20)
      if (round % 2 === 0) await world.trim(0)
      if (round % 2 === 0 && (await world.compact(0))) compactions += 1
      if (round % 4 === 0 && (await world.fold())) folds += 1
      // A slow machine gets to everything as well.
      if (folds === 2) enough.resolve()
    }
    return { seals, compactions, folds }
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
    read(() => rawLines(usual, `/channel/${CHANNEL}/logs?order=asc`), inChannel),
    read(() => rawLines(usual, `/channel/${CHANNEL}/logs?order=desc`), inChannel),
    read(
      () => rawLines(usual, `/user/1/logs?order=asc`),
      ({ userId }) => userId === '1',
    ),
    read(() => pagedLines(usual, `/channel/${CHANNEL}/logs?order=asc`, { limit: 500 }), inChannel),
    read(
      () => rawLines(small, `/channel/${CHANNEL}/logs?order=asc&user=2&q=message 1`),
      (record) => inChannel(record) && record.userId === '2' && record.raw.includes('message 1'),
    ),
    read(
      () => rawLines(small, `/user/2/logs?order=desc`),
      ({ userId }) => userId === '2',
    ),
    read(
      () => pagedLines(usual, `/user/0/logs?order=asc`, { limit: 300 }),
      ({ userId }) => userId === '0',
    ),
  ]
  const answering = Promise.all(readers)
  const played = Promise.all([sleep(PLAY_MS), enough.promise])
  await Promise.race([played, answering, archiving, writing]).finally(() => {
    stop.abort()
  })
  const [answers, { seals, compactions, folds }] = await Promise.all([
    answering,
    archiving,
    writing,
  ])
  const written = new Set(acknowledged.map(({ raw }) => raw))
  expect(
    [...sent].filter((line) => !written.has(line)),
    'nothing is invented',
  ).toEqual([])
  expect(Math.min(...answers)).toBeGreaterThan(0)
  expect(seals).toBeGreaterThan(2)
  expect(compactions).toBeGreaterThan(1)
  expect(folds).toBeGreaterThan(0)
  expect(world.equalKeys).toBe(0)
  const ends = await Promise.all(
    Array.from({ length: USERS }, (_, user) => rawLines(usual, `/user/${user}/logs?order=asc`)),
  )
  expect(new Set(ends.flat())).toEqual(written)
})
