import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { crashRun, lineOf } from './crash-run.ts'
import type { CrashOutcome } from './crash-run.ts'
import type { FaultKind, FaultPoint } from './crash-seam.ts'

/** Runs mostly wait for timers and the disk. */
const RUNS_AT_ONCE = 96

const KINDS: Record<string, readonly FaultKind[]> = {
  'store.append': ['crash-before', 'crash-after', 'reply-lost', 'error', 'late'],
  'file.create': ['crash-before', 'crash-after', 'error'],
  'file.write': ['crash-before', 'crash-after', 'reply-lost', 'error', 'torn'],
  'file.sync': ['crash-before', 'crash-after', 'reply-lost', 'error'],
  'file.close': ['crash-before', 'crash-after', 'reply-lost'],
  'file.remove': ['crash-before', 'crash-after', 'reply-lost', 'error'],
  'file.open-to-read': ['crash-before', 'error'],
  'file.read': ['crash-before', 'error'],
}

/** Of a pair, by effect: how many calls of it, and in which ways. A crash before one is a crash after the one before. */
const PAIRS: Record<string, readonly [calls: number, kinds: readonly FaultKind[]]> = {
  'store.append': [4, ['crash-after', 'reply-lost', 'late']],
  'file.create': [2, ['crash-after', 'error']],
  'file.write': [4, ['crash-after', 'reply-lost', 'error', 'torn']],
  'file.sync': [2, ['crash-after', 'error']],
  'file.close': [2, ['reply-lost']],
  'file.remove': [2, ['crash-after', 'error']],
  'file.read': [2, ['error']],
}

describe('a lane and its spool under faults', () => {
  it('touches everything that the faults below strike', async () => {
    const { effects } = await crashRun([])
    expect([...new Set(effects)].toSorted()).toEqual(Object.keys(KINDS).toSorted())
  })

  it('keeps every line it said was stored, in order, whichever effect fails, in whichever way (I1, I2)', async () => {
    const { effects } = await crashRun([])
    const plans = [...everyPoint(effects)].map((point) => [point])
    expect(plans.length).toBeGreaterThan(120)
    const struck = await runAll(plans)
    expect(struck).toBeGreaterThan(plans.length * 0.9)
  }, 300_000)

  it('keeps every line it said was stored, in order, whichever two effects fail (I1, I2)', async () => {
    const points = Object.entries(PAIRS).flatMap(([effect, [calls, kinds]]) =>
      Array.from({ length: calls }, (_, index) =>
        kinds.map((kind) => ({ effect, nth: index + 1, kind })),
      ).flat(),
    )
    const plans = points.flatMap((first, at) =>
      points
        .slice(at + 1)
        .filter(({ effect, nth }) => effect !== first.effect || nth !== first.nth)
        .map((second) => [first, second]),
    )
    expect(plans.length).toBeGreaterThan(700)
    expect(await runAll(plans)).toBeGreaterThan(plans.length * 0.9)
  }, 300_000)
})

function* everyPoint(effects: readonly string[]): Generator<FaultPoint> {
  const counts = new Map<string, number>()
  for (const effect of effects) {
    const nth = (counts.get(effect) ?? 0) + 1
    counts.set(effect, nth)
    for (const kind of KINDS[effect] ?? []) yield { effect, nth, kind }
  }
}

/** Makes all runs, some at a time, and checks each. @returns how many met all their faults. */
async function runAll(plans: readonly (readonly FaultPoint[])[]): Promise<number> {
  const left = [...plans]
  const wrong: unknown[] = []
  let struck = 0
  const work = async (): Promise<void> => {
    for (let plan = left.shift(); plan !== undefined; plan = left.shift()) {
      try {
        const outcome = await crashRun(plan)
        wrong.push(...problemsOf(plan, outcome))
        if (outcome.struck.length === plan.length) struck += 1
      } catch (error) {
        wrong.push({ plan, error: String(error) })
      }
    }
  }
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, work))
  expect(wrong).toEqual([])
  return struck
}

/** What is wrong with a run; nothing in a good one. */
function problemsOf(plan: readonly FaultPoint[], outcome: CrashOutcome): unknown[] {
  const { stored, reported, dropped, lost, isReordered, left } = outcome
  const numbers = stored.map(({ key }) => Number(key))
  const missing = [...reported].filter((n) => !numbers.includes(n) && !dropped.includes(n))
  const changed = stored.filter((line) => !isDeepStrictEqual(line, lineOf(Number(line.key))))
  const isTorn = plan.some(({ kind }) => kind === 'torn')
  // A batch that fails while one behind it is in flight comes after it: see the class Lane.
  const isSent = plan.some(({ effect }) => effect === 'store.append')
  const isInOrder =
    isSent || isReordered || numbers.every((n, at) => at === 0 || n > (numbers[at - 1] ?? n))
  const isEmpty = left.files.length === 0 && left.bytes === 0
  const isGood =
    missing.length + changed.length === 0 && isInOrder && isEmpty && (isTorn || lost.length === 0)
  return isGood ? [] : [{ plan, missing, changed, numbers, lost, left }]
}
