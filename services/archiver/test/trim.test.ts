import { HotStoreError } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { seal } from '../src/seal.ts'
import { trim } from '../src/trim.ts'
import { nextMillisecond } from './support/fault-run.ts'
import { FaultSeam } from './support/fault-seam.ts'
import { depsOf } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

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

async function trimNow(): Promise<number> {
  return await trim(TRIM, depsOf(log, { seam, rare: new Map() }))
}

async function hotEntries(): Promise<number> {
  const streams = await world.raw.keys('*:hot:*')
  const lengths = await Promise.all(streams.map((stream) => world.raw.xlen(stream)))
  return lengths.reduce((sum, length) => sum + length, 0)
}
