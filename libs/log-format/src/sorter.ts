import type { MergeOptions } from './merge-sorted.ts'

export interface SorterOptions<Item> extends MergeOptions<Item> {
  /** A folder of the caller's that the sorter may fill with temporary files. */
  readonly workDir: string
  /** About how many bytes an item takes in memory; what is held before a spill is bounded by their sum. */
  readonly sizeOf: (item: Item) => number
  /** Items held in memory are at most this large together. Default 48 MiB. */
  readonly bytesMax?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Sorts any number of items in bounded memory: sorted runs on disk, then a merge. Items must survive `v8.serialize`. */
export interface Sorter<Item> extends AsyncDisposable {
  /** Resolves when there is room for more. @throws the file system's error, for example on a full disk. */
  add(items: readonly Item[]): Promise<void>
  /** All items in order, equal ones combined. Call it once, after the last `add`. */
  sorted(): AsyncGenerator<Item[]>
}

export function createSorter<Item extends object>(_options: SorterOptions<Item>): Sorter<Item> {
  throw new Error('not built yet')
}
