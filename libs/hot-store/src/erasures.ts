import type { Connection } from './connection.ts'
import type { Erasure } from './types.ts'

/** Requests to erase users' records, kept until they are done and as a record of it afterwards. */
export class Erasures {
  readonly #connection: Connection
  readonly #shards: number

  constructor(connection: Connection, shards: number) {
    this.#connection = connection
    this.#shards = shards
  }

  /**
   * Hides everything the user has sent until now, at once and in every shard, and asks the archiver to remove it.
   * Asking again moves the time on.
   */
  async request(_userId: string): Promise<Erasure> {
    return await notBuilt(this.#connection, this.#shards)
  }

  async find(_userId: string): Promise<Erasure | undefined> {
    return await notBuilt(this.#connection, this.#shards)
  }

  async pending(): Promise<Erasure[]> {
    return await notBuilt(this.#connection, this.#shards)
  }

  /** Notes how far a request has come, unless it was asked for again since (`beforeMs` differs). */
  async update(_erasure: Erasure): Promise<void> {
    await notBuilt(this.#connection, this.#shards)
  }
}

function notBuilt(..._parts: readonly unknown[]): Promise<never> {
  return Promise.reject(new Error('not built yet'))
}
