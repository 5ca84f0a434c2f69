import { describe, expect, it } from 'vitest'
import type { ChatSim, ChatSimEvent, ChatSimSettings } from '../src/index.ts'
import { runControl } from '../src/control.ts'
import { connect, fileOf, listen, messages, pause, serve, until } from './client.ts'
import type { TestClient } from './client.ts'

/** A replay of numbered lines, slow enough that a fault falls into the middle of it. */
async function numbered(
  settings: Partial<ChatSimSettings> = {},
  rate: number | 'max' = 1000,
): Promise<ChatSim> {
  const file = await fileOf(messages('a', 300).join('\n'))
  return serve({ source: { kind: 'replay', file, rate }, ...settings })
}

function texts(client: TestClient): string[] {
  return client.chat().map((line) => line.slice(line.lastIndexOf(':') + 1))
}

const ALL = Array.from({ length: 300 }, (_, index) => `m${index}`)

describe('a fault', () => {
  it('drops one connection or all, without a closing frame', async () => {
    const sim = await numbered()
    const [first, second] = [await listen(sim), await listen(sim, ['other'])]
    await until(() => sim.connections().every(({ channels }) => channels.length === 1))
    sim.drop({ connection: 2 })
    await until(() => second.isClosed)
    expect([first.isClosed, second.closeCode]).toEqual([false, 1006])
    sim.dropAll()
    await until(() => first.isClosed)
    expect(first.closeCode).toBe(1006)
  })

  it('stalls a connection: it stays open, nothing comes, PING gets no answer, and later all of it comes', async () => {
    const sim = await numbered()
    const client = await listen(sim)
    await until(() => sim.progress().sent > 50)
    sim.stall(400)
    await pause(50)
    const { length } = client.lines
    client.send('PING :held back')
    await pause(200)
    expect([client.lines.length, client.isClosed]).toEqual([length, false])
    expect(sim.connections()).toMatchObject([{ isStalled: true }])
    await until(() => sim.progress().done)
    await until(() => client.lines.at(-1)?.endsWith('m299') === true)
    expect(texts(client)).toEqual(ALL)
    expect(client.lines).toContain(':tmi.twitch.tv PONG tmi.twitch.tv :held back')
  })

  it('does not hold up the others on a channel when one of them is stalled', async () => {
    const sim = await numbered()
    const [stalled, healthy] = [await listen(sim, ['other']), await listen(sim)]
    stalled.send('JOIN #a')
    await until(() => sim.connections()[0]?.channels.length === 2)
    sim.stall(60_000, { connection: 1 })
    await until(() => sim.connections()[1]?.channels.length === 1)
    await until(() => healthy.lines.at(-1)?.endsWith('m299') === true)
    expect(texts(stalled).length).toBeLessThan(300)
    expect(stalled.isClosed).toBe(false)
  })

  it('drops a stalled client when 8 MiB are held back for it', async () => {
    const events: ChatSimEvent[] = []
    const sim = await serve({
      source: { kind: 'generate', seed: 1, channels: ['a'], messagesPerSecond: 10_000 },
      onEvent: (event) => events.push(event),
    })
    const client = await listen(sim)
    await until(() => client.lines.length > 100)
    sim.stall(60_000)
    await until(() => client.isClosed)
    const closed = events.find(({ event }) => event === 'closed')
    expect(closed).toMatchObject({ reason: 'slow' })
    expect(closed?.event === 'closed' && closed.unsentBytes).toBeGreaterThan(8 * 1024 * 1024)
  })

  it('makes up other messages in the same room when it is started again with the same seed', async () => {
    const first = await hear()
    const second = await hear()
    expect(second.room).toBe(first.room)
    expect(second.ids.filter((id) => first.ids.includes(id))).toEqual([])
  })

  it('loses no line of a replay to a connection that RECONNECT has closed', async () => {
    const sim = await numbered()
    const first = await listen(sim)
    await until(() => sim.progress().sent > 50)
    sim.reconnect({ closeAfterMs: 20 })
    await until(() => first.isClosed)
    const second = await listen(sim)
    await until(() => second.lines.at(-1)?.endsWith('m299') === true)
    expect([...texts(first), ...texts(second)]).toEqual(ALL)
  })

  it('announces RECONNECT and closes later, so that a client can come back first', async () => {
    const sim = await numbered()
    const first = await listen(sim)
    await until(() => sim.progress().sent > 50)
    sim.reconnect({ closeAfterMs: 300 })
    await until(() => first.lines.includes(':tmi.twitch.tv RECONNECT'))
    const second = await listen(sim)
    await until(() => first.isClosed)
    await until(() => sim.progress().done)
    await until(() => second.lines.at(-1)?.endsWith('m299') === true)
    expect([...new Set([...texts(first), ...texts(second)])]).toEqual(ALL)
    expect(texts(first).length + texts(second).length).toBeGreaterThan(300)
  })

  it('refuses new connections for a while', async () => {
    const sim = await numbered()
    sim.refuse(300)
    const refused = await connect(sim)
    expect(refused.isClosed).toBe(true)
    expect(sim.connections()).toEqual([])
    await pause(350)
    await listen(sim)
    await until(() => sim.progress().done)
  })

  it('delays the answer to PING', async () => {
    const sim = await numbered()
    const client = await listen(sim, ['other'])
    sim.delayPong(300)
    await until(() => client.lines.length > 8)
    const startMs = performance.now()
    client.send('PING :x')
    await until(() => client.lines.at(-1)?.endsWith(':x') === true)
    expect(performance.now() - startMs).toBeGreaterThan(280)
  })

  it('doubles the next lines', async () => {
    const sim = await numbered()
    sim.duplicate(2)
    const client = await listen(sim)
    await until(() => client.lines.at(-1)?.endsWith('m299') === true)
    expect(texts(client)).toEqual(['m0', 'm0', 'm1', 'm1', ...ALL.slice(2)])
    expect(sim.progress().sent).toBe(300)
  })

  it('cuts the next lines in two messages, which together are the line', async () => {
    const sim = await numbered()
    sim.split(3)
    const client = await listen(sim)
    await until(() => client.lines.at(-1)?.endsWith('m299') === true)
    expect(client.frames.filter((frame) => !frame.endsWith('\r\n'))).toHaveLength(3)
    expect(texts(client)).toEqual(ALL)
  })

  it('sends broken lines and any others on demand, without counting them', async () => {
    const sim = await numbered()
    const client = await listen(sim)
    await until(() => sim.progress().sent > 10)
    sim.malformed(20)
    sim.inject(['@any=thing :x WHATEVER #ä :ü'])
    await until(() => client.lines.at(-1)?.endsWith('m299') === true)
    expect(client.lines).toContain('@any=thing :x WHATEVER #ä :ü')
    expect(client.lines).toHaveLength(12 + 300 + 21)
    expect(sim.progress()).toMatchObject({ sent: 300, skipped: 0 })
  })

  it('hits the same lines each time when it is seeded', async () => {
    const faults = { seed: 8, duplicateShare: 0.05, splitShare: 0.05, malformedShare: 0.05 }
    const runs: string[][] = []
    for (let run = 0; run < 2; run++) {
      const client = await listen(await numbered({ faults }, 'max'))
      await until(() => client.lines.at(-1)?.endsWith('m299') === true)
      runs.push(client.lines)
    }
    expect(runs[0]).toEqual(runs[1])
    expect(runs[0]?.length).toBeGreaterThan(320)
  })
})

describe('the control protocol', () => {
  it('reaches every fault, and answers what it cannot read', async () => {
    const sim = await numbered()
    const client = await listen(sim)
    await until(() => sim.connections()[0]?.channels.length === 1)
    const good =
      'duplicate 1,split 1,malformed 1,inject PING :a b,delay-pong 5,stall 10,refuse 1,' +
      'suspend b,reconnect 60000,connections,progress,drop 7,drop'
    for (const line of good.split(',')) expect(runControl(sim, line)).toMatchObject({ ok: true })
    await until(() => client.isClosed)
    for (const line of ['', 'blow up', 'stall', 'stall soon', 'stall -1', 'inject', 'suspend']) {
      expect(runControl(sim, line)).toMatchObject({ ok: false })
    }
  })
})

/** The messages of a generated room, by their ids. */
async function hear(): Promise<{ room: string | undefined; ids: (string | undefined)[] }> {
  const source = { kind: 'generate', seed: 1, channels: ['a'], messagesPerSecond: 500 } as const
  const client = await listen(await serve({ source }))
  const said = (): string[] => client.lines.filter((line) => line.includes(' PRIVMSG '))
  await until(() => said().length > 100)
  const ids = said().map((line) => /;id=([^; ]+)/.exec(line)?.[1])
  return { room: /;room-id=(\d+)/.exec(said()[0] ?? '')?.[1], ids }
}
