import { ChannelSet } from './channel-set.ts'
import type { ChannelCounts } from './channel-set.ts'
import { Liveness } from './liveness.ts'
import { PoolConnection } from './pool-connection.ts'
import type { LineSource, PoolDeps } from './pool-deps.ts'
import { retryDelayMs } from './retry-delay.ts'

const LEAVE_MS_MAX = 30_000
const RECONNECT = { firstMs: 1000, maxMs: 30_000 }

/** Every connection is asked more often than that; all silent for so long are no accident of one. */
const CUT_OFF_MS = 4000

/** After a connection that held so long the next one is opened sooner, and it is no sign of trouble. */
const HEALTHY_AFTER_MS = 60_000
const HEALTHY_RECONNECT = { firstMs: 500, maxMs: 500 }

/**
 * Keeps the wanted channels joined over as many connections as they take, and knows up to when they are
 * covered. Everything that takes time happens in {@link ChannelPool.tick}; call it about every 100 ms.
 */
export class ChannelPool {
  readonly #deps: PoolDeps
  readonly #channels: ChannelSet
  readonly #connections = new Set<PoolConnection>()
  #openFromMs = 0
  #failures = 0
  #heardMs: number
  #isPaused = false
  #isStopping = false

  constructor(deps: PoolDeps) {
    this.#deps = deps
    this.#channels = new ChannelSet(deps)
    this.#heardMs = deps.nowMs()
  }

  get connections(): number {
    return this.#connections.size
  }

  /** How many channels are in each state. */
  counts(): ChannelCounts {
    return this.#channels.counts()
  }

  /** The channels lines come from. Everything sent to one before `coveredMs` (monotonic) is stored. */
  receiving(): Iterable<{ readonly login: string; readonly coveredMs: number }> {
    return this.#channels.receiving()
  }

  /**
   * Everything sent before, to any channel that was received then, is stored. Monotonic milliseconds that
   * never go back; `undefined` until a channel was joined.
   */
  coveredMs(): number | undefined {
    return this.#channels.coveredMs()
  }

  /** Whether joining a wanted channel has come to something: received, refused, or asked for in vain. */
  isSettled(login: string): boolean {
    return this.#channels.isSettled(login)
  }

  /** Whether a wanted channel was asked for and is not received: refused, not answered, or lost since. */
  isAskedInVain(login: string): boolean {
    return this.#channels.isAskedInVain(login)
  }

  /** Whether channels are wanted and nothing has been heard on any connection for seconds. */
  isCutOff(): boolean {
    return this.#deps.nowMs() - this.#heardMs >= CUT_OFF_MS
  }

  /** Says which channels are wanted from now on; the rest is parted. */
  want(logins: ReadonlySet<string>): void {
    if (!this.#isStopping) this.#channels.want(logins)
  }

  tick(): void {
    if (this.#isStopping) return
    const nowMs = this.#deps.nowMs()
    if (!this.#isPaused) {
      for (const connection of this.#connections) this.#check(connection, nowMs)
    }
    this.#listen(nowMs)
    this.#channels.giveUpUnconfirmed(nowMs)
    this.#channels.endMoves()
    this.#closeLeft(nowMs)
    this.#join(nowMs)
  }

  /** Reads no more until {@link ChannelPool.resume}. Twitch cuts off who does that for long. */
  pause(): void {
    this.#isPaused = true
    for (const { connection } of this.#connections) connection.pause()
  }

  resume(): void {
    this.#isPaused = false
    for (const { connection, liveness } of this.#connections) {
      liveness.excuse()
      connection.resume()
    }
  }

  /** Closes all connections in order; what comes until they are closed is still handed on. */
  async stop(): Promise<void> {
    this.#isStopping = true
    const nowMs = this.#deps.nowMs()
    await Promise.all([...this.#connections].map((connection) => connection.close(nowMs)))
    this.#channels.partAll()
  }

  #listen(nowMs: number): void {
    if (this.#isPaused || this.#channels.isEmpty) this.#heardMs = nowMs
    for (const { state, liveness } of this.#connections) {
      if (state !== 'opening') this.#heardMs = Math.max(this.#heardMs, liveness.heardMs)
    }
  }

  #check(pooled: PoolConnection, nowMs: number): void {
    const peer = pooled.check(nowMs)
    if (peer === 'gone') pooled.connection.terminate()
    if (peer !== 'suspect' || pooled.state !== 'ready') return
    this.#deps.events.connectionSuspect(pooled.logins.size)
    this.#leave(pooled, 'suspect')
  }

  #closeLeft(nowMs: number): void {
    const needed = this.#channels.needed()
    for (const left of this.#connections) {
      if (left.isLeft && (!needed.has(left) || nowMs >= left.leaveByMs)) left.connection.close()
    }
  }

  #join(nowMs: number): void {
    const due = this.#channels.due(nowMs)
    if (due.count === 0) return
    let room = 0
    for (const connection of this.#connections) {
      if (connection.state === 'ready') {
        const granted = this.#deps.budget.take(Math.min(due.count, connection.room))
        if (granted > 0) this.#channels.ask(due.take(granted), connection)
      }
      room += connection.room
    }
    if (due.count > room && nowMs >= this.#openFromMs) this.#open(nowMs)
  }

  #open(nowMs: number): void {
    const { open, settings, events, onLines } = this.#deps
    this.#openFromMs = nowMs + settings.connectIntervalMs
    const pooled: PoolConnection = new PoolConnection({
      connection: open({
        ...events,
        ready: () => {
          pooled.ready(this.#deps.nowMs())
          events.connectionReady()
          this.tick()
        },
        data: (sizeBytes) => {
          pooled.liveness.data()
          events.frameReceived(sizeBytes)
        },
        lines: (lines) => onLines(lines, this.#sourceOf(pooled)),
        pong: (token) => this.#answered(pooled, token),
        parted: (login) => this.#channels.kick(login, pooled),
        reconnectAsked: () => this.#reconnect(pooled),
        closed: (reason, isInOrder) => this.#closed(pooled, reason, isInOrder),
      }),
      liveness: new Liveness({ ...settings, nowMs: this.#deps.nowMs }),
      openedAtMs: nowMs,
      ...settings,
    })
    this.#connections.add(pooled)
    events.connectionOpened()
  }

  #sourceOf(pooled: PoolConnection): LineSource {
    return {
      isJoining: () => this.#channels.isJoining,
      confirm: (login) => {
        if (this.#channels.confirm(login, pooled)) this.#failures = 0
      },
      refuse: (login, messageId) => this.#channels.refuse(login, messageId, pooled),
    }
  }

  #answered(pooled: PoolConnection, token: string): void {
    if (!pooled.pong(token, this.#deps.nowMs()) || pooled.state !== 'suspect') return
    // What has not been asked for elsewhere stays here, at the next tick.
    pooled.state = 'ready'
    pooled.leaveByMs = Number.POSITIVE_INFINITY
    this.#deps.events.connectionRecovered()
  }

  #reconnect(pooled: PoolConnection): void {
    if (pooled.state === 'leaving') return
    this.#deps.events.reconnectAsked(pooled.logins.size)
    this.#leave(pooled, 'leaving')
  }

  /** Make before break: the channels are joined elsewhere before this connection is closed. */
  #leave(pooled: PoolConnection, state: 'suspect' | 'leaving'): void {
    pooled.state = state
    pooled.leaveByMs = this.#deps.nowMs() + LEAVE_MS_MAX
    this.#channels.leave(pooled)
    // Not joined at once: the other connections are often told a moment later.
  }

  #closed(pooled: PoolConnection, reason: string, isInOrder: boolean): void {
    const nowMs = this.#deps.nowMs()
    this.#connections.delete(pooled)
    pooled.end(isInOrder)
    // When all are closed, all channels are parted.
    const lostChannels = this.#isStopping ? 0 : this.#channels.lose(pooled)
    this.#deps.events.connectionClosed(reason, lostChannels)
    if (pooled.isLeft) return
    const isHealthy = pooled.readyForMs(nowMs) >= HEALTHY_AFTER_MS
    if (!isHealthy) this.#failures += 1
    const delayMs = retryDelayMs(isHealthy ? 1 : this.#failures, {
      ...(isHealthy ? HEALTHY_RECONNECT : RECONNECT),
      ...(this.#deps.random && { random: this.#deps.random }),
    })
    this.#openFromMs = Math.max(this.#openFromMs, nowMs + delayMs)
  }
}
