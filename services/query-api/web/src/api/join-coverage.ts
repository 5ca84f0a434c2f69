import type { Coverage } from './coverage.ts'

/** Answers that are joined into one; each has up to 10,000 pieces. */
const ANSWERS_MAX = 5

/**
 * Asks for a coverage and goes on from where each answer says. The last one may still say so, when there is too much.
 *
 * @param tell asks from a time on; from the beginning when it gets none.
 */
export async function joinCoverage(
  tell: (fromMs: number | undefined) => Promise<Coverage>,
): Promise<Coverage> {
  let whole = await tell(undefined)
  for (let answers = 1; answers < ANSWERS_MAX && whole.nextFrom !== null; answers += 1) {
    whole = join(whole, await tell(whole.nextFrom))
  }
  return whole
}

function join(first: Coverage, then: Coverage): Coverage {
  return {
    from: first.from,
    to: then.to,
    nextFrom: then.nextFrom,
    isComplete: first.isComplete && then.isComplete,
    coveredSeconds: first.coveredSeconds + then.coveredSeconds,
    gapSeconds: first.gapSeconds + then.gapSeconds,
    restoredSeconds: first.restoredSeconds + then.restoredSeconds,
    intervals: [...first.intervals, ...then.intervals],
    gaps: [...first.gaps, ...then.gaps],
  }
}
