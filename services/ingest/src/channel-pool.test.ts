import { describe, expect, it } from 'vitest'
import { PoolWorld, names } from './pool-world.ts'

describe('ChannelPool', () => {
  it('opens as many connections as channels need, at a measured pace', () => {
    const world = new PoolWorld()
    world.pool.want(names(200))
    world.pass(10_000)
    expect(world.openedAtMs).toEqual([100, 1100, 2100])
    for (const { handlers } of world.opened) handlers.ready()
    expect(world.opened.map(({ joins }) => joins.length)).toEqual([90, 90, 20])
    expect(new Set(world.opened.flatMap(({ joins }) => joins)).size).toBe(200)
    // A line of JOINs stays short.
    expect(world.at(0).sent[0]?.split(',').length).toBe(20)
  })

  it('keeps joins to the budget, and gives each connection its share of it', () => {
    const world = new PoolWorld({ joinsMax: 20 })
    world.pool.want(names(50))
    world.pass(100)
    world.at(0).handlers.ready()
    world.pass(9900)
    expect(world.at(0).joins.length).toBe(20)
    world.pass(10_000)
    expect(world.at(0).joins.length).toBe(40)
  })

  it('asks again for a channel that was not confirmed, parting it before', () => {
    const world = new PoolWorld()
    world.pool.want(new Set(['a', 'b']))
    world.pass(100)
    world.at(0).handlers.ready()
    world.at(0).confirm('a')
    world.pass(33_000)
    expect(world.told).toEqual(['unconfirmed b'])
    expect(world.at(0).sent).toEqual(['JOIN a,b', 'PART b', 'JOIN b'])
  })

  it('joins elsewhere before it leaves a connection that Twitch will close (I1)', () => {
    const world = new PoolWorld()
    world.pool.want(new Set(['a', 'b']))
    world.pass(100)
    world.at(0).handlers.ready()
    world.at(0).confirm('a', 'b')
    world.at(0).handlers.reconnectAsked()
    world.pass(1500)
    expect(world.opened.length).toBe(2)
    world.at(1).handlers.ready()
    expect(world.at(1).joins).toEqual(['a', 'b'])
    expect(world.pool.counts()).toMatchObject({ joining: 2, receiving: 2 })
    expect(world.at(0).isClosed).toBe(false)
    world.at(1).confirm('a')
    world.pass(1000)
    expect(world.at(0).isClosed).toBe(false)
    world.at(1).confirm('b')
    world.pass(200)
    expect(world.at(0).isClosed).toBe(false)
    // All that was sent there until then has come, with what may have been late at Twitch.
    world.pass(1800)
    expect(world.at(0).isClosed).toBe(true)
    expect(world.told).toEqual(['reconnect of 2', 'closed, 0 lost'])
  })

  it('leaves after half a minute also where a channel cannot be joined elsewhere', () => {
    const world = new PoolWorld()
    world.pool.want(new Set(['a']))
    world.pass(100)
    world.at(0).handlers.ready()
    world.at(0).confirm('a')
    world.at(0).handlers.reconnectAsked()
    world.pass(1500)
    world.at(1).handlers.ready()
    world.pass(28_000)
    expect(world.at(0).isClosed).toBe(false)
    world.pass(1000)
    expect(world.at(0).isClosed).toBe(true)
  })

  it('joins what a lost connection had once, before what is new', () => {
    const world = new PoolWorld({ joinsMax: 10 })
    world.pool.want(names(5))
    world.pass(100)
    world.at(0).handlers.ready()
    world.at(0).confirm(...names(5))
    world.pool.want(names(30))
    world.pass(1000)
    world.at(0).drop()
    expect(world.told).toEqual(['closed, 5 lost'])
    world.pass(10_000)
    expect(world.opened.length).toBe(2)
    world.at(1).handlers.ready()
    world.pass(100)
    expect(world.at(1).joins.slice(0, 5)).toEqual([...names(5)])
    expect(new Set(world.at(1).joins).size).toBe(world.at(1).joins.length)
  })

  it('backs off while connections fail, for ever, up to half a minute', () => {
    const world = new PoolWorld()
    world.pool.want(new Set(['a']))
    for (let attempt = 0; attempt < 12; attempt += 1) {
      for (let waitedMs = 0; world.opened.length <= attempt && waitedMs < 60_000; waitedMs += 100) {
        world.pass(100)
      }
      world.opened.at(-1)?.drop()
    }
    const gapsMs = world.openedAtMs
      .slice(1)
      .map((atMs, index) => atMs - (world.openedAtMs[index] ?? 0))
    expect(gapsMs.slice(0, 5)).toEqual([1000, 1500, 3000, 6000, 12_000])
    expect(gapsMs.at(-1)).toBe(22_500)
  })

  it('ends a connection that does not log in', () => {
    const world = new PoolWorld()
    world.pool.want(new Set(['a']))
    world.pass(11_500)
    expect(world.at(0).isClosed).toBe(true)
    expect(world.opened.length).toBe(2)
  })

  it('parts what is not wanted any more and forgets it', () => {
    const world = new PoolWorld()
    world.pool.want(new Set(['a', 'b']))
    world.pass(100)
    world.at(0).handlers.ready()
    world.at(0).confirm('a', 'b')
    world.pool.want(new Set(['b']))
    expect(world.at(0).sent.at(-1)).toBe('PART a')
    expect(world.told).toEqual(['parted a'])
    world.at(0).drop()
    world.pass(3000)
    world.at(1).handlers.ready()
    expect(world.at(1).joins).toEqual(['b'])
  })

  it('asks for a refused channel seldom', () => {
    const world = new PoolWorld()
    world.pool.want(new Set(['a']))
    world.pass(100)
    world.at(0).handlers.ready()
    world.at(0).refuse('a')
    expect(world.pool.counts()).toMatchObject({ refused: 1, waiting: 0 })
    for (let minute = 0; minute < 4; minute += 1) {
      world.at(0).handlers.data(1)
      world.pass(30_000)
    }
    expect(world.at(0).joins).toEqual(['a'])
    expect(world.told).toEqual(['refused a'])
  })

  it('asks for the busiest channels first, after those that were lost', () => {
    const priorities = new Map([
      ['a', 1],
      ['b', 3],
      ['c', 2],
    ])
    const priorityOf = (login: string): number => priorities.get(login) ?? 0
    const world = new PoolWorld({ joinsMax: 2, priorityOf })
    world.pool.want(new Set(['a', 'b', 'c']))
    world.pass(100)
    world.at(0).handlers.ready()
    expect(world.at(0).sent).toEqual(['JOIN b,c'])
    world.pass(10_000)
    world.at(0).confirm('a', 'b', 'c')
    priorities.set('new', 9)
    world.pool.want(new Set(['a', 'b', 'c', 'new']))
    world.at(0).drop()
    world.pass(3000)
    world.at(1).handlers.ready()
    world.pass(20_000)
    expect(world.at(1).joins).toEqual(['b', 'c', 'a', 'new'])
  })

  it('asks for no more channels than it may, and says so once', () => {
    const world = new PoolWorld({ channelsMax: 3, priorityOf: (login) => Number(login.slice(1)) })
    world.pool.want(names(5))
    world.pool.want(names(5))
    world.pass(100)
    world.at(0).handlers.ready()
    world.at(0).confirm('c4', 'c3', 'c2')
    world.pass(60_000)
    expect(world.at(0).joins).toEqual(['c4', 'c3', 'c2'])
    expect(world.pool.counts()).toMatchObject({ joined: 3, waiting: 2, overLimit: 2 })
    expect(world.told).toEqual(['5 of 3'])
    expect(world.opened.length).toBe(1)
    // Those it has may move.
    world.at(0).handlers.reconnectAsked()
    world.pass(2000)
    world.at(1).handlers.ready()
    expect(world.at(1).joins).toEqual(['c4', 'c3', 'c2'])
    world.at(1).confirm('c4', 'c3', 'c2')
    world.pool.want(new Set(['c0', 'c1', 'c2']))
    world.pass(200)
    expect(world.at(1).joins.slice(3)).toEqual(['c1', 'c0'])
    expect(world.pool.counts()).toMatchObject({ joined: 1, joining: 2, overLimit: 0 })
  })

  it('knows what became of a join', () => {
    const world = new PoolWorld()
    world.start('a')
    world.pool.want(new Set(['a', 'dead', 'gone']))
    world.pass(100)
    world.at(0).refuse('gone')
    const settled = ['a', 'dead', 'gone', 'unknown'].filter((login) => world.pool.isSettled(login))
    expect(settled).toEqual(['a', 'gone'])
    world.pass(30_000)
    expect(world.pool.isSettled('dead')).toBe(true)
    world.at(0).drop()
    expect(world.pool.isSettled('a')).toBe(false)
  })

  it('is back soon after connections that held long, however many fail at once', () => {
    const world = new PoolWorld()
    world.pool.want(names(180))
    world.pass(1100)
    for (const connection of world.opened) {
      connection.handlers.ready()
      connection.confirm(...connection.joins)
    }
    world.pass(61_000)
    const failedAtMs = world.now
    for (const connection of world.opened) connection.drop()
    world.pass(2000)
    expect((world.openedAtMs[2] ?? 0) - failedAtMs).toBe(400) // 375 ms, at the next tick.
    const failedAgainAtMs = world.now
    for (const connection of world.opened.slice(2)) connection.drop()
    world.pass(3000)
    expect((world.openedAtMs[4] ?? 0) - failedAgainAtMs).toBe(1500)
  })
})
