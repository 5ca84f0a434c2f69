import { describe, expect, it } from 'vitest'
import { PoolWorld, names } from './pool-world.ts'

const receivingOf = ({ pool }: PoolWorld): string[] =>
  [...pool.receiving()].map(({ login, coveredMs }) => `${login} ${coveredMs}`)

describe('ChannelPool and what is covered', () => {
  it('covers what was sent before the last PING whose answer, and all before it, is stored (I1)', () => {
    const world = new PoolWorld()
    const connection = world.start('a')
    expect(receivingOf(world)).toEqual(['a 100'])
    connection.isAnswering = false
    world.pass(2000) // PINGs at 1,100 and 2,100.
    expect(connection.pings).toEqual(['poglog-1', 'poglog-2'])
    world.storedUntilMs = 0
    connection.answer('poglog-1')
    world.pass(300)
    connection.answer('poglog-2') // at 2,400
    world.pass(300)
    expect(receivingOf(world)).toEqual(['a 100'])
    world.storedUntilMs = 2100 // Not later than the answer.
    expect(receivingOf(world)).toEqual(['a 100'])
    world.storedUntilMs = 2399
    expect(receivingOf(world)).toEqual(['a 800'])
    world.storedUntilMs = 2401
    expect(receivingOf(world)).toEqual(['a 1800'])
    expect(world.pool.coveredMs()).toBe(1800)
  })

  it('counts no answer to another question, nor one that comes twice', () => {
    const world = new PoolWorld()
    const connection = world.start('a')
    connection.isAnswering = false
    world.pass(1000)
    for (const token of ['poglog-9', 'tmi.twitch.tv', '']) connection.answer(token)
    world.pass(100)
    expect(receivingOf(world)).toEqual(['a 100'])
    world.pass(1000)
    connection.answer('poglog-2')
    connection.answer('poglog-1')
    world.pass(100)
    expect(receivingOf(world)).toEqual(['a 1800'])
  })

  it('is covered as far as its slowest connection is, and never goes back', () => {
    const world = new PoolWorld()
    expect(world.pool.coveredMs()).toBeUndefined()
    world.pool.want(names(91))
    world.pass(1100)
    world.at(1).isAnswering = false
    for (const { handlers } of world.opened) handlers.ready()
    world.at(0).confirm(...world.at(0).joins)
    world.pass(4000)
    const firstMs = world.pool.coveredMs() ?? 0
    expect(firstMs).toBeGreaterThan(3000)
    // Ready for long, but known to be covered to its beginning only.
    world.at(1).confirm(...world.at(1).joins)
    expect([...world.pool.receiving()].at(-1)?.coveredMs).toBe(5100)
    world.pass(900)
    expect(world.pool.coveredMs()).toBe(firstMs)
    world.at(1).answer()
    world.pass(100)
    expect(world.pool.coveredMs()).toBeGreaterThan(firstMs)
    world.pool.want(new Set())
    world.pass(100)
    expect(world.pool.coveredMs()).toBe(world.now)
  })

  it('says no more than a lost channel has until the record of the loss is stored', () => {
    const world = new PoolWorld()
    world.pool.want(names(91))
    world.pass(1100)
    for (const { handlers } of world.opened) handlers.ready()
    for (const connection of world.opened) connection.confirm(...connection.joins)
    world.pass(3000)
    world.at(1).isAnswering = false
    world.pass(4000)
    world.storedUntilMs = world.now
    world.at(1).drop()
    expect(world.presence.at(-1)).toBe('c90 lost 3800 connection')
    expect(world.pool.coveredMs()).toBe(3800)
    world.storedUntilMs = world.now + 1
    world.pass(100)
    expect(world.pool.coveredMs()).toBeGreaterThan(6000)
  })

  it('tells what begins and ends against its wish', () => {
    const world = new PoolWorld()
    world.start('a', 'b')
    world.pass(3100)
    world.at(0).refuse('a')
    world.at(0).drop()
    world.pass(3000)
    world.at(1).handlers.ready()
    world.at(1).confirm('b')
    expect(world.presence).toEqual([
      'a joined 100',
      'b joined 100',
      'a lost 2800 refused',
      'b lost 2800 connection',
      'b joined 6200',
    ])
  })

  it('notices when Twitch takes it out of a channel, and asks why', () => {
    const world = new PoolWorld()
    const connection = world.start('a', 'b')
    world.pass(2000)
    connection.handlers.parted('a')
    expect(world.presence.slice(2)).toEqual(['a lost 800 refused'])
    world.pass(2000)
    expect(connection.joins).toEqual(['a', 'b', 'a'])
    connection.handlers.parted('a') // The answer to a PART of its own comes before that to its JOIN.
    connection.confirm('a')
    expect(world.pool.counts()).toMatchObject({ joined: 2 })
  })

  it('tells what it leaves by wish, covered as far as its connection is', () => {
    const world = new PoolWorld()
    world.start('a', 'b')
    world.pass(3500)
    world.pool.want(new Set(['b']))
    expect(world.presence.slice(2)).toEqual(['a parted 2800'])
    // What was never received has no presence.
    world.pool.want(new Set(['b', 'c']))
    world.pool.want(new Set(['b']))
    expect(world.presence.length).toBe(3)
  })

  it('covers all that was sent before it closes in order, and less where the peer is gone', async () => {
    const world = new PoolWorld()
    world.pool.want(names(91))
    world.pass(1100)
    for (const { handlers } of world.opened) handlers.ready()
    for (const connection of world.opened) connection.confirm(...connection.joins)
    world.pass(3500)
    world.at(1).isOrderly = false
    await world.pool.stop()
    expect(world.presence.slice(91).toSorted().slice(0, 2)).toEqual([
      'c0 parted 4300',
      'c1 parted 4300',
    ])
    expect(world.presence.at(-1)).toBe('c90 parted 3800')
    expect(world.presence.length).toBe(182)
    expect(receivingOf(world)).toEqual([])
  })

  it('tells nothing of a move that misses nothing', () => {
    const world = new PoolWorld()
    world.start('a')
    world.pass(3000)
    for (let moves = 0; moves < 3; moves += 1) {
      world.at(moves).handlers.reconnectAsked()
      world.pass(1500)
      world.at(moves + 1).handlers.ready()
      world.at(moves + 1).confirm('a')
      world.pass(2000)
      expect(world.at(moves).isClosed).toBe(true)
    }
    expect(world.presence).toEqual(['a joined 100'])
  })

  it('tells of a move that may have missed something: the former connection ended too early', () => {
    const world = new PoolWorld()
    world.start('a')
    world.pass(3000)
    world.at(0).handlers.reconnectAsked()
    world.at(0).isAnswering = false
    world.pass(1500)
    world.at(1).handlers.ready()
    world.at(1).confirm('a')
    expect(receivingOf(world)).toEqual(['a 2800'])
    world.at(0).drop()
    expect(receivingOf(world)).toEqual(['a 4600'])
    expect(world.presence.slice(1)).toEqual(['a lost 2800 connection', 'a joined 4600'])
    expect(world.told.at(-1)).toBe('closed, 0 lost')
  })

  it('tells of it too when the next connection has to be left before the move is over', () => {
    const world = new PoolWorld()
    world.start('a')
    world.pass(3000)
    world.at(0).isAnswering = false
    for (const move of [0, 1]) {
      world.at(move).handlers.reconnectAsked()
      world.pass(1500)
      world.at(move + 1).handlers.ready()
      world.at(move + 1).confirm('a')
    }
    world.pass(2000)
    expect(world.presence.slice(1)).toEqual(['a lost 2800 connection', 'a joined 4600'])
    expect(world.opened.map(({ isClosed }) => isClosed)).toEqual([true, true, false])
  })

  it('waits with the end of a move until what came before is stored', () => {
    const world = new PoolWorld()
    world.start('a')
    world.at(0).handlers.reconnectAsked()
    world.pass(1500)
    world.storedUntilMs = world.now
    world.at(1).handlers.ready()
    world.at(1).confirm('a')
    world.pass(5000)
    expect(world.at(0).isClosed).toBe(false)
    world.storedUntilMs = undefined
    world.pass(100)
    expect(world.at(0).isClosed).toBe(true)
    expect(world.presence).toEqual(['a joined 100'])
  })
})
