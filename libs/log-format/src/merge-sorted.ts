/** How {@link mergeSorted} orders items and what it does with equal ones. */
export interface MergeOptions<Item> {
  readonly compare: (left: Item, right: Item) => number
  /** Makes one of two equal items, the first source's first. Default: the first stays, the other is dropped. */
  readonly combine?: ((first: Item, second: Item) => Item) | undefined
  /** Told of every item that {@link MergeOptions.combine} or the default made vanish. */
  readonly onEqual?: ((dropped: Item) => void) | undefined
}

/** Merges sources that are each sorted into one, in batches, holding one batch a source. */
export async function* mergeSorted<Item>(
  _sources: readonly AsyncIterable<readonly Item[]>[],
  _options: MergeOptions<Item>,
): AsyncGenerator<Item[]> {
  yield await Promise.reject(new Error('not built yet'))
}
