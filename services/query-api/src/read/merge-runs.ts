import { mergeRecords } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ReadDeps } from './deps.ts'
import type { LogFilter } from './log-query.ts'
import { readInRounds } from './rounds.ts'
import { lanesOf, readLane } from './run.ts'
import type { Run } from './run.ts'

/**
 * Merges runs into one, in order and each record once: lane by lane where that many can be open at once, in
 * rounds where not, or where a run is not in order.
 */
export async function* mergeRuns(
  runs: readonly Run[],
  query: LogFilter,
  { limits, onEqualKeys }: Pick<ReadDeps, 'limits' | 'onEqualKeys'>,
): AsyncGenerator<LogRecord[], void, undefined> {
  const { order, after, limit, signal, userId } = query
  const lanes = runs.every(({ isSorted }) => isSorted) ? lanesOf(runs, order) : undefined
  if (lanes === undefined || lanes.length > limits.openRunsMax) {
    const size = Math.min(limit ?? limits.roundRecords, limits.roundRecords)
    const openMax = limits.openChannelsMax
    yield* readInRounds(runs, after, { order, size, limit, openMax, onEqualKeys, signal })
    return
  }
  // What a user has in one segment is little, and so is what a limit leaves of it: the time goes into the requests.
  const isLittle = userId !== undefined || limit !== undefined
  const ahead = isLittle ? Math.max(1, Math.floor(limits.openChannelsMax / lanes.length)) : 1
  const sources = lanes.map((lane) => readLane(lane, after, { limit, ahead }))
  const [only] = sources
  if (only !== undefined && sources.length === 1) {
    // Nothing to compare with: within a lane one run ends before the next begins.
    yield* checked(only, signal)
    return
  }
  const count = { duplicates: 0 }
  try {
    yield* checked(mergeRecords(sources, order, count), signal)
  } finally {
    if (count.duplicates > 0) onEqualKeys(count.duplicates)
  }
}

async function* checked(
  batches: AsyncIterable<LogRecord[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogRecord[], void, undefined> {
  for await (const batch of batches) {
    signal?.throwIfAborted()
    yield batch
  }
}
