import type { LogRecord, Order, Position } from '@poglog/log-format'
import { placesIn } from './log-query.ts'
import { isBeyond, sortRuns } from './run.ts'
import type { Run } from './run.ts'
import { Selection } from './selection.ts'

const BATCH_RECORDS = 1000

export interface RoundOptions {
  readonly order: Order
  /** Records a round holds; it decides how often runs are read again. */
  readonly size: number
  readonly onEqualKeys: (count: number) => void
  /** Runs that are read at once; one after the other when absent. */
  readonly openMax?: number | undefined
  /** Records in all; reading ends there without another round. */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Merges any number of runs in bounded memory by going over them again and again: each round keeps
 * the first `size` records beyond the last one handed out, and reads only runs that can hold them.
 *
 * For runs that overlap too much to be open at once. Runs that hardly overlap are read about twice.
 */
export async function* readInRounds(
  runs: readonly Run[],
  after: Position | undefined,
  options: RoundOptions,
): AsyncGenerator<LogRecord[]> {
  const sorted = sortRuns(runs, options.order)
  let left = options.limit ?? Number.POSITIVE_INFINITY
  let from = after
  for (;;) {
    const { records, isLast } = await readRound(sorted, from, options)
    from = records.at(-1)
    left -= records.length
    yield* batchesOf(records)
    if (isLast || from === undefined || left <= 0) return
  }
}

/**
 * The first records of all runs beyond `after`, and whether there are no more.
 *
 * With a limit one run is read at first, and one more at once for each that did not suffice: the first run usually
 * does.
 */
async function readRound(
  sortedRuns: readonly Run[],
  after: Position | undefined,
  { order, size, onEqualKeys, signal, openMax = 1, limit }: RoundOptions,
): Promise<{ records: LogRecord[]; isLast: boolean }> {
  const selection = new Selection({ size, compare: placesIn(order), onEqualKeys })
  const waiting = sortedRuns.values()
  let failure: { readonly error: unknown } | undefined
  const next = (): Run | undefined => {
    const run = failure === undefined ? waiting.next().value : undefined
    if (run === undefined || selection.last === undefined) return run
    if (!isBeyond(run, selection.last, order)) return run
    // So do all that come after it.
    selection.skip()
    return undefined
  }
  const workers: Promise<void>[] = []
  const work = async (): Promise<void> => {
    try {
      for (let run = next(); run !== undefined; run = next()) {
        signal?.throwIfAborted()
        await fillFrom(run, selection, { after, order })
        selection.settle()
        if (workers.length < openMax) workers.push(work())
      }
    } catch (error) {
      failure ??= { error }
    }
  }
  const first = limit === undefined ? openMax : 1
  while (workers.length < first) workers.push(work())
  // More may join while these are awaited.
  for (const worker of workers) await worker
  if (failure !== undefined) throw failure.error
  return { records: selection.take(), isLast: !selection.hasDropped }
}

/** Adds a run's records; stops early where a sorted run has passed the last one wanted. */
export async function fillFrom(
  run: Pick<Run, 'isSorted' | 'open'>,
  selection: Selection,
  { after, order }: { readonly after: Position | undefined; readonly order: Order },
): Promise<void> {
  const compare = placesIn(order)
  for await (const batch of run.open(after)) {
    for (const record of batch) {
      if (after !== undefined && compare(record, after) <= 0) continue
      selection.add(record)
    }
    const newest = batch.at(-1)
    if (!run.isSorted || newest === undefined || selection.last === undefined) continue
    if (compare(newest, selection.last) > 0) return
  }
}

export function* batchesOf(records: readonly LogRecord[]): Generator<LogRecord[]> {
  for (let at = 0; at < records.length; at += BATCH_RECORDS) {
    yield records.slice(at, at + BATCH_RECORDS)
  }
}
