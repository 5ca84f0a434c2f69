import type { Connection } from './connection.ts'
import type { Liveness } from './liveness.ts'
import { PingLog } from './ping-log.ts'

/** Twitch allows an account 100 channels; log services keep about 90 on a connection. */
const CONNECTION_CHANNELS_MAX = 90

const LOGIN_MS_MAX = 10_000
const JOIN_CHANNELS_MAX = 20 // With 25 letters each a line stays near the 512 bytes of IRC.

/**
 * What Twitch accepted so shortly before a PING may still be on its way through Twitch to the server that
 * answers it.
 */
const FAN_OUT_MS = 300

/**
 * - `opening`: not yet logged in.
 * - `suspect`: a PING is not answered. It is read on while its channels are joined elsewhere.
 * - `leaving`: Twitch will close it. The same, without a way back.
 */
type PoolConnectionState = 'opening' | 'ready' | 'suspect' | 'leaving'

export interface PoolConnectionParts {
  readonly connection: Connection
  readonly liveness: Liveness
  readonly openedAtMs: number
  readonly pingIntervalMs: number
  readonly pongMsMax: number
}

/** One connection and the channels that are (to be) joined on it. */
export class PoolConnection {
  readonly connection: Connection
  readonly liveness: Liveness
  /** Channels asked for here, joined or not yet. */
  readonly logins = new Set<string>()
  state: PoolConnectionState = 'opening'
  leaveByMs = Number.POSITIVE_INFINITY
  readonly #parts: PoolConnectionParts
  #pings: PingLog
  #pingedAtMs: number
  #readyAtMs: number | undefined
  #closedAtMs: number | undefined
  readonly #closed = Promise.withResolvers<boolean>()

  constructor(parts: PoolConnectionParts) {
    this.connection = parts.connection
    this.liveness = parts.liveness
    this.#parts = parts
    this.#pings = new PingLog(parts.openedAtMs)
    this.#pingedAtMs = parts.openedAtMs
  }

  get isLeft(): boolean {
    return this.state === 'leaving' || this.state === 'suspect'
  }

  get room(): number {
    return this.isLeft ? 0 : CONNECTION_CHANNELS_MAX - this.logins.size
  }

  ready(nowMs: number): void {
    if (this.state === 'opening') this.state = 'ready'
    this.#readyAtMs = nowMs
    this.#pings = new PingLog(nowMs)
    this.#pingedAtMs = nowMs
  }

  /** How long it has been logged in. */
  readyForMs(nowMs: number): number {
    return this.#readyAtMs === undefined ? 0 : nowMs - this.#readyAtMs
  }

  /** The socket is gone. `isInOrder`: everything the peer sent before has come. */
  end(isInOrder: boolean): void {
    this.#closed.resolve(isInOrder)
  }

  /** Closes in order and resolves when the socket is gone. Then all that was sent before is covered. */
  async close(nowMs: number): Promise<void> {
    this.connection.close()
    if (await this.#closed.promise) this.#closedAtMs = nowMs
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

  /** Everything Twitch accepted before, of the channels joined here by then, is stored. Monotonic milliseconds. */
  coveredMs(storedUntilMs: number): number {
    return (this.#closedAtMs ?? this.#pings.coveredMs(storedUntilMs)) - FAN_OUT_MS
  }

  /** Sends a PING when one is due, and says what the peer is. */
  check(nowMs: number): 'alive' | 'suspect' | 'gone' {
    if (this.state === 'opening') {
      return nowMs - this.#parts.openedAtMs > LOGIN_MS_MAX ? 'gone' : 'alive'
    }
    if (nowMs - this.#pingedAtMs >= this.#parts.pingIntervalMs) {
      this.#pingedAtMs = nowMs
      this.connection.ping(this.#pings.ask(nowMs))
    }
    return this.liveness.check(this.#pings.waitingSinceMs)
  }

  /** Returns whether the peer, after this answer, answers in time. */
  pong(token: string, nowMs: number): boolean {
    const isAnswer = this.#pings.answer(token, nowMs)
    const { waitingSinceMs = nowMs } = this.#pings
    return isAnswer && nowMs - waitingSinceMs < this.#parts.pongMsMax
  }
}
