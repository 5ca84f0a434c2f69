import assert from 'node:assert/strict'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { FaultSeam, WRITES } from './fault-seam.ts'
import type { FaultPoint } from './fault-seam.ts'
import { depsOf, runJobs, take } from './run-jobs.ts'
import type { RarePaths } from './run-jobs.ts'
import type { Log, World } from './world.ts'

/** An append goes in between every so many effects, up to a limit, so that the jobs come to rest. */
const APPEND_EVERY = 4
const APPENDS_UNTIL = 60
/** So many days until every pair of faults has had its turn: a pair is the whole life of a log. */
const PAIR_DAYS = 3
const DAY_MS = 86_400_000

export interface FaultRun {
  readonly plan: readonly FaultPoint[]
  /** Before which effects everything is read and compared, beside after every round. */
  readonly checkBefore: 'every effect' | 'writes' | 'none'
}

/**
 * One life of a log with faults: some records are sealed, more arrive and some come again, then the
 * jobs run under the plan until they come to rest, and once more undisturbed. At each check every
 * acknowledged record must be there exactly once; in the end no orphan may be left.
 *
 * @returns the effects of the disturbed part.
 */
export async function faultRun(
  { plan, checkBefore }: FaultRun,
  { world, rare }: { world: World; rare: RarePaths },
): Promise<readonly string[]> {
  const log = await seededLog(world, rare)
  let effects = 0
  const seam = new FaultSeam(plan, async (effect) => {
    effects += 1
    if (effects % APPEND_EVERY === 0 && effects < APPENDS_UNTIL) {
      await log.append(1)
      take(rare, 'append between two steps')
    }
    const isWrite = WRITES.includes(effect)
    if (checkBefore === 'every effect' || (checkBefore === 'writes' && isWrite)) await log.check()
  })
  await runJobs(depsOf(log, { seam, rare }), { seam, rare, afterRound: () => log.check() })
  const wereLate = await seam.flushLate()
  if (wereLate > 0) await log.check()
  await settle(log, rare)
  return seam.effects
}

/** The pairs whose turn it is. */
export function dueToday<Pair>(pairs: readonly Pair[]): readonly Pair[] {
  const today = Math.floor(Date.now() / DAY_MS)
  return pairs.filter((_, index) => (index + today) % PAIR_DAYS === 0)
}

/** A log with one segment, hot records, one that came again after it was sealed, and one while hot. */
export async function seededLog(world: World, rare: RarePaths): Promise<Log> {
  const log = await world.fresh(memoryObjectStore())
  await log.append(4)
  await quietRun(log, rare)
  await log.append(2)
  await log.appendAgain(5)
  await log.append(3)
  await log.appendAgain(0)
  await nextMillisecond()
  return log
}

/** Runs everything undisturbed; afterwards nothing is missing, doubled or left over. */
export async function settle(log: Log, rare: RarePaths): Promise<void> {
  await log.append(1) // One more segment decides the number of whatever came late.
  await quietRun(log, rare)
  await log.check()
  assert.deepEqual(await log.orphans(), [])
}

async function quietRun(log: Log, rare: RarePaths): Promise<void> {
  await nextMillisecond()
  const seam = new FaultSeam([], () => Promise.resolve())
  await runJobs(depsOf(log, { seam, rare }), { seam, rare })
}

/** An object must be older than now to be swept, a record to be sealed. */
export async function nextMillisecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2))
}
