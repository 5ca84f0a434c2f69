import { describe, expect, it } from 'vitest'
import { PoolWorld } from './pool-world.ts'

describe('ChannelPool and a connection that does not answer', () => {
  it('joins elsewhere, reads on, and leaves once all that came before has come (I1)', () => {
    const world = new PoolWorld()
    const silent = world.start('a', 'b')
    silent.isAnswering = false
    world.pass(6200)
    expect(world.told).toEqual(['suspect with 2'])
    expect(world.opened.length).toBe(2)
    world.at(1).handlers.ready()
    expect(world.at(1).joins).toEqual(['a', 'b'])
    world.at(1).confirm('a', 'b')
    world.pass(5000)
    expect(silent.isClosed).toBe(false)
    // Its answers vouch for nothing that was sent after its channels had been joined elsewhere.
    silent.answer(silent.pings[0])
    silent.isAnswering = true
    world.pass(2000)
    expect(silent.sent.slice(1)).toEqual(['PART a', 'PART b'])
    expect(world.presence).toEqual(['a joined 100', 'b joined 100'])
    expect(world.told).toEqual(['suspect with 2', 'recovered'])
  })

  it('is cut off when no connection says anything, and no longer when one answers', () => {
    const world = new PoolWorld()
    const first = world.start('a')
    world.pass(20_000)
    expect(world.pool.isCutOff()).toBe(false)
    first.isAnswering = false
    world.pass(3000)
    expect(world.pool.isCutOff()).toBe(false)
    world.pass(4000)
    expect(world.pool.isCutOff()).toBe(true)
    // A connection that is being opened says nothing of Twitch yet.
    expect(world.opened.length).toBe(2)
    world.at(1).handlers.ready()
    world.pass(1100)
    expect(world.pool.isCutOff()).toBe(false)
  })

  it('is not cut off when it wants nothing, or does not read', () => {
    const world = new PoolWorld()
    world.pass(10_000)
    expect(world.pool.isCutOff()).toBe(false)
    world.start('a').isAnswering = false
    world.pool.pause()
    world.pass(10_000)
    expect(world.pool.isCutOff()).toBe(false)
  })

  it('is content with one that answers before anything was joined elsewhere', () => {
    const world = new PoolWorld({ joinsMax: 2 })
    const slow = world.start('a', 'b')
    slow.isAnswering = false
    world.pass(6500)
    slow.isAnswering = true
    world.at(1).handlers.ready()
    expect(world.at(1).joins).toEqual([]) // The budget is spent.
    slow.answer()
    world.pass(20_000)
    expect(world.at(1).joins).toEqual([])
    expect(slow.sent).toEqual(['JOIN a,b'])
    expect(world.pool.counts()).toMatchObject({ joined: 2, receiving: 2 })
    expect(world.presence).toEqual(['a joined 100', 'b joined 100'])
  })

  it('keeps a channel where it is when joining it elsewhere was in vain', () => {
    const world = new PoolWorld()
    const slow = world.start('a', 'b')
    slow.isAnswering = false
    world.pass(6500)
    world.at(1).handlers.ready()
    world.at(1).confirm('a')
    world.at(1).refuse('b')
    slow.isAnswering = true
    slow.answer()
    world.pass(40_000)
    expect(slow.sent).toEqual(['JOIN a,b', 'PART a'])
    expect(world.pool.counts()).toMatchObject({ joined: 2, refused: 0, receiving: 2 })
    // Both connections work on: what is lost with one is asked for again.
    slow.drop()
    world.pass(1000)
    expect(world.at(1).joins).toEqual(['a', 'b', 'b'])
  })

  it('gives up one that never answers, and says what may be missing', () => {
    const world = new PoolWorld()
    const dead = world.start('a', 'b')
    world.pass(1100)
    dead.isAnswering = false
    world.pass(6000)
    world.at(1).handlers.ready()
    world.at(1).confirm('a')
    expect(world.presence).toEqual(['a joined 100', 'b joined 100'])
    world.pass(31_000)
    expect(dead.isClosed).toBe(true)
    // The answer of 1,100 ms was the last, less what may have been on its way through Twitch.
    expect(world.presence.slice(2)).toEqual([
      'a lost 800 connection',
      'a joined 7200',
      'b lost 800 connection',
    ])
    expect(world.told).toContain('closed, 1 lost')
  })

  it('ends a socket that is silent for long, whatever its state', () => {
    const world = new PoolWorld()
    const dead = world.start('a')
    dead.isAnswering = false
    world.pass(34_900)
    expect(dead.isClosed).toBe(false)
    world.pass(1200)
    expect(dead.isClosed).toBe(true)
  })

  it('does not take its own standstill for a silence of the peer', () => {
    const world = new PoolWorld()
    const { sent } = world.start('a')
    world.pass(2000)
    world.at(0).isAnswering = false
    world.pass(1000)
    world.now += 60_000
    world.pass(4000)
    world.at(0).isAnswering = true
    world.at(0).answer()
    world.pass(60_000)
    expect(sent).toEqual(['JOIN a'])
    expect(world.told).toEqual([])
  })

  it('does not take its own pause for a silence of the peer', () => {
    const world = new PoolWorld()
    const connection = world.start('a')
    world.pass(1000)
    connection.isAnswering = false
    world.pass(4000)
    for (const pauseMs of [2000, 60_000]) {
      world.pool.pause()
      world.pass(pauseMs)
      world.pool.resume()
      world.pass(4000)
    }
    connection.isAnswering = true
    connection.answer()
    world.pass(3000)
    expect(connection.sent).toEqual(['JOIN a', 'pause', 'resume', 'pause', 'resume'])
    expect(world.told).toEqual([])
  })

  it('does not go back to one that Twitch will close', () => {
    const world = new PoolWorld()
    const leaving = world.start('a')
    leaving.isAnswering = false
    world.pass(6500)
    leaving.handlers.reconnectAsked()
    leaving.isAnswering = true
    leaving.answer()
    world.pass(1000)
    expect(world.pool.counts()).toMatchObject({ waiting: 1, receiving: 1 })
    world.at(1).handlers.ready()
    world.at(1).confirm('a')
    world.pass(2000)
    expect(leaving.isClosed).toBe(true)
    expect(world.presence).toEqual(['a joined 100'])
  })
})
