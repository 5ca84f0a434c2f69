import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dueToday, faultRun } from './support/fault-run.ts'
import { FAULT_KINDS } from './support/fault-seam.ts'
import type { FaultKind, FaultPoint } from './support/fault-seam.ts'
import type { RarePaths } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { World } from './support/world.ts'

/** What moves records. */
const MOVES = ['hot.freeze', 'cold.put', 'hot.commit', 'hot.trim', 'cold.deleteMany']
const WRITES = [...MOVES, 'hot.expireReservations']
const READS = [
  'hot.erased',
  'hot.usersView',
  'hot.removedObjects',
  'hot.state',
  'hot.check',
  'hot.channels',
  'hot.readRange',
  'hot.manifest',
  'cold.get',
  'cold.size',
  'cold.list',
]
const RARE_PATHS = [
  'early seal',
  'already committed',
  'orphan swept',
  'late record dropped',
  'equal record dropped',
  'trimmed',
  'several segments in one seal',
  'append between two steps',
]
/** Of a pair. What is late has failed first, and a crash before is a failure too. */
const PAIR_KINDS = ['crash-after', 'reply-lost', 'late'] as const

let world: World
const rare: RarePaths = new Map()

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

describe('seal, trim and sweep under faults', () => {
  it('touch everything that the faults below strike', async () => {
    const effects = new Set(
      await faultRun({ plan: [], checkBefore: 'every effect' }, { world, rare }),
    )
    expect([...effects].toSorted()).toEqual([...WRITES, ...READS].toSorted())
  })

  it('keep every record exactly once whichever effect fails, in whichever way (A1, A2, Q1)', async () => {
    const effects = await faultRun({ plan: [], checkBefore: 'none' }, { world, rare })
    const points = [...everyPoint(effects)]
    expect(points.length).toBeGreaterThan(70)
    for (const point of points) {
      await faultRun({ plan: [point], checkBefore: 'writes' }, { world, rare })
    }
  }, 300_000)

  it('keep every record exactly once whichever two effects fail, a third of them a day (A1, A2, Q1)', async () => {
    const points = [
      ...pointsOf(MOVES, { nth: 1, kinds: PAIR_KINDS }),
      ...pointsOf(['hot.freeze', 'cold.put', 'hot.commit'], { nth: 2, kinds: PAIR_KINDS }),
      ...pointsOf(READS, { nth: 1, kinds: ['error'] }),
    ]
    const pairs = points.flatMap((first, at) =>
      points
        .slice(at + 1)
        .filter(({ effect, nth }) => effect !== first.effect || nth !== first.nth)
        .map((second) => [first, second]),
    )
    expect(pairs.length).toBeGreaterThan(400)
    for (const plan of dueToday(pairs))
      await faultRun({ plan, checkBefore: 'none' }, { world, rare })
  }, 600_000)

  it('took every rare path at least once', () => {
    expect(RARE_PATHS.filter((path) => !rare.has(path))).toEqual([])
  })
})

/** Every call that an undisturbed run makes, in every way it can fail. */
function* everyPoint(effects: readonly string[]): Generator<FaultPoint> {
  const counts = new Map<string, number>()
  for (const effect of effects) {
    const nth = (counts.get(effect) ?? 0) + 1
    counts.set(effect, nth)
    const kinds = WRITES.includes(effect) ? FAULT_KINDS : (['crash-before', 'error'] as const)
    for (const kind of kinds) yield { effect, nth, kind }
  }
}

function pointsOf(
  effects: readonly string[],
  { nth, kinds }: { nth: number; kinds: readonly FaultKind[] },
): FaultPoint[] {
  return effects.flatMap((effect) => kinds.map((kind) => ({ effect, nth, kind })))
}
