/** One source with its current batch; `item` is the next to hand out. */
export interface MergeHead<Item> {
  readonly source: AsyncIterator<readonly Item[]>
  readonly rank: number
  batch: readonly Item[]
  at: number
  item: Item
}

/** The sources of a merge, the one with the first item on top; of equal items that of the first source. */
export class MergeHeap<Item extends object> {
  readonly #sources: readonly AsyncIterator<readonly Item[]>[]
  readonly #compare: (left: Item, right: Item) => number
  readonly #heads: MergeHead<Item>[] = []

  constructor(
    sources: readonly AsyncIterable<readonly Item[]>[],
    compare: (left: Item, right: Item) => number,
  ) {
    this.#sources = sources.map((source) => source[Symbol.asyncIterator]())
    this.#compare = compare
  }

  /** `undefined` when all sources have ended. */
  get first(): MergeHead<Item> | undefined {
    return this.#heads[0]
  }

  /** Takes the first batch of each source, all at once. */
  async open(): Promise<void> {
    const started = await Promise.all(this.#sources.map(openHead))
    for (const head of started) if (head !== undefined) this.#push(head)
  }

  /** Moves the first source on by one item; false when its batch is used up and it needs a {@link refill}. */
  next(): boolean {
    const head = this.#heads[0]
    if (head === undefined) return true
    head.at += 1
    const item = head.batch[head.at]
    if (item === undefined) return false
    head.item = item
    this.#sink(head)
    return true
  }

  /** Takes the next batch of the first source, or takes it out when it has ended. */
  async refill(): Promise<void> {
    const head = this.#heads[0]
    if (head === undefined) return
    const batch = await nextBatch(head.source)
    const item = batch?.[0]
    if (batch !== undefined && item !== undefined) {
      head.batch = batch
      head.at = 0
      head.item = item
      this.#sink(head)
      return
    }
    const last = this.#heads.pop()
    if (last !== undefined && this.#heads.length > 0) this.#sink(last)
  }

  /** Closes every source; what that throws is of no use any more. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#sources.map(async (source) => source.return?.()))
  }

  #isBefore(left: MergeHead<Item>, right: MergeHead<Item>): boolean {
    return (this.#compare(left.item, right.item) || left.rank - right.rank) < 0
  }

  #push(head: MergeHead<Item>): void {
    const heads = this.#heads
    let at = heads.push(head) - 1
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = heads[parentAt]
      if (parent === undefined || !this.#isBefore(head, parent)) break
      heads[at] = parent
      at = parentAt
    }
    heads[at] = head
  }

  /** Puts a head in at the root and moves it down to where it belongs. */
  #sink(head: MergeHead<Item>): void {
    const heads = this.#heads
    let at = 0
    for (;;) {
      const left = heads[2 * at + 1]
      const right = heads[2 * at + 2]
      if (left === undefined) break
      const isRight = right !== undefined && this.#isBefore(right, left)
      const child = isRight ? right : left
      if (!this.#isBefore(child, head)) break
      heads[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heads[at] = head
  }
}

async function openHead<Item extends object>(
  source: AsyncIterator<readonly Item[]>,
  rank: number,
): Promise<MergeHead<Item> | undefined> {
  const batch = await nextBatch(source)
  const item = batch?.[0]
  return batch === undefined || item === undefined
    ? undefined
    : { source, rank, batch, at: 0, item }
}

/** The next batch that is not empty, `undefined` at the end. */
async function nextBatch<Item>(
  source: AsyncIterator<readonly Item[]>,
): Promise<readonly Item[] | undefined> {
  for (;;) {
    const step: IteratorResult<readonly Item[], unknown> = await source.next()
    if (step.done === true) return undefined
    if (step.value.length > 0) return step.value
  }
}
