/** An item and what was begun for it. */
export interface Begun<Item, Result> {
  readonly item: Item
  readonly result: Promise<Result>
}

/**
 * Yields items in their order, with the work on the next ones already begun: `count` at a time. What was begun and not
 * taken when the caller stops is given to `drop`.
 */
export async function* ahead<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  { count, drop }: { readonly count: number; readonly drop: (result: Result) => Promise<void> },
): AsyncGenerator<Begun<Item, Result>> {
  const waiting: Begun<Item, Result>[] = []
  const iterator = Iterator.from(items)
  const begin = (): void => {
    const next = iterator.next()
    if (next.done === true) return
    const result = work(next.value)
    // Whoever takes it is told; until then nobody listens.
    result.catch(() => {})
    waiting.push({ item: next.value, result })
  }
  try {
    for (let index = 0; index < count; index += 1) begin()
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      yield next
      begin()
    }
  } finally {
    for (const { result } of waiting) await result.then(drop, () => {})
  }
}
