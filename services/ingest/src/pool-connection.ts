import type { Connection } from './connection.ts'
import type { Liveness } from './liveness.ts'

/** Twitch allows an account 100 channels; log services keep about 90 on a connection. */
const CONNECTION_CHANNELS_MAX = 90

const LOGIN_MS_MAX = 20_000
const JOIN_CHANNELS_MAX = 20 // With 25 letters each a line stays near the 512 bytes of IRC.

/** One connection and the channels that are (to be) joined on it. */
export class PoolConnection {
  readonly connection: Connection
  readonly liveness: Liveness
  readonly openedAtMs: number
  /** Channels asked for here, joined or not yet. */
  readonly logins = new Set<string>()
  /** `leaving`: Twitch asked to reconnect; it is read until its channels are joined elsewhere. */
  state: 'opening' | 'ready' | 'leaving' = 'opening'
  leaveByMs = Number.POSITIVE_INFINITY
  readonly #closed = Promise.withResolvers<void>()

  constructor(parts: { connection: Connection; liveness: Liveness; openedAtMs: number }) {
    this.connection = parts.connection
    this.liveness = parts.liveness
    this.openedAtMs = parts.openedAtMs
  }

  /** Resolves when the socket is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  end(): void {
    this.#closed.resolve()
  }

  get room(): number {
    return this.state === 'leaving' ? 0 : CONNECTION_CHANNELS_MAX - this.logins.size
  }

  join(logins: readonly string[]): void {
    for (const login of logins) this.logins.add(login)
    for (let from = 0; from < logins.length; from += JOIN_CHANNELS_MAX) {
      this.connection.join(logins.slice(from, from + JOIN_CHANNELS_MAX))
    }
  }

  part(login: string): void {
    this.logins.delete(login)
    this.connection.part([login])
  }

  /** Ends the socket of a peer that does not answer, or asks whether it is there. */
  checkLiveness(nowMs: number): void {
    const isStuck = this.state === 'opening' && nowMs - this.openedAtMs > LOGIN_MS_MAX
    const todo = this.liveness.check()
    if (isStuck || todo === 'end') this.connection.terminate()
    else if (todo === 'ping') this.connection.ping()
  }
}
