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
 * the first `size` records beyond the last one handed out, and reads only runs that can hold them; a run that has been
 * read tells which sent times it holds, whatever it claimed before.
 *
 * For runs that overlap too much to be open at once. Runs that hardly overlap are read about twice.
 */
export async function* readInRounds(
  runs: readonly Run[],
  after: Position | undefined,
  options: RoundOptions,
): AsyncGenerator<LogRecord[]> {
  let waiting = runs
  let left = options.limit ?? Number.POSITIVE_INFINITY
  let from = after
  for (;;) {
    const { records, isLast, rest } = await readRound(waiting, from, options)
    waiting = rest
    from = records.at(-1)
    left -= records.length
    yield* batchesOf(records)
    if (isLast || from === undefined || left <= 0) return
  }
}

/**
 * The first records of all runs beyond `after`, whether there are no more, and the runs that may hold them.
 *
 * With a limit one run is read at first, and one more at once for each that did not suffice: the first run usually
 * does.
 */
async function readRound(
  runs: readonly Run[],
  after: Position | undefined,
  { order, size, onEqualKeys, signal, openMax = 1, limit }: RoundOptions,
): Promise<{ records: LogRecord[]; isLast: boolean; rest: Run[] }> {
  const selection = new Selection({ size, compare: placesIn(order), onEqualKeys })
  const sorted = sortRuns(runs, order)
  const waiting = sorted.values()
  const seen = new Map<Run, Run | undefined>()
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
        seen.set(run, await fillFrom(run, selection, { after, order }))
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
  const records = selection.take()
  const rest = sorted.flatMap((run) => {
    const left = seen.has(run) ? seen.get(run) : run
    return left === undefined || isPassed(left, records.at(-1), order) ? [] : [left]
  })
  return { records, isLast: !selection.hasDropped, rest }
}

/**
 * Adds a run's records; stops early where a sorted run has passed the last one wanted.
 *
 * @returns the run with the sent times that it was seen to hold beyond `after`, `undefined` where it holds nothing.
 */
async function fillFrom(
  run: Run,
  selection: Selection,
  { after, order }: { readonly after: Position | undefined; readonly order: Order },
): Promise<Run | undefined> {
  const compare = placesIn(order)
  let [minMs, maxMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for await (const batch of run.open(after)) {
    for (const record of batch) {
      if (after !== undefined && compare(record, after) <= 0) continue
      if (record.sentAtMs < minMs) minMs = record.sentAtMs
      if (record.sentAtMs > maxMs) maxMs = record.sentAtMs
      selection.add(record)
    }
    const newest = batch.at(-1)
    if (!run.isSorted || newest === undefined || selection.last === undefined) continue
    // Where it ends is not known yet.
    if (compare(newest, selection.last) > 0)
      return order === 'asc' ? { ...run, minMs } : { ...run, maxMs }
  }
  return minMs > maxMs ? undefined : { ...run, minMs, maxMs }
}

/** Whether everything in a run lies before a place. */
function isPassed({ minMs, maxMs }: Run, place: Position | undefined, order: Order): boolean {
  if (place === undefined) return false
  return order === 'asc' ? maxMs < place.sentAtMs : minMs > place.sentAtMs
}

function* batchesOf(records: readonly LogRecord[]): Generator<LogRecord[]> {
  for (let at = 0; at < records.length; at += BATCH_RECORDS) {
    yield records.slice(at, at + BATCH_RECORDS)
  }
}
