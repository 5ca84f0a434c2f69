import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, assert, beforeAll, describe, expect, it } from 'vitest'
import { type HotStore, openHotStore } from '../src/index.ts'
import { type RedisServer, startRedisServer } from '../src/server.ts'
import { appendLine } from '../src/testing.ts'
import { segmentOf, type TestDir, testDir } from './setup.ts'

const CHANNEL = '1'
const RUN_MS = 3000
const BATCH = 20
/** More than is appended while one is read. */
const PAGE = 80

let dir: TestDir
let server: RedisServer
const open: HotStore[] = []

beforeAll(async () => {
  dir = await testDir()
  server = await startRedisServer({ dir: dir.path, appendfsync: 'everysec' })
})

afterAll(async () => {
  for (const hot of open) hot.close()
  await server.stop()
  await dir[Symbol.asyncDispose]()
})

async function store(): Promise<HotStore> {
  const hot = await openHotStore({ url: server.url })
  open.push(hot)
  return hot
}

describe('appenders, sealers, a trim and readers at the same time', () => {
  it('never show a reader a hole or a double (I2, A1, A2, Q1)', async () => {
    const acknowledged: string[] = []
    const objects = new Map<string, readonly string[]>()
    const counts = { reads: 0, seals: 0, stale: 0, trimmed: 0, retries: 0 }
    const endMs = performance.now() + RUN_MS
    const isRunning = (): boolean => performance.now() < endMs

    const appendAll = async (hot: HotStore): Promise<void> => {
      for (let next = 0; isRunning(); next += BATCH) {
        const lines = Array.from({ length: BATCH }, (_, n) =>
          appendLine({ channelId: CHANNEL, raw: `${next + n}` }),
        )
        await hot.append(0, lines)
        acknowledged.push(...lines.map(({ raw }) => raw))
      }
    }
    const sealAll = async (hot: HotStore): Promise<void> => {
      for (let put = 0; isRunning(); put += 1) {
        const frozen = await hot.freeze(0, (await hot.state(0)).nowMs)
        await sleep(Math.random() * 10)
        if (!(await hot.check(frozen))) counts.stale += 1
        const { boundaryMs, cutMs } = frozen
        if (cutMs < boundaryMs) continue
        const range = { shard: 0, channelId: CHANNEL, fromMs: boundaryMs, toMs: cutMs }
        const entries = (await Array.fromAsync(hot.readRange(range))).flat()
        const key = `${frozen.epoch}-${put}`
        objects.set(
          key,
          entries.map(({ raw }) => raw),
        )
        const segment = entries.length === 0 ? undefined : segmentOf(frozen, { key })
        const result = await hot.commit(frozen, { cutMs, segment, records: entries.length })
        if (result === 'committed') counts.seals += 1
        else counts.stale += 1
        await sleep(20 + Math.random() * 60)
      }
    }
    const trimAll = async (hot: HotStore): Promise<void> => {
      while (isRunning()) {
        const { boundaryMs } = await hot.state(0)
        counts.trimmed += (await hot.trim(0, { beforeMs: boundaryMs, sliceEntries: 100 })).removed
      }
    }
    const answerOf = async (hot: HotStore): Promise<string[]> => {
      for (;;) {
        const { segments, page } = await hot.snapshot({
          shard: 0,
          channelId: CHANNEL,
          maxEntries: 50,
        })
        const answer = segments.flatMap(({ key }) => objects.get(key) ?? [])
        let at: typeof page | 'retry' = page
        for (;;) {
          answer.push(...at.entries.map(({ raw }) => raw))
          // To the end: arrivals of appends that come faster than milliseconds are ahead of the clock.
          if (at.nextId === undefined) return answer
          const next = { shard: 0, channelId: CHANNEL, afterId: at.nextId, maxEntries: PAGE }
          at = await hot.readPage(next)
          if (at === 'retry') break
        }
        counts.retries += 1
      }
    }
    const readAll = async (hot: HotStore): Promise<void> => {
      while (isRunning()) {
        const must = acknowledged.slice()
        const answer = await answerOf(hot)
        const answered = new Set(answer)
        assert.equal(answer.length, answered.size, 'a record twice')
        assert.deepEqual(
          must.filter((raw) => !answered.has(raw)),
          [],
          'records missing',
        )
        counts.reads += 1
      }
    }

    const jobs = [appendAll, appendAll, sealAll, sealAll, trimAll, readAll, readAll]
    await Promise.all(jobs.map(async (job) => job(await store())))

    const hot = await store()
    const answer = await answerOf(hot)
    expect(answer.toSorted()).toEqual([...new Set(acknowledged)].toSorted())
    expect(Object.entries(counts).filter(([, times]) => times === 0)).toEqual([])
  })
})
