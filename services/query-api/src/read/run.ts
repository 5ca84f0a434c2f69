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

export interface LaneOptions {
  /** Records at most; reading then ends without opening another run. */
  readonly limit?: number | undefined
  /**
   * Runs whose first batch is asked for while the one before them is being read; one when absent. With a limit the first
   * run is read alone, and for each that did not suffice twice as many are asked for, up to these.
   */
  readonly ahead?: number
}

/** Reads a lane, one run after the other. */
export async function* readLane(
  lane: readonly Run[],
  after: Position | undefined,
  { limit, ahead = 1 }: LaneOptions = {},
): AsyncGenerator<LogRecord[]> {
  const waiting = lane.values()
  const open: OpenRun[] = []
  const ask = (count: number): void => {
    while (open.length < count) {
      const run = waiting.next().value
      if (run === undefined) return
      open.push(new OpenRun(run, after))
    }
  }
  let opened = limit === undefined ? 1 + ahead : 1
  let left = limit ?? Number.POSITIVE_INFINITY
  try {
    // The first page of an answer should not pay for another segment, unless those are small.
    ask(ahead > 1 ? opened : 1)
    for (let current = open[0]; current !== undefined; current = open[0]) {
      for (let batch = await current.next(); batch !== undefined; batch = await current.next()) {
        ask(opened)
        yield batch.length > left ? batch.slice(0, left) : batch
        left -= batch.length
        if (left <= 0) return
      }
      open.shift()
      if (limit !== undefined) opened = Math.min(opened * 2, ahead)
      ask(limit === undefined ? Math.max(open.length, 1) : opened)
    }
  } finally {
    await Promise.allSettled(open.map((run) => run.close()))
  }
}

/** A run whose first batch is being read. */
class OpenRun {
  readonly #batches: AsyncIterator<LogRecord[], unknown>
  #first: Promise<IteratorResult<LogRecord[], unknown>> | undefined

  constructor(run: Run, after: Position | undefined) {
    this.#batches = run.open(after)[Symbol.asyncIterator]()
    this.#first = this.#batches.next()
    // Whoever takes it sees the failure; nobody may ever take it.
    this.#first.catch(() => undefined)
  }

  /** The next batch, `undefined` at the end. */
  async next(): Promise<LogRecord[] | undefined> {
    const step = await (this.#first ?? this.#batches.next())
    this.#first = undefined
    return step.done === true ? undefined : step.value
  }

  async close(): Promise<void> {
    await this.#batches.return?.()
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
