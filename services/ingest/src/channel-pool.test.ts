import { describe, expect, it } from 'vitest'
import { ChannelPool } from './channel-pool.ts'
import type { Connection, ConnectionHandlers } from './connection.ts'
import { createJoinBudget } from './join-budget.ts'

/** A connection that does nothing by itself. */
class FakeConnection implements Connection {
  readonly sent: string[] = []
  readonly handlers: ConnectionHandlers
  isClosed = false

  constructor(handlers: ConnectionHandlers) {
    this.handlers = handlers
  }

  join(logins: readonly string[]): void {
    this.sent.push(`JOIN ${logins.join()}`)
  }
  part(logins: readonly string[]): void {
    this.sent.push(`PART ${logins.join()}`)
  }
  ping(): void {
    this.sent.push('PING')
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
    this.handlers.closed('closed by us')
  }
  terminate(): void {
    this.close()
  }

  confirm(...logins: readonly string[]): void {
    this.handlers.lines(logins.map((login) => `ROOMSTATE ${login}`))
  }
  refuse(login: string): void {
    this.handlers.lines([`REFUSED ${login}`])
  }
  drop(): void {
    this.isClosed = true
    this.handlers.closed('gone')
  }
}

const ignore = (): void => undefined

function setup({ joinsMax = 1000 } = {}) {
  let now = 0
  const nowMs = (): number => now
  const opened: FakeConnection[] = []
  const openedAtMs: number[] = []
  const told: string[] = []
  const pool: ChannelPool = new ChannelPool({
    open: (handlers) => {
      const connection = new FakeConnection(handlers)
      opened.push(connection)
      openedAtMs.push(now)
      return connection
    },
    budget: createJoinBudget({ joinsMax, windowMs: 10_000, nowMs }),
    settings: { connectIntervalMs: 1000, pingAfterMs: 20_000, endAfterMs: 35_000 },
    events: {
      lineTooLong: ignore,
      frameDamaged: ignore,
      frameReceived: ignore,
      failed: ignore,
      diagnostic: ignore,
      loginRefused: ignore,
      connectionOpened: ignore,
      connectionReady: ignore,
      connectionClosed: (_, lost) => told.push(`closed, ${lost} lost`),
      reconnectAsked: (channels) => told.push(`reconnect of ${channels}`),
      joinsAsked: ignore,
      joined: ignore,
      joinUnconfirmed: (login) => told.push(`unconfirmed ${login}`),
      joinRefused: (login) => told.push(`refused ${login}`),
      parted: (login) => told.push(`parted ${login}`),
    },
    onLines: (lines, source) => {
      for (const [what, login = ''] of lines.map((line) => line.split(' '))) {
        if (what === 'ROOMSTATE') source.confirm(login)
        else source.refuse(login, 'msg_banned')
      }
    },
    nowMs,
    random: () => 0.5,
  })
  /** Lets time pass in steps of 100 ms. */
  const pass = (ms: number): void => {
    for (const endMs = now + ms; now < endMs;) {
      now += 100
      pool.tick()
    }
  }
  const at = (index: number): FakeConnection => {
    const connection = opened[index]
    if (connection === undefined) throw new Error(`connection ${index} was not opened`)
    return connection
  }
  return { pool, opened, openedAtMs, told, pass, at }
}

const names = (count: number): Set<string> =>
  new Set(Array.from({ length: count }, (_, index) => `c${index}`))
const joinsOf = ({ sent }: FakeConnection): string[] =>
  sent.filter((line) => line.startsWith('JOIN')).flatMap((line) => line.slice(5).split(','))

describe('ChannelPool', () => {
  it('opens as many connections as channels need, at a measured pace', () => {
    const { pool, opened, openedAtMs, pass, at } = setup()
    pool.want(names(200))
    pass(10_000)
    expect(openedAtMs).toEqual([100, 1100, 2100])
    for (const { handlers } of opened) handlers.ready()
    expect(opened.map((connection) => joinsOf(connection).length)).toEqual([90, 90, 20])
    expect(new Set(opened.flatMap(joinsOf)).size).toBe(200)
    // A line of JOINs stays short.
    expect(at(0).sent[0]?.split(',').length).toBe(20)
  })

  it('keeps joins to the budget, and gives each connection its share of it', () => {
    const { pool, pass, at } = setup({ joinsMax: 20 })
    pool.want(names(50))
    pass(100)
    at(0).handlers.ready()
    pass(9900)
    expect(joinsOf(at(0)).length).toBe(20)
    pass(10_000)
    expect(joinsOf(at(0)).length).toBe(40)
  })

  it('asks again for a channel that was not confirmed, parting it before', () => {
    const { pool, told, pass, at } = setup()
    pool.want(new Set(['a', 'b']))
    pass(100)
    at(0).handlers.ready()
    at(0).confirm('a')
    pass(33_000)
    expect(told).toEqual(['unconfirmed b'])
    expect(at(0).sent.filter((line) => line !== 'PING')).toEqual(['JOIN a,b', 'PART b', 'JOIN b'])
  })

  it('joins elsewhere before it leaves a connection that Twitch will close (I1)', () => {
    const { pool, opened, told, pass, at } = setup()
    pool.want(new Set(['a', 'b']))
    pass(100)
    at(0).handlers.ready()
    at(0).confirm('a', 'b')
    at(0).handlers.reconnectAsked()
    pass(1500)
    expect(opened.length).toBe(2)
    at(1).handlers.ready()
    expect(joinsOf(at(1))).toEqual(['a', 'b'])
    expect(pool.counts()).toMatchObject({ joining: 2, receiving: 2 })
    expect(at(0).isClosed).toBe(false)
    at(1).confirm('a')
    pass(1000)
    expect(at(0).isClosed).toBe(false)
    at(1).confirm('b')
    pass(100)
    expect(at(0).isClosed).toBe(true)
    expect(told).toEqual(['reconnect of 2', 'closed, 0 lost'])
  })

  it('leaves after half a minute also where a channel cannot be joined elsewhere', () => {
    const { pool, pass, at } = setup()
    pool.want(new Set(['a']))
    pass(100)
    at(0).handlers.ready()
    at(0).confirm('a')
    at(0).handlers.reconnectAsked()
    pass(1500)
    at(1).handlers.ready()
    pass(28_000)
    expect(at(0).isClosed).toBe(false)
    pass(1000)
    expect(at(0).isClosed).toBe(true)
  })

  it('joins what a lost connection had once, before what is new', () => {
    const { pool, told, opened, pass, at } = setup({ joinsMax: 10 })
    pool.want(names(5))
    pass(100)
    at(0).handlers.ready()
    at(0).confirm(...names(5))
    pool.want(names(30))
    pass(1000)
    at(0).drop()
    expect(told).toEqual(['closed, 5 lost'])
    pass(20_000)
    expect(opened.length).toBe(2)
    at(1).handlers.ready()
    pass(100)
    expect(joinsOf(at(1)).slice(0, 5)).toEqual([...names(5)])
    expect(new Set(joinsOf(at(1))).size).toBe(joinsOf(at(1)).length)
  })

  it('backs off while connections fail, for ever, up to half a minute', () => {
    const { pool, opened, openedAtMs, pass } = setup()
    pool.want(new Set(['a']))
    for (let attempt = 0; attempt < 12; attempt += 1) {
      for (let waitedMs = 0; opened.length <= attempt && waitedMs < 60_000; waitedMs += 100) {
        pass(100)
      }
      opened.at(-1)?.drop()
    }
    const gapsMs = openedAtMs.slice(1).map((atMs, index) => atMs - (openedAtMs[index] ?? 0))
    expect(gapsMs.slice(0, 5)).toEqual([1000, 1500, 3000, 6000, 12_000])
    expect(gapsMs.at(-1)).toBe(22_500)
  })

  it('ends a connection that does not log in', () => {
    const { pool, opened, pass, at } = setup()
    pool.want(new Set(['a']))
    pass(21_500)
    expect(at(0).isClosed).toBe(true)
    expect(opened.length).toBe(2)
  })

  it('parts what is not wanted any more and forgets it', () => {
    const { pool, told, pass, at } = setup()
    pool.want(new Set(['a', 'b']))
    pass(100)
    at(0).handlers.ready()
    at(0).confirm('a', 'b')
    pool.want(new Set(['b']))
    expect(at(0).sent.at(-1)).toBe('PART a')
    expect(told).toEqual(['parted a'])
    at(0).drop()
    pass(3000)
    at(1).handlers.ready()
    expect(joinsOf(at(1))).toEqual(['b'])
  })

  it('asks for a refused channel seldom', () => {
    const { pool, told, pass, at } = setup()
    pool.want(new Set(['a']))
    pass(100)
    at(0).handlers.ready()
    at(0).refuse('a')
    expect(pool.counts()).toMatchObject({ refused: 1, waiting: 0 })
    for (let minute = 0; minute < 4; minute += 1) {
      at(0).handlers.data(1)
      pass(30_000)
    }
    expect(joinsOf(at(0))).toEqual(['a'])
    expect(told).toEqual(['refused a'])
  })

  it('does not take its own pause for a silence of the peer', () => {
    const { pool, pass, at } = setup()
    pool.want(new Set(['a']))
    pass(100)
    at(0).handlers.ready()
    at(0).confirm('a')
    pool.pause()
    pass(60_000)
    pool.resume()
    pass(1000)
    expect(at(0).sent).toEqual(['JOIN a', 'pause', 'resume'])
  })
})
