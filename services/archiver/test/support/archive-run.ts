import assert from 'node:assert/strict'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { compactAll } from '../../src/compact/compact-now.ts'
import { deleteRemoved } from '../../src/clean/delete-removed.ts'
import type { ArchiveDeps } from '../../src/deps.ts'
import { DAY_MS, HOUR_MS, monthStart } from '../../src/period.ts'
import { seal } from '../../src/seal/seal.ts'
import { sweep } from '../../src/clean/sweep.ts'
import { checkOrders } from './check-orders.ts'
import { nextMillisecond } from './fault-run.ts'
import { FaultSeam, WRITES, isPlanned } from './fault-seam.ts'
import type { FaultPoint } from './fault-seam.ts'
import { depsOf } from './run-jobs.ts'
import type { RarePaths } from './run-jobs.ts'
import type { Log, World } from './world.ts'

const ROUNDS_MAX = 8

/** A day of a month that has long closed. */
export const FIRST_DAY = monthStart(Date.now() - 70 * DAY_MS) + 3 * DAY_MS

/** Two days of a closed month, one of them in two segments with a record in both; a segment of today; hot records. */
export async function seededArchive(world: World, rare: RarePaths): Promise<Log> {
  const log = await world.fresh(memoryObjectStore())
  await log.sealPast(FIRST_DAY + HOUR_MS, { records: 5 })
  await log.sealPast(FIRST_DAY + 2 * HOUR_MS, { records: 3, again: [0] })
  await log.sealPast(FIRST_DAY + DAY_MS, { records: 4 })
  await log.append(2)
  await nextMillisecond()
  const quiet = new FaultSeam([], () => Promise.resolve())
  for (let shard = 0; shard < log.hot.shards; shard += 1) {
    await seal({ shard, upTo: 'now' }, depsOf(log, { seam: quiet, rare }))
  }
  await log.append(3)
  await nextMillisecond()
  return log
}

export interface ArchiveFaultRun {
  readonly plan: readonly FaultPoint[]
  readonly checkBefore: 'writes' | 'none'
}

/**
 * Compacts, folds, deletes and sweeps under a plan of faults until it comes to rest, and once more undisturbed. Before
 * each write or after each round every record must be there exactly once, in every order and count.
 *
 * @returns the effects of the disturbed part.
 */
export async function archiveFaultRun(
  { plan, checkBefore }: ArchiveFaultRun,
  { world, rare }: { world: World; rare: RarePaths },
): Promise<readonly string[]> {
  const log = await seededArchive(world, rare)
  const seam = new FaultSeam(plan, async (effect) => {
    if (checkBefore === 'writes' && WRITES.includes(effect)) await checkAll(log)
  })
  await runArchive(depsOf(log, { seam, rare }), seam, () => checkAll(log))
  if ((await seam.flushLate()) > 0) await checkAll(log)
  await settleArchive(log, rare)
  return seam.effects
}

export async function checkAll(log: Log): Promise<void> {
  await log.check()
  await checkOrders(log)
}

/** Does all that is due, again and again until a round has gone well. */
export async function runArchive(
  deps: ArchiveDeps,
  seam: FaultSeam,
  afterRound: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const suspects = new Map<string, number>()
  const jobs = [
    async () => await compactAll({}, deps),
    async () => await deleteRemoved({ graceMs: 0 }, deps),
    async () => await sweep({ graceMs: 0, reservationMs: 0, suspects }, deps),
  ]
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    let isWell = true
    await nextMillisecond()
    for (const job of jobs) {
      if (seam.isDead) break
      try {
        await job()
      } catch (error) {
        if (!isPlanned(error)) throw error
        isWell = false
      }
    }
    if (seam.isDead) suspects.clear()
    seam.revive()
    await afterRound()
    if (isWell) return
  }
  throw new Error(`jobs did not come to rest in ${ROUNDS_MAX} rounds`)
}

/** Runs everything undisturbed; afterwards all is compacted, nothing is missing, doubled or left over. */
export async function settleArchive(log: Log, rare: RarePaths): Promise<void> {
  for (let run = 0; run < 2; run += 1) {
    const seam = new FaultSeam([], () => Promise.resolve())
    await runArchive(depsOf(log, { seam, rare }), seam)
  }
  log.mayBeTwice.clear()
  await checkAll(log)
  assert.deepEqual(await log.orphans(), [])
  const past = (await log.segments()).filter(
    ({ arrivalFromMs }) => arrivalFromMs < FIRST_DAY + 9 * DAY_MS,
  )
  assert.deepEqual([...new Set(past.map(({ level }) => level))].toSorted(), ['day', 'fold'])
  const { folds } = await log.hot.usersView()
  assert.equal(new Set(folds.map(({ users }) => users)).size, folds.length)
}
