import type { SegmentEntry } from '@poglog/hot-store'
import { DAY_MS, periodStart } from '../period.ts'

export interface CompactionFacts {
  readonly shard: number
  readonly shards: number
  readonly boundaryMs: number
  readonly nowMs: number
  readonly segments: readonly SegmentEntry[]
}

export interface CompactionPolicy {
  /** Over this time after midnight the shards' compactions begin. Milliseconds. */
  readonly spreadMs: number
  /** Whether a segment could not be read a while ago: it alone is no reason to compact its day again. */
  readonly isSetAside: (key: string) => boolean
  /** A day need not have ended. Default: it must. */
  readonly isUnendedToo?: boolean | undefined
}

/** The sealed segments of a day of arrivals that are not compacted yet. `dayMs` is 0:00 UTC. */
export function uncompacted(segments: readonly SegmentEntry[], dayMs: number): SegmentEntry[] {
  return segments.filter(
    (segment) => isUncompacted(segment) && periodStart(segment.arrivalFromMs, DAY_MS) === dayMs,
  )
}

/**
 * The days that can be compacted, oldest first: those that have ended, all of whose arrivals are sealed
 * (nothing more can come), and that have a sealed segment which is not compacted.
 */
export function dueDays(facts: CompactionFacts, policy: CompactionPolicy): number[] {
  const delayMs = (policy.spreadMs * facts.shard) / facts.shards
  const days = new Set<number>()
  for (const segment of facts.segments) {
    if (!isUncompacted(segment) || policy.isSetAside(segment.key)) continue
    const dayMs = periodStart(segment.arrivalFromMs, DAY_MS)
    const endMs = dayMs + DAY_MS
    const hasEnded = endMs <= facts.boundaryMs && endMs + delayMs <= facts.nowMs
    if (hasEnded || policy.isUnendedToo === true) days.add(dayMs)
  }
  return [...days].toSorted((left, right) => left - right)
}

function isUncompacted({ projection, level }: SegmentEntry): boolean {
  return projection === 'by-channel' && level === 'hour'
}
