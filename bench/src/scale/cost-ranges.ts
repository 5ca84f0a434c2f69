import type { Point } from './curve.ts'
import { costsOf } from './run.ts'
import type { Costs } from './run.ts'

/** Fewer lines a second show what processes take when they have next to nothing to do. */
const WORKING_PER_SECOND_MIN = 2000

/** The least and the most that a line took, us. */
export interface Range {
  readonly least: number
  readonly most: number
}

export interface CostRanges {
  readonly ingest: Range
  /** Without what replicas take at rest. */
  readonly ingestAtWork: Range
  readonly redis: Range
  readonly redisArchiving: Range
  readonly archiver: Range
}

/** What a line costs where poglog is at work, and keeps up. */
export function costRangesOf(points: readonly Point[]): CostRanges {
  const working = points.filter(
    ({ verdict, run }) => verdict === 'kept up' && run.perSecond >= WORKING_PER_SECOND_MIN,
  )
  const range = (of: (costs: Costs, point: Point) => number): Range => {
    const values = working.map((point) => of(costsOf(point.run), point))
    return { least: Math.min(...values), most: Math.max(...values) }
  }
  return {
    ingest: range(({ ingest }) => ingest),
    ingestAtWork: range(
      ({ ingest }, { idle, run }) => ingest - (idle.ingest * 1000) / run.perSecond,
    ),
    redis: range(({ redis }) => redis),
    redisArchiving: range(({ redisArchiving }) => redisArchiving),
    archiver: range(({ archiver }) => archiver),
  }
}

/** What a replica takes at rest, in ms a second, with so many channels, or the next more that were measured. */
export function restOf(points: readonly Point[], channels: number): number {
  const alone = points
    .filter(({ setting }) => setting.replicas === 1)
    .toSorted((a, b) => a.setting.channels - b.setting.channels)
  const point = alone.find(({ setting }) => setting.channels >= channels) ?? alone.at(-1)
  return point?.idle.ingest ?? NaN
}
