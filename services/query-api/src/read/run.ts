import type { LogRecord, Order, Position } from '@poglog/log-format'

/**
 * A source of records that can be opened when it is needed: a segment, a page of hot records.
 *
 * All its records have sent times in `[minMs, maxMs]`. `open` reads those beyond `after`; whether they
 * come in the query's order is told by `isSorted`. Opening again reads again.
 */
export interface Run {
  readonly minMs: number
  readonly maxMs: number
  readonly isSorted: boolean
  readonly open: (after: Position | undefined) => AsyncIterable<LogRecord[]>
}

/** Sorts runs by the place where they can begin, in the direction of `order`. */
export function sortRuns<R extends Pick<Run, 'minMs' | 'maxMs'>>(
  runs: readonly R[],
  order: Order,
): R[] {
  return order === 'asc'
    ? runs.toSorted((left, right) => left.minMs - right.minMs)
    : runs.toSorted((left, right) => right.maxMs - left.maxMs)
}

/**
 * Deals runs into as few lanes as they need so that within a lane one ends before the next begins.
 *
 * A lane is then read by opening one run after the other, and a merge of the lanes opens a run when it
 * comes to it: a month of hours costs two open segments, not 720.
 */
export function lanesOf<R extends Pick<Run, 'minMs' | 'maxMs'>>(
  runs: readonly R[],
  order: Order,
): R[][] {
  const lanes: R[][] = []
  for (const run of sortRuns(runs, order)) {
    const lane = lanes.find((candidate) => isClear(candidate.at(-1), run, order))
    if (lane === undefined) lanes.push([run])
    else lane.push(run)
  }
  return lanes
}

/** Reads a lane, one open run at a time; ends after `limit` records without opening another run. */
export async function* readLane(
  lane: readonly Run[],
  after: Position | undefined,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<LogRecord[]> {
  let left = limit
  for (const run of lane) {
    for await (const batch of run.open(after)) {
      yield batch.length > left ? batch.slice(0, left) : batch
      left -= batch.length
      if (left <= 0) return
    }
  }
}

/** Whether everything in a run lies beyond a place, in the direction of `order`. */
export function isBeyond(
  run: Pick<Run, 'minMs' | 'maxMs'>,
  { sentAtMs }: Position,
  order: Order,
): boolean {
  return order === 'asc' ? run.minMs > sentAtMs : run.maxMs < sentAtMs
}

function isClear<R extends Pick<Run, 'minMs' | 'maxMs'>>(
  last: R | undefined,
  next: R,
  order: Order,
): boolean {
  if (last === undefined) return true
  return order === 'asc' ? last.maxMs < next.minMs : last.minMs > next.maxMs
}
