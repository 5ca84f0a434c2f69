import type { ShardFacts } from '../compact/due-folds.ts'
import { foldFacts } from '../compact/fold.ts'
import type { ArchiveDeps } from '../deps.ts'
import { DAY_MS, HOUR_MS } from '../period.ts'

/** Longer than a rebuild, which writes the sets of segments before it names them: the next tidying keeps those. */
const EXPIRE_MS = DAY_MS
/** How far an arrival may lie from the day it was noted for: a clock that stepped back. */
const CLOCK_STEP_MS = HOUR_MS

/**
 * Lets the sets of who wrote where expire, of all days that nobody looks up: neither hot records nor segments that
 * by-user segments do not cover have arrivals of them. What a compaction has not seen to goes by this: the sets of
 * erased users, of records that were known, and those that a failure left.
 *
 * @throws {HotStoreError}; running it again is safe.
 */
export async function tidyUserSets(deps: Pick<ArchiveDeps, 'hot'>): Promise<void> {
  const { shards } = await foldFacts(deps)
  const needed = shards.map((facts) => neededDays(facts))
  const isNeeded = (shard: number, dayMs: number): boolean => needed[shard]?.(dayMs) ?? true
  await deps.hot.tidyUserSets({ isNeeded, afterMs: EXPIRE_MS })
}

function neededDays({ boundaryMs, segments }: ShardFacts): (dayMs: number) => boolean {
  const uncovered = segments.filter(
    ({ projection, level }) => projection === 'by-channel' && level === 'hour',
  )
  return (dayMs) => {
    const fromMs = dayMs - CLOCK_STEP_MS
    const toMs = dayMs + DAY_MS + CLOCK_STEP_MS
    if (toMs > boundaryMs) return true
    return uncovered.some((each) => each.arrivalFromMs < toMs && each.arrivalToMs > fromMs)
  }
}
