import type { PoolConnection } from './pool-connection.ts'
import { retryDelayMs } from './retry-delay.ts'

/** A JOIN that was not answered by a ROOMSTATE within this time did not happen. */
const CONFIRM_MS_MAX = 30_000

const UNCONFIRMED_RETRY = { firstMs: 2000, maxMs: 600_000 }
const REFUSED_RETRY = { firstMs: 600_000, maxMs: 3_600_000 }

/**
 * - `waiting`: to be joined, when the budget and a connection allow it.
 * - `joining`: asked for, not yet confirmed.
 * - `joined`: ROOMSTATE, or a line of the channel, was seen.
 * - `refused`: suspended, banned or closed; asked for again seldom.
 */
export type JoinState = 'waiting' | 'joining' | 'joined' | 'refused'

/** One wanted channel. */
export class ChannelEntry {
  readonly login: string
  state: JoinState = 'waiting'
  /** Where it is asked for or joined. */
  on: PoolConnection | undefined
  /** Where it still is joined until {@link ChannelEntry.on} is confirmed. */
  before: PoolConnection | undefined
  /** Was joined before and comes first. */
  isLost = false
  #askedAtMs = 0
  #failures = 0
  #notBeforeMs = 0

  constructor(login: string) {
    this.login = login
  }

  get isReceiving(): boolean {
    return this.state === 'joined' || this.before !== undefined
  }

  isDue(nowMs: number): boolean {
    return this.state !== 'joining' && this.state !== 'joined' && nowMs >= this.#notBeforeMs
  }

  ask(connection: PoolConnection, nowMs: number): void {
    this.state = 'joining'
    this.on = connection
    this.#askedAtMs = nowMs
  }

  confirm(): void {
    this.state = 'joined'
    this.before = undefined
    this.isLost = false
    this.#failures = 0
  }

  refuse(nowMs: number): void {
    this.#fail('refused', nowMs + retryDelayMs(this.#failures + 1, REFUSED_RETRY))
  }

  isUnconfirmed(nowMs: number): boolean {
    return this.state === 'joining' && nowMs - this.#askedAtMs >= CONFIRM_MS_MAX
  }

  giveUpJoin(nowMs: number): void {
    this.#fail('waiting', nowMs + retryDelayMs(this.#failures + 1, UNCONFIRMED_RETRY))
  }

  /** A connection is gone. */
  lose(connection: PoolConnection): void {
    if (this.before === connection) this.before = undefined
    if (this.on !== connection) return
    this.on = undefined
    if (this.state === 'refused') return
    this.isLost ||= this.state === 'joined'
    this.state = 'waiting'
    this.#notBeforeMs = 0
  }

  /** Its connection will go: join elsewhere, and stay until that is confirmed. */
  leave(): void {
    const from = this.on
    if (this.state === 'joined') {
      this.before = from
      this.isLost = true
    }
    this.on = undefined
    if (this.state === 'refused') return
    this.state = 'waiting'
    this.#notBeforeMs = 0
  }

  #fail(state: JoinState, notBeforeMs: number): void {
    this.state = state
    this.#failures += 1
    this.#notBeforeMs = notBeforeMs
    this.on?.logins.delete(this.login)
    this.on = undefined
  }
}
