import type { Curve } from './curve.ts'
import { costsOf } from './run.ts'

/** Processes, and what two of them do. */
export const KINDS = ['ingest', 'Redis, storing', 'Redis, sealing', 'archiver'] as const
export const ALL = 'all together'
export const BUSIEST = 'the busiest'

/** One mark of the plot. */
export interface Mark {
  readonly x: number
  /** Processor time a line. */
  readonly us: number
  readonly kind: (typeof KINDS)[number]
  readonly of: typeof ALL | typeof BUSIEST
  /** Whether lines were stored as fast as they were offered. */
  readonly isKept: boolean
}

/** What is drawn of a curve; the busiest of a kind where the curve is about how many there are. */
export function marksOf({ sweep, points }: Curve): readonly Mark[] {
  return points.flatMap(({ x, run, verdict }) => {
    const costs = costsOf(run)
    const at = { x, isKept: verdict === 'kept up' }
    const marks: Mark[] = [
      { ...at, kind: 'ingest', of: ALL, us: costs.ingest },
      { ...at, kind: 'Redis, storing', of: ALL, us: costs.redis },
      { ...at, kind: 'Redis, sealing', of: ALL, us: costs.redisArchiving },
      { ...at, kind: 'archiver', of: ALL, us: costs.archiver },
    ]
    if (sweep.name === 'replicas') {
      marks.push({ ...at, kind: 'ingest', of: BUSIEST, us: costs.busiestReplica })
    }
    if (sweep.name === 'nodes') {
      marks.push({ ...at, kind: 'Redis, storing', of: BUSIEST, us: costs.busiestNode })
    }
    return marks
  })
}
