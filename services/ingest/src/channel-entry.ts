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
  /**
   * Where it was joined before. It is received from there until {@link ChannelEntry.on} is confirmed and
   * all that was sent there until then is stored.
   */
  before: PoolConnection | undefined
  /** Was joined before and comes first. */
  isLost = false
  joinedAtMs = 0
  #coveredMs = 0
  #askedAtMs = 0
  #failures = 0
  #notBeforeMs = 0

  constructor(login: string) {
    this.login = login
  }

  get isReceiving(): boolean {
    return this.source !== undefined
  }

  /** Where its lines come from, and can be relied on to come from. */
  get source(): PoolConnection | undefined {
    return this.before ?? (this.state === 'joined' ? this.on : undefined)
  }

  /** Is joined on another connection, while something may still come from the one before. */
  get isMoving(): boolean {
    return this.state === 'joined' && this.before !== undefined
  }

  /** Its joining has come to something: it is received, or it was asked for in vain. */
  get isSettled(): boolean {
    return this.isReceiving || this.#failures > 0
  }

  isDue(nowMs: number): boolean {
    return this.state !== 'joining' && this.state !== 'joined' && nowMs >= this.#notBeforeMs
  }

  /** Everything sent before, since it began to be received from `source`, is stored. */
  coveredMs(storedUntilMs: number, source = this.source): number {
    return Math.max(this.#coveredMs, source?.coveredMs(storedUntilMs) ?? this.#coveredMs)
  }

  ask(connection: PoolConnection, nowMs: number): void {
    this.state = 'joining'
    this.on = connection
    this.#askedAtMs = nowMs
  }

  confirm(nowMs: number): void {
    if (!this.isReceiving) this.#coveredMs = nowMs
    this.state = 'joined'
    this.joinedAtMs = nowMs
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
    this.#wait()
  }

  /** Its connection will go: join elsewhere, and stay until that is confirmed. */
  leave(): void {
    const from = this.on
    if (this.state === 'joined') {
      this.before = from
      this.isLost = true
    }
    this.on = undefined
    if (this.state !== 'refused') this.#wait()
  }

  /** The connection it was to leave works again, and it is not yet joined elsewhere. */
  stay(): void {
    this.on = this.before
    this.before = undefined
    this.state = 'joined'
    this.isLost = false
    this.on?.logins.add(this.login)
  }

  /** Whether the connection before has brought all that was sent until this one was joined. */
  hasMoved(storedUntilMs: number): boolean {
    return this.isMoving && this.coveredMs(storedUntilMs) >= this.joinedAtMs
  }

  /** From now on only the new connection counts; it has all since it was joined. */
  endMove(): void {
    this.#coveredMs = Math.max(this.#coveredMs, this.joinedAtMs)
    this.before = undefined
  }

  #wait(): void {
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
