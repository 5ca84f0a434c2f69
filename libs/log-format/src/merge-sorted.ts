import { MergeHeap } from './merge-heap.ts'

const BATCH_ITEMS = 512

/** How {@link mergeSorted} orders items and what it does with equal ones. */
export interface MergeOptions<Item> {
  /** Negative when the first comes first, 0 only for items that are equal. */
  readonly compare: (left: Item, right: Item) => number
  /** Makes one of two equal items, the first source's first. Default: the first stays, the other is dropped. */
  readonly combine?: ((first: Item, second: Item) => Item) | undefined
  /** Told of every item that {@link MergeOptions.combine} or the default made vanish. */
  readonly onEqual?: ((dropped: Item) => void) | undefined
}

/**
 * Merges sources that are each sorted into one, in batches that are not empty, holding one batch a source.
 *
 * Equal items become one, whether they come from several sources or lie next to each other in one. When the caller
 * stops early or a source fails, every source is closed.
 *
 * @throws Error when a source is not sorted; a source's error when it fails. What was yielded before stands.
 */
export async function* mergeSorted<Item extends object>(
  sources: readonly AsyncIterable<readonly Item[]>[],
  options: MergeOptions<Item>,
): AsyncGenerator<Item[]> {
  const { compare, combine, onEqual } = options
  const heap = new MergeHeap(sources, compare)
  try {
    await heap.open()
    let batch: Item[] = []
    // The last item waits here, because the next may be equal to it.
    let last: Item | undefined
    for (let head = heap.first; head !== undefined; head = heap.first) {
      const { item } = head
      const order = last === undefined ? -1 : compare(last, item)
      if (order > 0) throw new Error(`merge source ${head.rank} is not in order`)
      if (order < 0 || last === undefined) {
        if (last !== undefined) batch.push(last)
        last = item
      } else {
        if (combine !== undefined) last = combine(last, item)
        onEqual?.(item)
      }
      if (!heap.next()) await heap.refill()
      if (batch.length >= BATCH_ITEMS) {
        yield batch
        batch = []
      }
    }
    if (last !== undefined) batch.push(last)
    if (batch.length > 0) yield batch
  } finally {
    await heap.close()
  }
}
