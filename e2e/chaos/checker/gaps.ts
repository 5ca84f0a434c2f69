import type { Line } from './book.ts'
import type { Violation } from './violation.ts'

/** A time in which a channel may miss lines, as the coverage ledger tells it; sent times, both ends inclusive. */
export interface Gap {
  readonly fromMs: number
  readonly toMs: number
  readonly cause: string
}

export interface GapRules {
  /** The longest gap that may be. */
  readonly gapMsMax: number
  /**
   * Chat hands a line out up to so long after the time it carries, so it may carry one from before the gap in which it
   * was lost.
   */
  readonly lateMs: number
}

/** What is wrong: a line that was lost in a time that is told to be covered, a gap that is too long. */
export function checkGaps(
  lost: readonly Line[],
  gaps: ReadonlyMap<string, readonly Gap[]>,
  { gapMsMax, lateMs }: GapRules,
): Violation[] {
  const violations: Violation[] = []
  for (const { channelId, sentAtMs, raw } of lost) {
    const isTold = (gaps.get(channelId) ?? []).some(
      ({ fromMs, toMs }) => sentAtMs >= fromMs - lateMs && sentAtMs <= toMs,
    )
    if (!isTold) violations.push({ kind: 'gap', detail: 'lost, and no gap tells it', raw })
  }
  for (const [channelId, ofChannel] of gaps) {
    for (const { fromMs, toMs, cause } of joined(ofChannel)) {
      if (toMs - fromMs <= gapMsMax) continue
      const when = `${new Date(fromMs).toISOString()}, ${cause}`
      violations.push({ kind: 'gap', detail: `${toMs - fromMs} ms in ${channelId} from ${when}` })
    }
  }
  return violations
}

/** Gaps that touch, as one: their causes differ. */
export function joined(gaps: readonly Gap[]): Gap[] {
  const whole: Gap[] = []
  for (const gap of gaps.toSorted((left, right) => left.fromMs - right.fromMs)) {
    const last = whole.at(-1)
    if (last === undefined || last.toMs < gap.fromMs) {
      whole.push(gap)
      continue
    }
    const cause = last.cause === gap.cause ? gap.cause : `${last.cause}, ${gap.cause}`
    const toMs = Math.max(last.toMs, gap.toMs)
    whole.splice(-1, 1, { fromMs: last.fromMs, toMs, cause })
  }
  return whole
}
