import { mergeSorted } from './merge-sorted.ts'
import { comparePositions } from './order.ts'
import type { LogRecord, Order } from './types.ts'

/** Counts what {@link mergeRecords} dropped. In health it stays 0: a record lives in one place. */
export interface MergeCount {
  duplicates: number
}

/**
 * Merges sources that are each in `order` (of {@link comparePositions}) into one, in batches.
 *
 * Of records at one place with one key the first source's stays and the others are dropped; `count`,
 * where given, says how many. Holds one batch a source. When the caller stops early or a source
 * fails, every source is closed.
 *
 * @throws Error when a source is not in order.
 */
export function mergeRecords(
  sources: readonly AsyncIterable<LogRecord[]>[],
  order: Order,
  count: MergeCount = { duplicates: 0 },
): AsyncGenerator<LogRecord[]> {
  const onEqual = (): void => {
    count.duplicates += 1
  }
  const compare =
    order === 'asc'
      ? comparePositions
      : (left: LogRecord, right: LogRecord) => comparePositions(right, left)
  return mergeSorted(sources, { compare, onEqual })
}
