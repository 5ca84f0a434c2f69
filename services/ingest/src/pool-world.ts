import { ChannelPool } from './channel-pool.ts'
import type { Connection, ConnectionHandlers } from './connection.ts'
import { LocalJoinBudget } from './join-budget.ts'
import type { PoolDeps } from './pool-deps.ts'

const ignore = (): void => undefined

/** For tests: a connection that does nothing by itself but answer PING. */
export class FakeConnection implements Connection {
  readonly sent: string[] = []
  readonly pings: string[] = []
  readonly handlers: ConnectionHandlers
  isAnswering = true
  isClosed = false
  /** Whether the peer takes its leave when it is closed. */
  isOrderly = true

  constructor(handlers: ConnectionHandlers) {
    this.handlers = handlers
  }

  join(logins: readonly string[]): void {
    this.sent.push(`JOIN ${logins.join()}`)
  }
  part(logins: readonly string[]): void {
    this.sent.push(`PART ${logins.join()}`)
  }
  ping(token: string): void {
    this.pings.push(token)
    if (this.isAnswering) this.answer()
  }
  pause(): void {
    this.sent.push('pause')
  }
  resume(): void {
    this.sent.push('resume')
  }
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.handlers.closed('closed by us', this.isOrderly)
  }
  terminate(): void {
    this.isOrderly = false
    this.close()
  }

  /** Answers what was asked last, or another PING. */
  answer(token = this.pings.at(-1) ?? ''): void {
    this.handlers.data(1)
    this.handlers.pong(token)
  }
  confirm(...logins: readonly string[]): void {
    this.handlers.lines(logins.map((login) => `ROOMSTATE ${login}`))
  }
  refuse(login: string): void {
    this.handlers.lines([`REFUSED ${login}`])
  }
  drop(): void {
    this.isClosed = true
    this.handlers.closed('gone', false)
  }
  /** The channels asked for, in order. */
  get joins(): string[] {
    const joins = this.sent.filter((line) => line.startsWith('JOIN'))
    return joins.flatMap((line) => line.slice(5).split(','))
  }
}

export interface PoolWorldOptions {
  readonly joinsMax?: number
  readonly channelsMax?: number
  readonly priorityOf?: (login: string) => number
}

/** For tests: a pool with connections and a clock that do only what they are told. */
export class PoolWorld {
  readonly pool: ChannelPool
  readonly opened: FakeConnection[] = []
  readonly openedAtMs: number[] = []
  readonly told: string[] = []
  readonly presence: string[] = []
  now = 0
  /** `undefined`: everything is stored at once. */
  storedUntilMs: number | undefined

  constructor({ joinsMax = 1000, channelsMax = Infinity, priorityOf }: PoolWorldOptions = {}) {
    const nowMs = (): number => this.now
    this.pool = new ChannelPool({
      open: (handlers) => {
        const connection = new FakeConnection(handlers)
        this.opened.push(connection)
        this.openedAtMs.push(this.now)
        return connection
      },
      budget: new LocalJoinBudget({ joinsMax: () => joinsMax, windowMs: 10_000, nowMs }),
      settings: {
        connectIntervalMs: 1000,
        pingIntervalMs: 1000,
        pongMsMax: 5000,
        silenceMsMax: 35_000,
        channelsMax,
      },
      events: this.#events(),
      presence: {
        joined: (login, atMs) => this.presence.push(`${login} joined ${atMs}`),
        lost: (login, ms, cause) => this.presence.push(`${login} lost ${ms} ${cause}`),
        parted: (login, ms) => this.presence.push(`${login} parted ${ms}`),
      },
      onLines: (lines, source) => {
        for (const [what, login = ''] of lines.map((line) => line.split(' '))) {
          if (what === 'ROOMSTATE') source.confirm(login)
          else source.refuse(login, 'msg_banned')
        }
      },
      storedUntilMs: () => this.storedUntilMs ?? this.now,
      priorityOf: priorityOf ?? (() => 0),
      nowMs,
      random: () => 0.5,
    })
  }

  /** Lets time pass in steps of 100 ms. */
  pass(ms: number): void {
    for (const endMs = this.now + ms; this.now < endMs;) {
      this.now += 100
      this.pool.tick()
    }
  }

  /** The connection opened as number `index`. */
  at(index: number): FakeConnection {
    const connection = this.opened[index]
    if (connection === undefined) throw new Error(`connection ${index} was not opened`)
    return connection
  }

  /** Joins channels on the first connection: logged in at 100 ms, confirmed at once. */
  start(...logins: readonly string[]): FakeConnection {
    this.pool.want(new Set(logins))
    this.pass(100)
    this.at(0).handlers.ready()
    this.at(0).confirm(...logins)
    return this.at(0)
  }

  #events(): PoolDeps['events'] {
    const tell = (text: string): void => void this.told.push(text)
    return {
      lineTooLong: ignore,
      frameDamaged: ignore,
      frameReceived: ignore,
      failed: ignore,
      diagnostic: ignore,
      loginRefused: ignore,
      connectionOpened: ignore,
      connectionReady: ignore,
      connectionClosed: (_, lost) => tell(`closed, ${lost} lost`),
      reconnectAsked: (channels) => tell(`reconnect of ${channels}`),
      connectionSuspect: (channels) => tell(`suspect with ${channels}`),
      connectionRecovered: () => tell('recovered'),
      joinsAsked: ignore,
      joined: ignore,
      joinUnconfirmed: (login) => tell(`unconfirmed ${login}`),
      joinRefused: (login) => tell(`refused ${login}`),
      parted: (login) => tell(`parted ${login}`),
      channelsLimited: (channels, max) => tell(`${channels} of ${max}`),
    }
  }
}

export const names = (count: number): Set<string> =>
  new Set(Array.from({ length: count }, (_, index) => `c${index}`))
