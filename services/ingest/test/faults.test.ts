import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { NO_DIFFERENCE, World, chatLine, difference, range, until } from './world.ts'

const CHANNELS = range(0, 200).map((n) => `channel_${n}`)

/** 30 lines a channel. */
const lines = CHANNELS.flatMap((channel, index) =>
  range(0, 30).map((n) => chatLine(index * 100 + n, channel, String(5000 + index))),
)

async function stored(world: World): Promise<string[]> {
  return (await world.stored(['PRIVMSG'])).map(({ raw }) => raw)
}

const joinsAsked = (world: World): string[] =>
  world
    .told('joins asked')
    .flatMap(({ logins }) => (Array.isArray(logins) ? logins.map(String) : []))

const SUSPECT = 'connection does not answer, joining elsewhere'
const SILENT = { PING_INTERVAL_MS: '200', PONG_MS_MAX: '600', SILENCE_MS_MAX: '1500' }

/** How many records of each kind the coverage ledger has. */
async function presence(world: World): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { raw } of await world.stored(['PRESENCE'])) {
    const what = raw.slice(raw.lastIndexOf(':') + 1)
    counts[what] = (counts[what] ?? 0) + 1
  }
  return counts
}

describe('ingest when the connection is bad', () => {
  it('spreads channels over connections of at most 90 and joins each once (I1)', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startReplay(lines)
    const ingest = await world.startIngest(sim)
    await until('the replay is over', () => sim.progress().done)
    const sizes = sim.connections().map(({ channels }) => channels.length)
    expect(sizes.toSorted((a, b) => a - b)).toEqual([20, 90, 90])
    expect(joinsAsked(world).toSorted()).toEqual(CHANNELS.toSorted())
    expect(ingest.status().channels).toMatchObject({ joined: 200, receiving: 200 })
    await ingest.stop()
    expect(difference(await stored(world), lines)).toEqual(NO_DIFFERENCE)
  })

  it('keeps to the join budget', async () => {
    await using world = await World.create()
    await world.startRedis()
    const channels = CHANNELS.slice(0, 30)
    const joinLimit = { joins: 20, per: 'address', over: 'close' } as const
    const source = { kind: 'generate', seed: 1, channels: 1, messagesPerSecond: 1 } as const
    const sim = await world.startSim({ source, joinLimit })
    const startMs = performance.now()
    const ingest = await world.startIngest(sim, {
      CHANNELS: channels.join(','),
      JOINS_PER_10S: '20',
    })
    await until('20 are joined', () => ingest.status().channels.joined === 20)
    await until('all are joined', () => ingest.status().channels.joined === 30)
    expect(performance.now() - startMs).toBeGreaterThan(9900)
    expect(world.told('connection closed')).toEqual([])
    expect(joinsAsked(world).length).toBe(30)
  })

  it('joins the new connection before it leaves the old one on RECONNECT, and loses nothing (I1) (I2)', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startReplay(lines, { rate: 2000 })
    const ingest = await world.startIngest(sim)
    await until('a third is sent', () => sim.progress().sent > 2000)
    sim.reconnect({ closeAfterMs: 20_000 })
    await until('new ones are there', () => sim.connections().length > 3)
    await until('old ones are left', () => sim.connections().length === 3)
    await until('the replay is over', () => sim.progress().done)
    await ingest.stop()
    expect(joinsAsked(world).length).toBe(400)
    expect(
      world
        .told('connection closed')
        .map(({ lostChannels }) => lostChannels)
        .slice(0, 3),
    ).toEqual([0, 0, 0])
    expect(difference(await stored(world), lines)).toEqual(NO_DIFFERENCE)
    expect(await presence(world)).toEqual({ joined: 200, parted: 200 })
  })

  it('comes back after connections are cut, joins each channel once, and has the rest (I1)', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startReplay(lines, { rate: 2000 })
    const ingest = await world.startIngest(sim)
    await until('some is sent', () => sim.progress().sent > 1000)
    sim.refuse(500)
    sim.dropAll()
    await until('all are joined again', () => sim.progress().waitingFor.length === 0)
    await until('the replay is over', () => sim.progress().done)
    await ingest.stop()
    expect(joinsAsked(world).length).toBe(400)
    const { missing, extra, doubled } = difference(await stored(world), lines)
    expect({ extra, doubled }).toEqual({ extra: 0, doubled: 0 })
    expect(missing).toBeLessThan(100) // What was on its way when the connections were cut.
  })

  it('ends a silent connection and joins elsewhere', async () => {
    await using world = await World.create()
    await world.startRedis()
    const source = { kind: 'generate', seed: 1, channels: 5, messagesPerSecond: 200 } as const
    const sim = await world.startSim({ source })
    const ingest = await world.startIngest(sim, SILENT)
    await until('all are joined', () => ingest.status().channels.joined === 5)
    sim.stall(60_000)
    await until('the silence is found', () => world.told('connection closed').length === 1, 8000)
    expect(world.told(SUSPECT).length).toBe(1)
    await until('all are joined', () => ingest.status().channels.joined === 5, 8000)
    const before = (await stored(world)).length
    await until('lines come again', async () => (await stored(world)).length > before)
    expect(joinsAsked(world).length).toBe(10)
  })

  it('loses nothing to a connection that answers late (I1) (I2)', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startReplay(lines, { rate: 1000 })
    const patience = { PING_INTERVAL_MS: '200', PONG_MS_MAX: '700' }
    const ingest = await world.startIngest(sim, patience)
    await until('a third is sent', () => sim.progress().sent > 2000)
    const [{ id: connection } = { id: 0 }] = sim.connections()
    sim.stall(3000, { connection })
    await until('it is suspect', () => world.told(SUSPECT).length === 1)
    await until('its channels are joined elsewhere', () => joinsAsked(world).length > 200)
    await until('it answers again', () => world.told('connection answers again').length === 1)
    await until('the replay is over', () => sim.progress().done)
    await until('all are joined', () => ingest.status().channels.joined === 200)
    await until('each is received once', () => {
      const joined = sim.connections().flatMap(({ channels }) => channels)
      return joined.length === 200
    })
    await ingest.stop()
    expect(difference(await stored(world), lines)).toEqual(NO_DIFFERENCE)
    expect(await presence(world)).toEqual({ joined: 200, parted: 200 })
  })

  it('does not suspect a peer because it stood still itself', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startReplay(lines, { rate: 2000 })
    const ingest = await world.startIngest(sim, SILENT)
    await until('some is sent', () => sim.progress().sent > 1000)
    sim.delayPong(150) // There is always a PING without an answer.
    await delay(500)
    const endMs = performance.now() + 2000
    while (performance.now() < endMs);
    await until('the replay is over', () => sim.progress().done)
    await ingest.stop()
    expect(world.told(SUSPECT)).toEqual([])
    expect(difference(await stored(world), lines)).toEqual(NO_DIFFERENCE)
  })

  it('does not end a quiet connection that answers', async () => {
    await using world = await World.create()
    await world.startRedis()
    const source = { kind: 'generate', seed: 1, channels: 2, messagesPerSecond: 0.001 } as const
    const sim = await world.startSim({ source })
    const ingest = await world.startIngest(sim, SILENT)
    await until('all are joined', () => ingest.status().channels.joined === 2)
    await delay(4000)
    expect(world.told('connection closed')).toEqual([])
  })

  it('reports suspended channels and does not ask again soon', async () => {
    await using world = await World.create()
    await world.startRedis()
    const source = { kind: 'generate', seed: 1, channels: 3, messagesPerSecond: 50 } as const
    const sim = await world.startSim({ source, suspendedChannels: ['gone_channel'] })
    const [first = ''] = sim.channels
    const ingest = await world.startIngest(sim, {
      CHANNELS: [...sim.channels, 'gone_channel'].join(','),
    })
    await until('all are settled', () => ingest.status().channels.joined === 3)
    await until('one is refused', () => ingest.status().channels.refused === 1)
    expect(world.told('join refused')).toMatchObject([
      { login: 'gone_channel', messageId: 'msg_channel_suspended' },
    ])
    sim.suspend(first)
    await until('another is refused', () => ingest.status().channels.refused === 2)
    expect(joinsAsked(world).filter((login) => login === 'gone_channel').length).toBe(1)
  })

  it('answers PING', async () => {
    await using world = await World.create()
    await world.startRedis()
    const source = { kind: 'generate', seed: 1, channels: 2, messagesPerSecond: 0.001 } as const
    const sim = await world.startSim({ source, pingIntervalMs: 200, pongTimeoutMs: 600 })
    const ingest = await world.startIngest(sim)
    await until('all are joined', () => ingest.status().channels.joined === 2)
    await delay(2500)
    expect(world.told('connection closed')).toEqual([])
  })

  it('logs in with an account, and goes on trying where its token is wrong', async () => {
    await using world = await World.create()
    await world.startRedis()
    const source = { kind: 'generate', seed: 1, channels: 2, messagesPerSecond: 50 } as const
    const sim = await world.startSim({ source, accounts: { logger: 'right' } })
    const account = { TWITCH_USERNAME: 'logger', TWITCH_TOKEN: 'wrong' }
    const wrong = await world.startIngest(sim, account)
    await until('it was refused twice', () => world.told('connection closed').length >= 2)
    expect(wrong.status().channels.joined).toBe(0)
    expect(JSON.stringify(world.told('login refused'))).toContain('renew the token')
    await wrong.stop()

    const right = await world.startIngest(sim, { ...account, TWITCH_TOKEN: 'oauth:right' })
    await until('all are joined', () => right.status().channels.joined === 2)
    expect(sim.connections().map(({ nick }) => nick)).toEqual(['logger'])
    expect(JSON.stringify(world.log)).not.toContain('oauth:right')
  })
})
