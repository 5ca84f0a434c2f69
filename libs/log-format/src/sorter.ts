import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { mergeSorted } from './merge-sorted.ts'
import type { MergeOptions } from './merge-sorted.ts'
import { SpillWriter, readSpill } from './spill-file.ts'

const BYTES_MAX = 48 * 1024 * 1024
/** Runs merged at once. Each holds a batch in memory; more runs are first merged into fewer. */
const RUNS_MERGED_MAX = 64
/** Of what may be held in memory, a batch of a run may be this part, so that all runs together are half of it. */
const BATCH_PART = 2 * RUNS_MERGED_MAX
const BATCH_ITEMS = 512

export interface SorterOptions<Item> extends MergeOptions<Item> {
  /** A folder of the caller's that the sorter may fill with temporary files. */
  readonly workDir: string
  /** About how many bytes an item takes in memory; what is held before a spill is bounded by their sum. */
  readonly sizeOf: (item: Item) => number
  /** Items held in memory are at most this large together. Default 48 MiB. */
  readonly bytesMax?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Sorts any number of items in bounded memory: sorted runs on disk, then a merge. Items must survive
 * `v8.serialize`: plain data, no getters, no class instances.
 *
 * Dispose of it in any case: that removes its temporary files.
 */
export interface Sorter<Item> extends AsyncDisposable {
  /** Resolves when there is room for more. @throws the file system's error, for example on a full disk. */
  add(items: readonly Item[]): Promise<void>
  /** All items in order, equal ones combined. Call it once, after the last `add`. */
  sorted(): AsyncGenerator<Item[]>
}

/** Makes an empty {@link Sorter}; nothing is on disk before {@link SorterOptions.bytesMax} is reached. */
export function createSorter<Item extends object>(options: SorterOptions<Item>): Sorter<Item> {
  return new ExternalSorter(options)
}

class ExternalSorter<Item extends object> implements Sorter<Item> {
  readonly #options: SorterOptions<Item>
  readonly #bytesMax: number
  #held: Item[] = []
  #heldBytes = 0
  #dir: string | undefined
  /** Files of sorted runs; of equal items those in an earlier run came earlier. */
  #runs: string[] = []
  #files = 0
  #isClosed = false

  constructor(options: SorterOptions<Item>) {
    this.#options = options
    this.#bytesMax = options.bytesMax ?? BYTES_MAX
  }

  async add(items: readonly Item[]): Promise<void> {
    this.#checkOpen()
    this.#options.signal?.throwIfAborted()
    for (const item of items) {
      this.#held.push(item)
      this.#heldBytes += this.#options.sizeOf(item)
      if (this.#heldBytes >= this.#bytesMax) await this.#spill()
    }
  }

  async *sorted(): AsyncGenerator<Item[]> {
    this.#checkOpen()
    this.#isClosed = true
    if (this.#runs.length === 0) {
      yield* mergeSorted([this.#takeHeld()], this.#options)
      return
    }
    if (this.#held.length > 0) await this.#spill()
    while (this.#runs.length > RUNS_MERGED_MAX) await this.#mergeRuns()
    for await (const batch of mergeSorted(this.#runs.map(readSpill<Item>), this.#options)) {
      yield batch
      this.#options.signal?.throwIfAborted()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#held = []
    const dir = this.#dir
    this.#dir = undefined
    if (dir !== undefined) await rm(dir, { recursive: true, force: true })
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error('a sorter was used after its end')
  }

  async #spill(): Promise<void> {
    this.#runs.push(await this.#writeRun(mergeSorted([this.#takeHeld()], this.#options)))
  }

  /** Merges runs that follow each other until no more are left than can be merged at once, or each was merged. */
  async #mergeRuns(): Promise<void> {
    const runs = this.#runs
    const merged: string[] = []
    while (runs.length > 0 && merged.length + runs.length > RUNS_MERGED_MAX) {
      const tooMany = merged.length + runs.length - RUNS_MERGED_MAX
      const some = runs.splice(0, Math.min(tooMany + 1, RUNS_MERGED_MAX))
      merged.push(await this.#writeRun(mergeSorted(some.map(readSpill<Item>), this.#options)))
    }
    this.#runs = [...merged, ...runs]
  }

  async #writeRun(batches: AsyncIterable<readonly Item[]>): Promise<string> {
    const { workDir, sizeOf, signal } = this.#options
    this.#dir ??= await mkdtemp(join(workDir, 'sort-'))
    this.#files += 1
    const path = join(this.#dir, `run-${this.#files}`)
    await using writer = await SpillWriter.create(path)
    let batch: Item[] = []
    let batchBytes = 0
    for await (const items of batches) {
      signal?.throwIfAborted()
      for (const item of items) {
        batch.push(item)
        batchBytes += sizeOf(item)
        if (batchBytes < this.#bytesMax / BATCH_PART) continue
        await writer.write(batch)
        batch = []
        batchBytes = 0
      }
    }
    if (batch.length > 0) await writer.write(batch)
    await writer.finish()
    return path
  }

  /** What is held, sorted, in batches; they are let go one by one. */
  async *#takeHeld(): AsyncGenerator<Item[]> {
    const held = this.#held.toSorted(this.#options.compare)
    this.#held = []
    this.#heldBytes = 0
    for (let at = 0; at < held.length; at += BATCH_ITEMS) {
      await Promise.resolve()
      yield held.slice(at, at + BATCH_ITEMS)
    }
  }
}
