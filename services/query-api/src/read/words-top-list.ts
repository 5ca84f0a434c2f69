/** Keeps the first `size` of any number of items given in any order; holds twice as many at its peak. */
export class TopList<Item> {
  readonly #size: number
  readonly #compare: (left: Item, right: Item) => number
  #items: Item[] = []
  #last: Item | undefined

  /** @param compare a total order: negative when `left` comes first. */
  constructor(size: number, compare: (left: Item, right: Item) => number) {
    this.#size = size
    this.#compare = compare
  }

  add(item: Item): void {
    if (this.#last !== undefined && this.#compare(item, this.#last) >= 0) return
    this.#items.push(item)
    if (this.#items.length >= 2 * this.#size) this.#shrink()
  }

  /** The last item kept of a full list: what comes after it is not wanted. */
  get last(): Item | undefined {
    this.#shrink()
    return this.#last
  }

  /** The items kept, in order. */
  take(): Item[] {
    this.#shrink()
    return this.#items
  }

  #shrink(): void {
    this.#items = this.#items.toSorted(this.#compare).slice(0, this.#size)
    if (this.#items.length === this.#size) this.#last = this.#items.at(-1)
  }
}

/** Something counted: a user's id, a channel's id. */
export interface Counted {
  readonly id: string
  readonly count: number
}

/** The `size` highest counts; equal ones by id. */
export function leadersOf(counts: ReadonlyMap<string, number>, size: number): Counted[] {
  const list = new TopList<Counted>(
    size,
    (left, right) => right.count - left.count || (left.id < right.id ? -1 : 1),
  )
  for (const [id, count] of counts) list.add({ id, count })
  return list.take()
}
