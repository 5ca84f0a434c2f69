import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archiveFaultRun } from './support/archive-run.ts'
import { dueToday } from './support/fault-run.ts'
import { FAULT_KINDS, WRITES } from './support/fault-seam.ts'
import type { FaultKind, FaultPoint } from './support/fault-seam.ts'
import type { RarePaths } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { World } from './support/world.ts'

const USED_WRITES = [
  'cold.deleteMany',
  'cold.put',
  'hot.dropAbsorbed',
  'hot.expireReservations',
  'hot.expireUserSets',
  'hot.forgetAbsorbed',
  'hot.forgetRemoved',
  'hot.reserve',
  'hot.swap',
]
const RARE_PATHS = [
  'compacted',
  'folded by-user',
  'folded words',
  'equal record dropped by a compaction',
  'already committed',
  'orphan swept',
  'removed object deleted',
]
/** Of a pair. A crash before a write is one after the write before it. */
const PAIR_KINDS = ['crash-after', 'reply-lost', 'late'] as const

let world: World
const rare: RarePaths = new Map()

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

describe('compaction, folds, deletion and sweep under faults', () => {
  it('keep every record once in every order whichever write fails, in whichever way (A1, A2, Q1)', async () => {
    const effects = await archiveFaultRun({ plan: [], checkBefore: 'writes' }, { world, rare })
    expect(writesOf(effects)).toEqual(USED_WRITES)
    const points = [...everyWrite(effects)]
    expect(points.length).toBeGreaterThan(100)
    for (const point of points) {
      await archiveFaultRun({ plan: [point], checkBefore: 'none' }, { world, rare })
    }
  }, 300_000)

  it('keep every record once in every order whichever read fails (A2, Q1)', async () => {
    const effects = await archiveFaultRun({ plan: [], checkBefore: 'none' }, { world, rare })
    const points = [...everyRead(effects)]
    expect(points.length).toBeGreaterThan(15)
    for (const point of points) {
      await archiveFaultRun({ plan: [point], checkBefore: 'none' }, { world, rare })
    }
  }, 300_000)

  it('keep every record once in every order whichever two writes fail, a third of them a day (A1, A2, Q1)', async () => {
    const points = [
      ...USED_WRITES.flatMap((effect) => pointsOf(effect, 1, PAIR_KINDS)),
      ...USED_WRITES.flatMap((effect) => pointsOf(effect, 2, ['crash-after'])),
    ]
    const pairs = points.flatMap((first, at) =>
      points
        .slice(at + 1)
        .filter(({ effect, nth }) => effect !== first.effect || nth !== first.nth)
        .map((second) => [first, second]),
    )
    expect(pairs.length).toBeGreaterThan(550)
    for (const plan of dueToday(pairs))
      await archiveFaultRun({ plan, checkBefore: 'none' }, { world, rare })
  }, 600_000)

  it('took every rare path at least once', () => {
    expect(RARE_PATHS.filter((path) => !rare.has(path))).toEqual([])
  })
})

const writesOf = (effects: readonly string[]): string[] =>
  [...new Set(effects)].filter((effect) => WRITES.includes(effect)).toSorted()

/** Every write that an undisturbed run makes, in every way it can fail. */
function* everyWrite(effects: readonly string[]): Generator<FaultPoint> {
  const counts = new Map<string, number>()
  for (const effect of effects) {
    const nth = (counts.get(effect) ?? 0) + 1
    counts.set(effect, nth)
    if (WRITES.includes(effect)) yield* pointsOf(effect, nth, FAULT_KINDS)
  }
}

/** Of every kind of read the first, and one in between. */
function* everyRead(effects: readonly string[]): Generator<FaultPoint> {
  for (const effect of new Set(effects)) {
    if (WRITES.includes(effect)) continue
    const calls = effects.filter((other) => other === effect).length
    for (const nth of new Set([1, Math.ceil(calls / 2)])) yield* pointsOf(effect, nth, ['error'])
    yield* pointsOf(effect, calls, ['crash-before'])
  }
}

function pointsOf(effect: string, nth: number, kinds: readonly FaultKind[]): FaultPoint[] {
  return kinds.map((kind) => ({ effect, nth, kind }))
}
