import type { Stretch } from './stretches.ts'

/** How much of a time is what, in milliseconds. */
export interface CoverageSum {
  readonly coveredMs: number
  readonly restoredMs: number
  readonly gapMs: number
  readonly unloggedMs: number
  /** Gaps in which lines may still be missing, and those that were filled. */
  readonly gaps: number
  readonly restoredGaps: number
}

/** Adds stretches up. */
export function sumOf(stretches: readonly Stretch[]): CoverageSum {
  const sum = { coveredMs: 0, restoredMs: 0, gapMs: 0, unloggedMs: 0, gaps: 0, restoredGaps: 0 }
  for (const { from, to, kind, gaps } of stretches) {
    sum[`${kind}Ms`] += to - from
    if (kind === 'gap') sum.gaps += gaps
    if (kind === 'restored') sum.restoredGaps += gaps
  }
  return sum
}

/** The share of the logged time that is here, 0 to 1; `undefined` where none was logged. */
export function shareOf({ coveredMs, restoredMs, gapMs }: CoverageSum): number | undefined {
  const loggedMs = coveredMs + restoredMs + gapMs
  return loggedMs === 0 ? undefined : (coveredMs + restoredMs) / loggedMs
}

/** `99.98%`; rounded down, so that only all is 100. */
export function percentText(share: number): string {
  const percent = Math.floor(share * 10_000) / 100
  return percent === 0 && share > 0 ? 'under 0.01%' : `${percent}%`
}
