import {
  DigestSum,
  WordCounter,
  addCounts,
  compareUserRecords,
  compareWordCounts,
  createSorter,
  plainRecord,
} from '@poglog/log-format'
import type { LogRecord, Sorter, WordCount } from '@poglog/log-format'

/** Rows counted in memory before they go to the sorter. */
const COUNTED_ROWS_MAX = 60_000
/** What each of the two sorters may hold in memory; all of a compaction must fit 512 MiB. */
const SORTER_BYTES_MAX = 24 * 1024 * 1024
/** What a record takes beside its line, and a row of counts in all, about. */
const RECORD_BYTES = 500
const ROW_BYTES = 200

/** A plain record, with the user shard it belongs to. */
export interface UserRecord extends LogRecord {
  readonly users: number
}

export interface DayPassOptions {
  /** A folder of the caller's for temporary files. */
  readonly dir: string
  readonly userShardOf: (userId: string) => number
  readonly signal?: AbortSignal | undefined
}

/**
 * What one pass over a day's records collects for the other two orders: the records that belong to
 * users, to be sorted by user shard and user, and the counts of words.
 */
export class DayPass implements AsyncDisposable {
  readonly #options: DayPassOptions
  readonly #users: Sorter<UserRecord>
  readonly #words: Sorter<WordCount>
  readonly #counter = new WordCounter()
  readonly #userShards = new Set<number>()
  readonly #userless = new DigestSum()
  #counted = 0

  constructor(options: DayPassOptions) {
    this.#options = options
    const common = { workDir: options.dir, bytesMax: SORTER_BYTES_MAX, signal: options.signal }
    this.#users = createSorter<UserRecord>({
      ...common,
      compare: compareSharded,
      sizeOf: recordBytes,
    })
    this.#words = createSorter<WordCount>({
      ...common,
      compare: compareWordCounts,
      combine: addCounts,
      sizeOf: () => ROW_BYTES,
    })
  }

  /** The user shards that have records, ascending. */
  get userShards(): readonly number[] {
    return [...this.#userShards].toSorted((left, right) => left - right)
  }

  get hasWords(): boolean {
    return this.#counted > 0
  }

  /** Sum of all counts. */
  get counted(): number {
    return this.#counted
  }

  /** Digest of the records that belong to no user. */
  get userlessDigest(): string {
    return this.#userless.toString()
  }

  /** Passes records on and collects what they add to the other orders; at the end everything is collected. */
  async *tap(batches: AsyncIterable<readonly LogRecord[]>): AsyncGenerator<LogRecord[]> {
    for await (const batch of batches) {
      this.#options.signal?.throwIfAborted()
      if (batch.length > 0) yield await this.#take(batch)
    }
    await this.#flushCounts()
  }

  /** The users' records in the order of user shard, user, channel, sent time, key. Call it once. */
  usersSorted(): AsyncGenerator<UserRecord[]> {
    return this.#users.sorted()
  }

  /** The counts in order, equal rows added up. Call it once. */
  wordsSorted(): AsyncGenerator<WordCount[]> {
    return this.#words.sorted()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#users[Symbol.asyncDispose]()
    await this.#words[Symbol.asyncDispose]()
  }

  async #take(batch: readonly LogRecord[]): Promise<LogRecord[]> {
    const ofUsers: UserRecord[] = []
    const copies = batch.map((record) => {
      this.#counter.add(record) // The original: its text may be there without parsing the line.
      // What is held for a while must not keep the batch it was decoded with.
      const plain = plainRecord(record)
      if (plain.userId === '') {
        this.#userless.add(plain)
        return plain
      }
      const users = this.#options.userShardOf(plain.userId)
      const copy = { ...plain, users }
      this.#userShards.add(copy.users)
      ofUsers.push(copy)
      return copy
    })
    if (ofUsers.length > 0) await this.#users.add(ofUsers)
    if (this.#counter.size > COUNTED_ROWS_MAX) await this.#flushCounts()
    return copies
  }

  async #flushCounts(): Promise<void> {
    const rows = this.#counter.take()
    if (rows.length === 0) return
    for (const { count } of rows) this.#counted += count
    await this.#words.add(rows)
  }
}

/** About what a record takes in memory. Lines with a letter beyond Latin-1 take two bytes a character. */
export function recordBytes({ raw }: LogRecord): number {
  return raw.length * 2 + RECORD_BYTES
}

function compareSharded(left: UserRecord, right: UserRecord): number {
  return left.users - right.users || compareUserRecords(left, right)
}
