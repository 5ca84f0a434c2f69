import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { hitsKey } from './keys.ts'
import { toArray, toInteger } from './reply.ts'
import { loadScript } from './script.ts'

const COUNT_HITS = loadScript('count-hits')

const HITS_MAX = 1_000_000
const WINDOW_MS_MAX = 3_600_000

/** A hit of a client: what it counts for, and the window that the first hit begins, 1 ms to an hour. */
export interface ClientHit {
  /** Up to 64 characters of addresses: letters, digits, `.`, `:` and `/`. */
  readonly client: string
  readonly hits: number
  readonly windowMs: number
}

/**
 * Counts for limits of clients' rates, shared by all processes. A client has one key of about 100 bytes, for as long as
 * its window lasts. They are no records: nothing waits for replicas, and a failover may forget them.
 */
export class ClientHits {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Adds a hit, also one beyond any limit.
   *
   * @returns the hits of the client's window, this one with it, and in how many ms it ends.
   * @throws {HotStoreError} `invalid` before anything was sent.
   */
  async add({ client, hits, windowMs }: ClientHit): Promise<{ hits: number; leftMs: number }> {
    const keys = [hitsKey(client)]
    inRange('hits', hits, HITS_MAX)
    inRange('windowMs', windowMs, WINDOW_MS_MAX)
    const reply = await this.#connection.run({ script: COUNT_HITS, keys, args: [hits, windowMs] })
    const [counted, leftMs] = toArray(reply)
    return { hits: toInteger(counted), leftMs: toInteger(leftMs) }
  }
}

function inRange(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new HotStoreError('invalid', `${name} must be 1 to ${max}, not ${value}`)
  }
}
