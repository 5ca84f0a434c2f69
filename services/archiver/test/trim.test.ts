import { HotStoreError } from '@poglog/hot-store'
import { SegmentError, recordFromLine } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compact } from '../src/compact/compact.ts'
import { DAY_MS, periodStart } from '../src/period.ts'
import { RecordSpool } from '../src/import/record-spool.ts'
import { rewrite } from '../src/privacy/rewrite.ts'
import { seal } from '../src/seal/seal.ts'
import { storeDay } from '../src/import/store-day.ts'
import { trim } from '../src/seal/trim.ts'
import { nextMillisecond } from './support/fault-run.ts'
import { FaultSeam } from './support/fault-seam.ts'
import { depsOf } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

const PAST = Date.UTC(2020, 1, 3)
const TRIM = { shard: 0, graceMs: 0 } as const
const seam = new FaultSeam([], () => Promise.resolve())

let world: World
let log: Log

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

beforeEach(async () => {
  log = await world.fresh(memoryObjectStore())
  for (let appended = 0; appended < 12; appended += 1) {
    await log.append(1)
    await nextMillisecond()
  }
  await seal({ shard: 0, upTo: 'now' }, depsOf(log, { seam, rare: new Map() }))
  await nextMillisecond()
})

describe('trim', () => {
  it('finishes one that failed between two slices', async () => {
    await interruptedTrim()
    expect(await hotEntries()).toBe(4)
    expect(await trimNow()).toBe(4)
    expect(await hotEntries()).toBe(0)
    await log.check()
  })

  it('finishes none when an object has gone since, of any segment it may concern (A1)', async () => {
    const segments = await log.segments()
    expect(segments.length).toBeGreaterThan(1)
    for (const { key } of segments) {
      await interruptedTrim()
      const bytes = (await log.cold.get(key)) ?? new Uint8Array()
      await log.cold.deleteMany([key])
      await expect(trimNow()).rejects.toThrow(SegmentError)
      expect(await hotEntries()).toBe(4)
      await log.cold.put(key, bytes)
    }
  })

  it('goes on while days of long ago are imported, or written anew for an erasure', async () => {
    const graceMs = await pass300Ms()
    // Never trimmed before: an import may be a log's very beginning.
    await importPast()
    expect(await trimNow(graceMs)).toBe(12)
    await log.sealPast(PAST, { records: 3 })
    await log.append(3)
    await nextMillisecond()
    await seal({ shard: 0, upTo: 'now' }, depsOf(log, { seam, rare: new Map() }))
    await pass300Ms()
    const entry = (await log.segments()).find(({ arrivalFromMs }) => arrivalFromMs === PAST)
    await rewrite({ shard: 0, entry: entry ?? fail() }, depsOf(log, { seam, rare: new Map() }))
    expect(await trimNow(graceMs)).toBe(3)
    expect(await hotEntries()).toBe(0)
  })

  it('keeps what was sealed within the grace, and what was compacted since', async () => {
    expect(await trimNow(60_000)).toBe(0)
    expect(await hotEntries()).toBe(12)
    const { nowMs } = await log.hot.state(0)
    const dayMs = periodStart(nowMs, DAY_MS)
    await compact({ shard: 0, dayMs }, depsOf(log, { seam, rare: new Map() }))
    expect(await trimNow(60_000)).toBe(0)
    expect(await hotEntries()).toBe(12)
    expect(await trimNow(await pass300Ms())).toBe(12)
    await log.check()
  })

  it('removes nothing more where nothing is left', async () => {
    expect(await trimNow()).toBe(12)
    expect(await trimNow()).toBe(0)
    await log.check()
  })
})

/** A trim that has said how far it goes, and failed at one of the channels. */
async function interruptedTrim(): Promise<void> {
  const [stream] = await world.raw.keys('*:hot:22')
  if (stream === undefined) throw new Error('channel 22 holds nothing')
  await world.raw.rename(stream, 'aside')
  await world.raw.set(stream, 'no stream')
  await expect(trimNow()).rejects.toThrow(HotStoreError)
  await world.raw.rename('aside', stream)
}

async function trimNow(graceMs = 0): Promise<number> {
  return await trim({ ...TRIM, graceMs }, depsOf(log, { seam, rare: new Map() }))
}

/** A grace that what was sealed until now has behind it. */
async function pass300Ms(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 300))
  return 250
}

async function importPast(): Promise<void> {
  const deps = depsOf(log, { seam, rare: new Map() })
  const raw = `@id=4f0c7f9e-1111-4000-8000-000000000000;room-id=11;tmi-sent-ts=${PAST - DAY_MS};user-id=7 :u!u@u.tmi.twitch.tv PRIVMSG #c11 :old`
  const record = recordFromLine(raw, { receivedAtMs: PAST - DAY_MS }) ?? fail()
  await using records = new RecordSpool(deps.workDir)
  await records.add([record])
  await storeDay(
    { shard: 0, dayMs: PAST - DAY_MS, records, recentFromMs: 1e14 },
    { ...deps, hot: log.hot },
  )
}

function fail(): never {
  throw new Error('there is none')
}

async function hotEntries(): Promise<number> {
  const streams = await world.raw.keys('*:hot:*')
  const lengths = await Promise.all(streams.map((stream) => world.raw.xlen(stream)))
  return lengths.reduce((sum, length) => sum + length, 0)
}
