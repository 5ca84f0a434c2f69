import type { Connection } from './connection.ts'

/** For how many days a channel's records are kept; for ever where nothing is set. */
export class Retention {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Sets the days (1 to 36,500), or with `undefined` keeps for ever. */
  async set(_channelId: string, _days: number | undefined): Promise<void> {
    await notBuilt(this.#connection)
  }

  /** Channel id -> days, of all channels that have a limit. */
  async all(): Promise<ReadonlyMap<string, number>> {
    return await notBuilt(this.#connection)
  }
}

function notBuilt(..._parts: readonly unknown[]): Promise<never> {
  return Promise.reject(new Error('not built yet'))
}
