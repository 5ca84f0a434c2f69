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

/**
 * Reads a lane, one run after the other. Without a limit the first batch of the next run is asked for while the
 * one before is being read; with one, reading ends after so many records without opening another run.
 */
export async function* readLane(
  lane: readonly Run[],
  after: Position | undefined,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<LogRecord[]> {
  const readsAhead = limit === Number.POSITIVE_INFINITY
  let left = limit
  let ahead: OpenRun | undefined
  let current: OpenRun | undefined
  try {
    for (const [at, run] of lane.entries()) {
      current = ahead ?? new OpenRun(run, after)
      ahead = undefined
      for (let batch = await current.next(); batch !== undefined; batch = await current.next()) {
        const following = lane[at + 1]
        if (readsAhead && following !== undefined) ahead ??= new OpenRun(following, after)
        yield batch.length > left ? batch.slice(0, left) : batch
        left -= batch.length
        if (left <= 0) return
      }
    }
  } finally {
    await Promise.allSettled([current?.close(), ahead?.close()])
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
