import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seal } from '../src/seal/seal.ts'
import { seededLog, settle } from './support/fault-run.ts'
import { FaultSeam } from './support/fault-seam.ts'
import { depsOf, runJobs } from './support/run-jobs.ts'
import type { RarePaths } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

/** Where the second archiver is stopped while the first one ends. */
const STEPS = ['hot.check', 'hot.manifest', 'cold.put', 'cold.get', 'hot.commit', 'hot.trim']
const RARE_PATHS = ['check', 'commit', 'trim'].map((step) => `refused at ${step}`)
RARE_PATHS.push('orphan swept', 'trimmed')

let world: World
const rare: RarePaths = new Map()

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

describe('two archivers at once', () => {
  it('keep every record exactly once when one sleeps anywhere and the other does all the work (A2, Q1)', async () => {
    const effects = await undisturbedEffects()
    expect(effects).toBeGreaterThan(25)
    for (let at = 1; at <= effects; at += 1) {
      const log = await seededLog(world, rare)
      await archive(log, {
        beforeEffect: at,
        async doThis() {
          await log.append(2)
          await archive(log)
          await log.check()
        },
      })
      await settle(log, rare)
    }
  }, 120_000)

  it('keep every record exactly once when both are stopped half-way and go on in turn (A2, Q1)', async () => {
    const effects = await undisturbedEffects()
    let stopped = 0
    for (let at = 1; at <= effects; at += 3) {
      for (const step of STEPS) {
        const log = await seededLog(world, rare)
        const gate = Promise.withResolvers<void>()
        const reached = Promise.withResolvers<'reached'>()
        let second: Promise<void> | undefined
        await archive(log, {
          beforeEffect: at,
          async doThis() {
            await log.append(2)
            second = archive(log, {
              beforeStep: step,
              doThis: () => {
                reached.resolve('reached')
                return gate.promise
              },
            })
            const how = await Promise.race([second, reached.promise])
            if (how === 'reached') stopped += 1
            await log.check()
          },
        })
        await log.check()
        gate.resolve()
        await second
        await log.check()
        await settle(log, rare)
      }
    }
    expect(stopped).toBeGreaterThan(40)
  }, 300_000)

  it('lose nothing when a failover undoes a commit (A1)', async () => {
    const log = await seededLog(world, rare)
    const backup = await stateOf(world)
    const sealed = await log.hot.manifest(0)
    await archive(log, { beforeStep: 'hot.trim', doThis: () => restore(world, backup) })
    await log.check()
    expect(await log.hot.manifest(0)).toEqual(sealed)
    expect((await log.orphans()).length).toBeGreaterThan(0)
    await settle(log, rare)
  })

  it('stop before anything is written when a failover undoes the freeze (A1)', async () => {
    const log = await seededLog(world, rare)
    const backup = await stateOf(world)
    const objects = await count(log.cold.list(''))
    const seam = new FaultSeam([], async (effect) => {
      if (effect === 'hot.check') await restore(world, backup)
    })
    const result = await seal({ shard: 0, upTo: 'now' }, depsOf(log, { seam, rare }))
    expect(result).toMatchObject({ refused: true, segments: 0 })
    expect(await count(log.cold.list(''))).toBe(objects)
    await settle(log, rare)
  })

  it('took every rare path at least once', () => {
    expect(RARE_PATHS.filter((path) => !rare.has(path))).toEqual([])
  })
})

interface Interruption {
  /** Before the effect of this number, from 1 ... */
  readonly beforeEffect?: number
  /** ... or before the first effect of this name ... */
  readonly beforeStep?: string
  readonly doThis: () => Promise<void>
}

/** One archiver doing seal, trim and sweep. */
async function archive(log: Log, interruption?: Interruption): Promise<void> {
  let effects = 0
  let isDone = false
  const seam = new FaultSeam([], async (effect) => {
    effects += 1
    const isHere = effects === interruption?.beforeEffect || effect === interruption?.beforeStep
    if (!isHere || isDone) return
    isDone = true
    await interruption.doThis()
  })
  await runJobs(depsOf(log, { seam, rare }), { seam, rare })
}

async function undisturbedEffects(): Promise<number> {
  const log = await seededLog(world, rare)
  const seam = new FaultSeam([], () => Promise.resolve())
  await runJobs(depsOf(log, { seam, rare }), { seam, rare })
  return seam.effects.length
}

/** The shard's state and manifest as a replica might have had them; streams are older than both. */
async function stateOf({ raw }: World): Promise<Map<string, Buffer>> {
  const backup = new Map<string, Buffer>()
  for (const key of await raw.keys('{s00}:*')) {
    if (!/:(state|segments)$/.test(key)) continue
    const dump = await raw.dumpBuffer(key)
    assert.ok(dump !== null)
    backup.set(key, dump)
  }
  assert.equal(backup.size, 2)
  return backup
}

async function restore({ raw }: World, backup: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [key, dump] of backup) await raw.restore(key, 0, dump, 'REPLACE')
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let total = 0
  for await (const _ of items) total += 1
  return total
}
