import { memoryObjectStore } from '@poglog/object-store/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ArchiveDeps } from '../src/deps.ts'
import { HOUR_MS, periodStart } from '../src/period.ts'
import { seal } from '../src/seal/seal.ts'
import { trim } from '../src/seal/trim.ts'
import { FaultSeam } from './support/fault-seam.ts'
import { depsOf } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

let world: World
let log: Log
let deps: ArchiveDeps
let hourMs: number

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

beforeEach(async () => {
  log = await world.fresh(memoryObjectStore())
  const seam = new FaultSeam([], () => Promise.resolve())
  deps = depsOf(log, { seam, rare: new Map() })
  hourMs = periodStart((await log.hot.state(0)).nowMs, HOUR_MS) + HOUR_MS
})

describe('a backlog of hours', () => {
  it('becomes one segment for each hour that has records (A1)', async () => {
    await appendAt(hourMs + 10, 3)
    await appendAt(hourMs + HOUR_MS - 1, 3)
    await appendAt(hourMs + 3 * HOUR_MS, 3)
    await appendAt(hourMs + 7 * HOUR_MS + 5, 3)
    const limits = { ...deps.limits, recordsMax: 1000 }
    const result = await seal({ shard: 0, upTo: 'now' }, { ...deps, limits })

    expect(result).toMatchObject({ segments: 3, records: 12 })
    expect((await log.segments()).map(rangeOf)).toEqual([
      [0, 1],
      [3, 4],
      [7, 7 + 6 / HOUR_MS],
    ])
    await log.check()
  })

  it('moves over hours without records in one step and writes nothing', async () => {
    await log.hot.freeze(0, hourMs + 9 * HOUR_MS)
    const result = await seal({ shard: 0, upTo: 'now' }, deps)
    expect(result).toMatchObject({ segments: 0, boundaryMs: hourMs + 9 * HOUR_MS + 1 })
    expect((await log.hot.state(0)).generation).toBe(1)
  })

  it('is cut into segments of about the most records they may hold', async () => {
    for (let at = 0; at < 40; at += 1) await appendAt(hourMs + at, 1)
    const result = await seal({ shard: 0, upTo: 'now' }, deps)
    expect(result.records).toBe(40)
    const sizes = (await log.segments()).map(({ records }) => records)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 * deps.limits.recordsMax)
    expect(sizes.length).toBeLessThanOrEqual(40 / (deps.limits.recordsMax / 2))
    await log.check()
  })

  it('is sealed and trimmed while the clock of Redis is behind', async () => {
    await appendAt(hourMs + 5, 8)
    expect((await log.hot.state(0)).nowMs).toBeLessThan(hourMs)
    expect(await seal({ shard: 0, upTo: 'now' }, deps)).toMatchObject({ records: 8 })
    await log.append(3)
    await log.check()
    expect(await seal({ shard: 0, upTo: 'now' }, deps)).toMatchObject({ records: 3 })
    await log.check()
  })

  it('leaves the running hour alone when it is sealed by the period', async () => {
    await log.append(5)
    expect(await seal({ shard: 0, upTo: 'period' }, deps)).toMatchObject({
      segments: 0,
      boundaryMs: hourMs - HOUR_MS,
    })
    expect((await log.hot.state(0)).hotRecords).toBe(5)
  })
})

describe('trim', () => {
  it('keeps in Redis what segments have had for less than the grace', async () => {
    await log.append(5)
    await new Promise((resolve) => setTimeout(resolve, 2))
    await seal({ shard: 0, upTo: 'now' }, deps)
    expect(await trim({ shard: 0, graceMs: 60_000 }, deps)).toBe(0)
    expect(await trim({ shard: 0, graceMs: 0 }, deps)).toBe(5)
    await log.check()
  })

  it('removes nothing from Redis whose object is gone or has another size (A1)', async () => {
    await log.append(5)
    await new Promise((resolve) => setTimeout(resolve, 2))
    await seal({ shard: 0, upTo: 'now' }, deps)
    const [segment] = await log.segments()
    const key = segment?.key ?? ''
    const body = await log.cold.get(key)
    await log.cold.delete(key)
    await expect(trim({ shard: 0, graceMs: 0 }, deps)).rejects.toMatchObject({ kind: 'missing' })
    await log.cold.put(key, body?.slice(1) ?? new Uint8Array())
    await expect(trim({ shard: 0, graceMs: 0 }, deps)).rejects.toMatchObject({ kind: 'corrupt' })
    expect((await log.hot.state(0)).trimmedMs).toBe(0)

    await log.cold.put(key, body ?? new Uint8Array())
    expect(await trim({ shard: 0, graceMs: 0 }, deps)).toBe(5)
    await log.check()
  })
})

/** Appends records that arrive at a time to come: no append lands before the floor. */
async function appendAt(arrivalMs: number, records: number): Promise<void> {
  await log.hot.freeze(0, arrivalMs)
  await log.append(records)
}

/** Where a segment's arrivals lie, in hours from the first one of the test. */
function rangeOf(segment: { arrivalFromMs: number; arrivalToMs: number }): number[] {
  return [segment.arrivalFromMs, segment.arrivalToMs].map((ms) => (ms - hourMs) / HOUR_MS)
}
