import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compact } from '../src/compact/compact.ts'
import {
  FIRST_DAY,
  checkAll,
  runArchive,
  seededArchive,
  settleArchive,
} from './support/archive-run.ts'
import { FaultSeam } from './support/fault-seam.ts'
import { depsOf } from './support/run-jobs.ts'
import type { RarePaths } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

/** Where the first archiver falls asleep: before each call of these. */
const STEPS = [
  'hot.reserve',
  'hot.erased',
  'cold.put',
  'hot.swap',
  'hot.expireUserSets',
  'hot.dropAbsorbed',
  'hot.forgetRemoved',
  'cold.deleteMany',
  'hot.usersView',
]
const RARE_PATHS = ['refused at swap', 'orphan swept', 'erased record dropped']

let world: World
const rare: RarePaths = new Map()

beforeAll(async () => {
  world = await startWorld({ shards: 2 })
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

describe('two archivers that compact and fold', () => {
  it('keep every record once in every order when one sleeps anywhere and the other does all the work (A2, Q1)', async () => {
    const effects = await undisturbed()
    let slept = 0
    for (const at of sleepsOf(effects)) {
      const log = await seededArchive(world, rare)
      await archive(log, at, async () => {
        slept += 1
        await log.append(1)
        await archive(log)
        await checkAll(log)
      })
      await settleArchive(log, rare)
    }
    expect(slept).toBeGreaterThan(30)
  }, 300_000)

  it('keep every record once when both are stopped half-way and go on in turn (A2, Q1)', async () => {
    const swaps = placesOf(await undisturbed(), 'hot.swap')
    for (const at of swaps) {
      const log = await seededArchive(world, rare)
      const gate = Promise.withResolvers<void>()
      const reached = Promise.withResolvers<void>()
      const second = archive(log, at, () => {
        reached.resolve()
        return gate.promise
      })
      await Promise.race([second, reached.promise])
      await archive(log, at, () => checkAll(log))
      await checkAll(log)
      gate.resolve()
      await second
      await checkAll(log)
      await settleArchive(log, rare)
    }
    expect(swaps.length).toBeGreaterThan(4)
  }, 120_000)
})

describe('a user who asks to be erased', () => {
  it('is in nothing that is compacted or folded from then on (P1)', async () => {
    const swaps = placesOf(await undisturbed(), 'hot.swap')
    for (const at of swaps) {
      const log = await seededArchive(world, rare)
      const earlier = new Set<string>()
      await archive(log, at, async () => {
        for (const { key } of await named(log)) earlier.add(key)
        await log.hot.erasures.request('1')
      })
      await archive(log)
      for (const segment of await named(log)) {
        if (earlier.has(segment.key) || segment.projection === 'words') continue
        const records = await log.read(segment)
        expect(records.filter(({ userId }) => userId === '1')).toEqual([])
      }
    }
    expect(rare.get('refused at swap')).toBeGreaterThan(0)
  }, 60_000)

  it('leaves a day empty where it was all he wrote', async () => {
    const log = await seededArchive(world, rare)
    for (const userId of ['0', '1', '2', '3']) await log.hot.erasures.request(userId)
    await archive(log)
    const left = (await log.segments()).filter(({ level }) => level !== 'hour')
    expect(left.filter(({ projection }) => projection !== 'by-channel')).toEqual([])
    expect((await log.hot.usersView()).folds).toEqual([])
    for (const segment of left) {
      for (const { type } of await log.read(segment)) expect(type).toBe('CLEARCHAT')
    }
  })
})

describe('a compaction', () => {
  it('finds nothing where everything is compacted', async () => {
    const log = await seededArchive(world, rare)
    await archive(log)
    const deps = depsOf(log, { seam: quiet(), rare })
    for (const shard of [0, 1]) {
      expect(await compact({ shard, dayMs: FIRST_DAY }, deps)).toEqual({ kind: 'nothing' })
    }
  })
})

it('took every rare path at least once', () => {
  expect(RARE_PATHS.filter((path) => !rare.has(path))).toEqual([])
})

async function named(log: Log) {
  const { folds } = await log.hot.usersView()
  return [...(await log.segments()), ...folds]
}

/** One archiver; before the effect of this number, from 1, something else happens. */
async function archive(
  log: Log,
  at = 0,
  doThis: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  let effects = 0
  const seam = new FaultSeam([], async () => {
    effects += 1
    if (effects === at) await doThis()
  })
  await runArchive(depsOf(log, { seam, rare }), seam)
}

const quiet = (): FaultSeam => new FaultSeam([], () => Promise.resolve())

async function undisturbed(): Promise<readonly string[]> {
  const log = await seededArchive(world, rare)
  const seam = quiet()
  await runArchive(depsOf(log, { seam, rare }), seam)
  return seam.effects
}

function sleepsOf(effects: readonly string[]): number[] {
  return STEPS.flatMap((step) => placesOf(effects, step))
}

/** The numbers, from 1, of an effect's calls. */
function placesOf(effects: readonly string[], wanted: string): number[] {
  return effects.flatMap((effect, index) => (effect === wanted ? [index + 1] : []))
}
