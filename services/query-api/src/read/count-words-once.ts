import type { LogRecord } from '@poglog/log-format'
import type { CountDeps } from './words-deps.ts'
import { COUNT_LIMITS } from '../limits.ts'
import { countInputs } from './words-inputs.ts'
import type { CountInputs, CountQuery } from './words-inputs.ts'
import { countStartingOver } from './start-over.ts'
import { partOf, takeChannelView } from './view.ts'

/**
 * Counts what one snapshot of a channel's shard holds. A count cannot go on from another snapshot: when an object or
 * hot records went away, `count` is called anew (Q1).
 *
 * @throws {HotStoreError} and {ObjectStoreError} when a store is away; asking again helps.
 * @throws {SegmentError} when a segment is damaged, or missing twice: nothing is left out of a count silently.
 * @throws the signal's reason once it is aborted.
 */
export async function countOnce<Result>(
  query: CountQuery,
  deps: CountDeps,
  count: (inputs: CountInputs) => Promise<Result>,
): Promise<Result> {
  return await countStartingOver(query.signal, async (signal) =>
    count(await inputsNow({ ...query, signal }, deps)),
  )
}

/** Reads sources of records to their ends, a few at a time, in no order. */
export async function drain(
  sources: readonly AsyncIterable<LogRecord[]>[],
  handle: (record: LogRecord) => void,
  atOnce?: number,
): Promise<void> {
  await someAtOnce(
    sources,
    async (source) => {
      for await (const batch of source) for (const record of batch) handle(record)
    },
    atOnce,
  )
}

/** Does something with every item, a few at a time. */
export async function someAtOnce<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  atOnce = COUNT_LIMITS.segmentsOpen,
): Promise<void> {
  const waiting = items.values()
  const workOn = async (): Promise<void> => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, workOn))
}

async function inputsNow(query: CountQuery, deps: CountDeps): Promise<CountInputs> {
  const { channelId, fromMs } = query
  const { snapshot, hidden } = await takeChannelView(partOf(channelId, deps), deps.hot)
  const keptFromMs = hidden.keptFromMs.get(channelId) ?? fromMs
  return countInputs({ ...query, fromMs: Math.max(fromMs, keptFromMs) }, snapshot, deps)
}
