import { memoryObjectStore } from '@poglog/object-store/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { seal } from '../src/seal/seal.ts'
import { sweep } from '../src/clean/sweep.ts'
import { nextMillisecond } from './support/fault-run.ts'
import { FaultSeam } from './support/fault-seam.ts'
import { depsOf } from './support/run-jobs.ts'
import type { RarePaths } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

const SEAL = { shard: 0, upTo: 'now' } as const
const quiet = new FaultSeam([], () => Promise.resolve())

let world: World
let log: Log
let rare: RarePaths

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

beforeEach(async () => {
  log = await world.fresh(memoryObjectStore())
  rare = new Map()
  await sealSome(log)
})

describe('sweep', () => {
  it('deletes no object that may still be committed (A1)', async () => {
    await log.append(5)
    await nextMillisecond()
    const swept: number[] = []
    const seam = new FaultSeam([], async (effect) => {
      if (effect !== 'hot.commit') return
      await nextMillisecond()
      swept.push(await sweepNow(log))
    })
    const { segments } = await seal(SEAL, depsOf(log, { seam, rare }))
    expect(segments).toBeGreaterThan(0)
    expect(swept).toEqual(swept.map(() => 0))
    await log.check()
  })

  it('deletes an object that lost its number to another one', async () => {
    await orphanOf(log)
    await sealSome(log)
    expect(await log.orphans()).toHaveLength(1)
    expect(await sweepNow(log)).toBe(1)
    await log.check()
  })

  it('waits until it has known an orphan for the grace, and forgets one that is none any more', async () => {
    await orphanOf(log)
    await sealSome(log)
    let nowMs = 0
    const deps = { ...depsOf(log, { seam: quiet, rare }), clock: () => nowMs }
    const suspects = new Map([['by-channel/named-by-now', 0]])
    const request = { graceMs: 1, suspects }
    await nextMillisecond()
    expect(await sweep(request, deps)).toBe(0)
    expect([...suspects.keys()]).toEqual(await log.orphans())
    nowMs = 2
    expect(await sweep(request, deps)).toBe(1)
  })

  it('keeps the segments of a Redis that was lost, and tells (A1)', async () => {
    const kept = (await log.segments()).map(({ key }) => key)
    const orphan = await orphanOf(log)
    await world.raw.flushall()
    const empty = await sweepNow(log)
    expect(empty).toBe(0)

    // Another life of the log, in an hour to come, whose numbers pass those of the first.
    const later = await world.fresh(log.cold)
    const { nowMs } = await later.hot.state(0)
    await later.hot.freeze(0, nowMs + 3_600_000)
    for (let number = 1; number <= 4; number += 1) await sealSome(later)
    expect(await sweepNow(later)).toBe(0)
    expect(await later.orphans()).toEqual(expect.arrayContaining([...kept, orphan]))
    expect(rare.get('foreign object kept')).toBeGreaterThan(0)
    await later.check()
  })

  it('keeps the segments of a Redis lost within the hour, also when numbers pass theirs (A1)', async () => {
    await sealSome(log)
    const kept = (await log.segments()).map(({ key }) => key)
    await world.raw.flushall()
    await sealSome(log)
    expect(await sweepNow(log)).toBe(0)
    for (let number = 2; number <= 5; number += 1) await sealSome(log)
    rare.clear()
    expect(await sweepNow(log)).toBe(0)
    expect((await log.orphans()).toSorted()).toEqual(kept.toSorted())
    expect(rare.get('foreign object kept')).toBe(kept.length)
  })

  it('keeps what was sealed after the backup that Redis was restored from (A1)', async () => {
    const restore = await backUp()
    const named = new Set((await log.segments()).map(({ key }) => key))
    await sealSome(log)
    await sealSome(log)
    const later = (await log.segments()).map(({ key }) => key)
    const kept = later.filter((key) => !named.has(key))
    await restore()
    for (let number = 2; number <= 6; number += 1) await sealSome(log)
    await orphanOf(log)
    await sealSome(log)
    expect(await log.orphans()).toHaveLength(kept.length + 1)
    expect(await sweepNow(log)).toBe(1)
    expect((await log.orphans()).toSorted()).toEqual(kept.toSorted())
    expect(rare.get('foreign object kept')).toBe(kept.length)
  })

  it('keeps an orphan that it cannot read, and tells (A1)', async () => {
    const orphan = await orphanOf(log)
    await sealSome(log)
    const bytes = await log.cold.get(orphan)
    await log.cold.put(
      orphan,
      (bytes ?? new Uint8Array()).map((byte) => byte ^ 1),
    )
    expect(await sweepNow(log)).toBe(0)
    expect(await log.orphans()).toEqual([orphan])
    expect(rare.get('foreign object kept')).toBe(1)
  })

  it('leaves alone what is no segment', async () => {
    await log.cold.put('by-channel/notes.txt', new Uint8Array(3))
    await nextMillisecond()
    expect(await sweepNow(log)).toBe(0)
    expect(await log.cold.size('by-channel/notes.txt')).toBe(3)
  })
})

async function sealSome(of: Log): Promise<void> {
  await of.append(3)
  await nextMillisecond()
  await seal(SEAL, depsOf(of, { seam: quiet, rare }))
}

/** What a sealer leaves that dies after its put. */
async function orphanOf(of: Log): Promise<string> {
  await of.append(3)
  await nextMillisecond()
  const seam = new FaultSeam([{ effect: 'cold.put', nth: 1, kind: 'crash-after' }], () =>
    Promise.resolve(),
  )
  await expect(seal(SEAL, depsOf(of, { seam, rare }))).rejects.toThrow('cold.put')
  const [orphan] = await of.orphans()
  return orphan ?? ''
}

/** Keeps what Redis has now; the function returned brings it back. */
async function backUp(): Promise<() => Promise<void>> {
  const keys = await world.raw.keys('*')
  const dumps = await Promise.all(keys.map((key) => world.raw.dumpBuffer(key)))
  return async () => {
    await world.raw.flushall()
    for (const [at, key] of keys.entries()) await world.raw.restore(key, 0, dumps[at] ?? '')
  }
}

async function sweepNow(of: Log): Promise<number> {
  await nextMillisecond()
  const deps = depsOf(of, { seam: quiet, rare })
  return await sweep({ graceMs: 0, suspects: new Map() }, deps)
}
