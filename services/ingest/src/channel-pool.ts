import { ChannelEntry } from './channel-entry.ts'
import type { JoinState } from './channel-entry.ts'
import type { Connection, ConnectionHandlers } from './connection.ts'
import type { JoinBudget } from './join-budget.ts'
import { Liveness } from './liveness.ts'
import { PoolConnection } from './pool-connection.ts'
import { retryDelayMs } from './retry-delay.ts'

const LEAVE_MS_MAX = 30_000
const RECONNECT_FIRST_MS = 1000
const RECONNECT_MAX_MS = 30_000

export interface PoolSettings {
  /** Least time between two connections being opened. */
  readonly connectIntervalMs: number
  readonly pingAfterMs: number
  readonly endAfterMs: number
}

export interface PoolDeps {
  readonly open: (handlers: ConnectionHandlers) => Connection
  readonly budget: JoinBudget
  readonly settings: PoolSettings
  readonly events: PoolEvents
  /** Lines as they came, and the way to tell the pool what they say about the channels. */
  readonly onLines: (lines: readonly string[], source: LineSource) => void
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number
  /** 0 (inclusive) to 1 (exclusive); default `Math.random`. */
  readonly random?: () => number
}

/** Where lines came from. */
export interface LineSource {
  /** Whether a channel waits for its confirmation on any connection, so that a line of it is news. */
  readonly isJoining: () => boolean
  /** The channel is joined on this connection: a ROOMSTATE or any other line of it came. */
  readonly confirm: (login: string) => void
  /** Twitch will not let us in: suspended, banned, closed. */
  readonly refuse: (login: string, messageId: string) => void
}

export interface PoolEvents extends Pick<
  ConnectionHandlers,
  'lineTooLong' | 'frameDamaged' | 'failed' | 'diagnostic' | 'loginRefused'
> {
  readonly frameReceived: (sizeBytes: number) => void
  readonly connectionOpened: () => void
  readonly connectionReady: () => void
  readonly connectionClosed: (reason: string, lostChannels: number) => void
  readonly reconnectAsked: (channels: number) => void
  readonly joinsAsked: (logins: readonly string[]) => void
  readonly joined: (login: string) => void
  readonly joinUnconfirmed: (login: string) => void
  readonly joinRefused: (login: string, messageId: string) => void
  readonly parted: (login: string) => void
}

/**
 * Keeps the wanted channels joined over as many connections as they take. Everything that takes time
 * happens in {@link ChannelPool.tick}; call it about every 100 ms.
 */
export class ChannelPool {
  readonly #deps: PoolDeps
  readonly #channels = new Map<string, ChannelEntry>()
  readonly #connections = new Set<PoolConnection>()
  #joining = 0
  #openFromMs = 0
  #failures = 0
  #isPaused = false
  #isStopping = false

  constructor(deps: PoolDeps) {
    this.#deps = deps
  }

  get connections(): number {
    return this.#connections.size
  }

  /** How many channels are in each state, and how many of them lines come from. */
  counts(): Record<JoinState, number> & { readonly receiving: number } {
    const counts = { waiting: 0, joining: 0, joined: 0, refused: 0, receiving: 0 }
    for (const { state, isReceiving } of this.#channels.values()) {
      counts[state] += 1
      if (isReceiving) counts.receiving += 1
    }
    return counts
  }

  /** Says which channels are wanted from now on; the rest is parted. */
  want(logins: ReadonlySet<string>): void {
    for (const login of logins) {
      if (!this.#channels.has(login)) this.#channels.set(login, new ChannelEntry(login))
    }
    for (const [login, { on, before }] of this.#channels) {
      if (logins.has(login)) continue
      this.#channels.delete(login)
      on?.part(login)
      before?.part(login)
      this.#deps.events.parted(login)
    }
  }

  tick(): void {
    if (this.#isStopping) return
    const nowMs = this.#deps.nowMs()
    if (!this.#isPaused) {
      for (const connection of this.#connections) connection.checkLiveness(nowMs)
    }
    this.#giveUpUnconfirmed(nowMs)
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
      liveness.data()
      connection.resume()
    }
  }

  /** Closes all connections in order; what comes until they are closed is still handed on. */
  async stop(): Promise<void> {
    this.#isStopping = true
    const ended = [...this.#connections].map(async ({ connection, closed }) => {
      connection.close()
      await closed
    })
    await Promise.all(ended)
  }

  #giveUpUnconfirmed(nowMs: number): void {
    this.#joining = 0
    for (const entry of this.#channels.values()) {
      if (entry.isUnconfirmed(nowMs)) {
        // Should it be joined after all, Twitch would not answer a second JOIN.
        entry.on?.connection.part([entry.login])
        entry.giveUpJoin(nowMs)
        this.#deps.events.joinUnconfirmed(entry.login)
      }
      if (entry.state === 'joining') this.#joining += 1
    }
  }

  #closeLeft(nowMs: number): void {
    const needed = new Set([...this.#channels.values()].map(({ before }) => before))
    for (const left of this.#connections) {
      if (left.state !== 'leaving') continue
      if (!needed.has(left) || nowMs >= left.leaveByMs) left.connection.close()
    }
  }

  #join(nowMs: number): void {
    const due = [...this.#channels.values()].filter((entry) => entry.isDue(nowMs))
    if (due.length === 0) return
    const inOrder = [...due.filter(({ isLost }) => isLost), ...due.filter(({ isLost }) => !isLost)]
    for (const connection of this.#connections) {
      if (connection.state !== 'ready') continue
      const granted = this.#deps.budget.take(Math.min(inOrder.length, connection.room))
      if (granted > 0) this.#ask(inOrder.splice(0, granted), connection, nowMs)
    }
    const room = [...this.#connections].reduce((sum, connection) => sum + connection.room, 0)
    if (inOrder.length > room && nowMs >= this.#openFromMs) this.#open(nowMs)
  }

  #ask(entries: readonly ChannelEntry[], connection: PoolConnection, nowMs: number): void {
    for (const entry of entries) entry.ask(connection, nowMs)
    this.#joining += entries.length
    const logins = entries.map(({ login }) => login)
    connection.join(logins)
    this.#deps.events.joinsAsked(logins)
  }

  #open(nowMs: number): void {
    const { open, settings, events } = this.#deps
    this.#openFromMs = nowMs + settings.connectIntervalMs
    const liveness = new Liveness({ ...settings, nowMs: this.#deps.nowMs })
    const pooled: PoolConnection = new PoolConnection({
      connection: open({
        ...events,
        ready: () => {
          pooled.state = 'ready'
          events.connectionReady()
          this.tick()
        },
        data: (sizeBytes) => {
          liveness.data()
          events.frameReceived(sizeBytes)
        },
        lines: (lines) => this.#deps.onLines(lines, this.#sourceOf(pooled)),
        reconnectAsked: () => this.#leave(pooled),
        closed: (reason) => this.#closed(pooled, reason),
      }),
      liveness,
      openedAtMs: nowMs,
    })
    this.#connections.add(pooled)
    events.connectionOpened()
  }

  #sourceOf(pooled: PoolConnection): LineSource {
    return {
      isJoining: () => this.#joining > 0,
      confirm: (login) => {
        const entry = this.#channels.get(login)
        if (entry === undefined || entry.on !== pooled || entry.state !== 'joining') return
        entry.confirm()
        this.#joining -= 1
        this.#failures = 0
        this.#deps.events.joined(login)
      },
      refuse: (login, messageId) => {
        const entry = this.#channels.get(login)
        if (entry === undefined || entry.on !== pooled) return
        entry.refuse(this.#deps.nowMs())
        this.#deps.events.joinRefused(login, messageId)
      },
    }
  }

  /** Make before break: the channels are joined elsewhere before this connection is closed. */
  #leave(pooled: PoolConnection): void {
    if (pooled.state === 'leaving') return
    pooled.state = 'leaving'
    pooled.leaveByMs = this.#deps.nowMs() + LEAVE_MS_MAX
    this.#deps.events.reconnectAsked(pooled.logins.size)
    for (const login of pooled.logins) this.#channels.get(login)?.leave()
    pooled.logins.clear()
    // Not joined at once: the other connections are often told a moment later.
  }

  #closed(pooled: PoolConnection, reason: string): void {
    this.#connections.delete(pooled)
    pooled.end()
    let lostChannels = 0
    for (const entry of this.#channels.values()) {
      const wasReceiving = entry.isReceiving
      entry.lose(pooled)
      if (wasReceiving && !entry.isReceiving) lostChannels += 1
    }
    this.#deps.events.connectionClosed(reason, lostChannels)
    if (pooled.state === 'leaving') return
    this.#failures += 1
    const delayMs = retryDelayMs(this.#failures, {
      firstMs: RECONNECT_FIRST_MS,
      maxMs: RECONNECT_MAX_MS,
      ...(this.#deps.random && { random: this.#deps.random }),
    })
    this.#openFromMs = Math.max(this.#openFromMs, this.#deps.nowMs() + delayMs)
  }
}
