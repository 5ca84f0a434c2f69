import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { generateLines } from '../src/index.ts'
import type { ChatSimEvent, ReplaySource } from '../src/index.ts'
import { fileOf, listen, message, messages, pause, serve, until } from './client.ts'

function replay(file: string, more: Partial<ReplaySource> = {}): ReplaySource {
  return { kind: 'replay', file, rate: 'max', ...more }
}

describe('a replay', () => {
  it('sends every line byte for byte, in the order of the file, only to those on its channel', async () => {
    const odd = [
      message('b', 'trailing spaces   '),
      message('b', '  \u{E0000}'),
      '@x=1  :s   PRIVMSG  #b  :double  spaces',
      message('b', '\u0001ACTION waves\u0001'),
      ':s PRIVMSG #b :a bare \r in the middle',
      message('b', 'שלום 👨‍👩‍👧 \u{1F469}\u{200D}'),
      ':s PRIVMSG #B :capital',
    ]
    const made = [
      ...generateLines({
        seed: 3,
        channels: ['a', 'b'],
        startMs: 0,
        messagesPerSecond: 1,
        lines: 500,
      }),
    ]
    const lines = [...made, ...odd]
    const sim = await serve({ source: replay(await fileOf(`${lines.join('\n')}\n`)) })
    expect(sim.channels.toSorted()).toEqual(['a', 'b'])
    const onlyB = await listen(sim, ['b'])
    await until(() => sim.connections()[0]?.channels.length === 1)
    const both = await listen(sim, ['b', 'a'])
    await until(() => sim.progress().done)
    await until(() => onlyB.lines.at(-1) === odd.at(-1))
    expect(both.lines.slice(-lines.length)).toEqual(lines)
    const ofB = lines.filter((line) => /^(?:@\S+ +)?:\S+ +[A-Z]+ +#b\b/i.test(line))
    expect(onlyB.lines.slice(-ofB.length)).toEqual(ofB)
    expect(sim.progress()).toEqual({
      sent: lines.length,
      total: lines.length,
      done: true,
      skipped: 0,
      waitingFor: [],
    })
  })

  it('waits until every channel is joined, and says which are missing', async () => {
    const file = await fileOf([message('a', '1'), message('b', '2'), message('c', '3')].join('\n'))
    const sim = await serve({ source: replay(file) })
    const first = await listen(sim, ['a', 'c'])
    await until(() => sim.connections()[0]?.channels.length === 2)
    await pause(100)
    expect(sim.progress()).toMatchObject({ sent: 0, waitingFor: ['b'] })
    await listen(sim, ['b'])
    await until(() => sim.progress().done)
    await until(() => first.chat().length === 2)
  })

  it('pauses while nobody is on the next channel, and loses nothing that was not on its way', async () => {
    const file = await fileOf(messages('a', 400).join('\n'))
    const events: ChatSimEvent[] = []
    const source = replay(file, { rate: 1000 })
    const sim = await serve({ source, onEvent: (event) => events.push(event) })
    const first = await listen(sim)
    await until(() => sim.progress().sent > 50)
    sim.dropAll()
    await until(() => first.isClosed && sim.connections().length === 0)
    const { sent } = sim.progress()
    await pause(100)
    expect(sim.progress()).toMatchObject({ sent, done: false, waitingFor: ['a'] })
    expect(events.find(({ event }) => event === 'closed')).toMatchObject({ sent, reason: 'fault' })
    const second = await listen(sim)
    await until(() => sim.progress().done)
    await until(() => second.chat().length === 400 - sent)
    expect(second.chat()[0]).toBe(message('a', `m${sent}`))
    expect(first.chat().length).toBeLessThanOrEqual(sent)
  })

  it('goes on without a listener where it was told to', async () => {
    const file = await fileOf(messages('a', 300).join('\n'))
    const sim = await serve({ source: replay(file, { rate: 1000, pauseWithoutListener: false }) })
    await listen(sim)
    await until(() => sim.progress().sent > 50)
    sim.dropAll()
    await until(() => sim.progress().done)
    const { sent, skipped } = sim.progress()
    expect(sent + skipped).toBe(300)
    expect(skipped).toBeGreaterThan(100)
  })

  it('keeps to its rate', async () => {
    const file = await fileOf(messages('a', 500).join('\n'))
    const sim = await serve({ source: replay(file, { rate: 500 }) })
    await listen(sim)
    const startMs = performance.now()
    await until(() => sim.progress().done)
    const durationMs = performance.now() - startMs
    expect(durationMs).toBeGreaterThan(800)
    expect(durationMs).toBeLessThan(4000)
  })

  it('keeps back what would end the session, sends other lines without a channel to everyone, counts both', async () => {
    const lines = [
      ':tmi.twitch.tv 001 other :Welcome, GLHF!',
      ':tmi.twitch.tv RECONNECT',
      ':tmi.twitch.tv NOTICE * :Login authentication failed',
      'PING :tmi.twitch.tv',
      'garbage \u{1F4A9}',
      message('a', 'hi'),
      ':tmi.twitch.tv CAP * NAK :twitch.tv/tags',
    ]
    const sim = await serve({ source: replay(await fileOf(lines.join('\r\n'))) })
    const [on, off] = [await listen(sim), await listen(sim, ['elsewhere'])]
    await until(() => sim.progress().done)
    await until(() => on.lines.at(-1) === message('a', 'hi'))
    expect(on.lines.slice(-3)).toEqual(lines.slice(3, 6))
    expect(off.isClosed).toBe(false)
    expect(sim.progress()).toMatchObject({ sent: 3, skipped: 4, total: 7 })
  })

  it('leaves out what no text frame can carry: bytes that are not UTF-8, and lines of more than 256 KiB', async () => {
    const parts = [
      Buffer.from(`${message('a', 'one')}\n`),
      Buffer.from([0x40, 0xff, 0xfe, 0x0a]),
      Buffer.from(`${message('a', 'ünö')}\n`),
      Buffer.from(`${message('a', 'x'.repeat(900_000))}\n\n`),
      Buffer.from(message('a', 'end')),
    ]
    const sim = await serve({ source: replay(await fileOf(Buffer.concat(parts))) })
    const client = await listen(sim)
    await until(() => sim.progress().done)
    await until(() => client.chat().length === 3)
    expect(client.chat().map((line) => line.split(' :').at(-1))).toEqual(['one', 'ünö', 'end'])
    expect(sim.progress()).toMatchObject({ sent: 3, skipped: 2, total: 5 })
  })

  it('names the room by the id most lines carry, and leaves each line its own', async () => {
    const lines = [message('a', '1', '7'), message('a', '2', '8'), message('a', '3', '8')]
    const sim = await serve({ source: replay(await fileOf(lines.join('\n'))) })
    const client = await listen(sim)
    await until(() => client.chat().length === 3)
    expect(client.lines.find((line) => line.includes('ROOMSTATE'))).toContain('room-id=8;')
    expect(client.chat()).toEqual(lines)
  })

  it('sends several lines in one frame, each frame ending with a line', async () => {
    const sim = await serve({ source: replay(await fileOf(messages('a', 2000).join('\n'))) })
    const client = await listen(sim)
    await until(() => client.chat().length === 2000)
    expect(client.frames.length).toBeLessThan(100)
    expect(client.frames.every((frame) => frame.endsWith('\r\n'))).toBe(true)
    expect(Math.max(...client.frames.map(({ length }) => length))).toBeLessThan(20_000)
  })

  it('waits for a slow reader in bounded memory: 100,000 lines at full speed', async () => {
    const file = await fileOf('')
    const settings = { seed: 4, channels: ['a'], startMs: 0, messagesPerSecond: 50, lines: 100_000 }
    await writeFile(file, [...generateLines(settings)].join('\n'))
    const expected = (await readFile(file)).length
    const sim = await serve({ source: replay(file) })
    const client = await listen(sim)
    await until(() => sim.progress().sent > 0)
    client.pause()
    let held = -1
    while (held !== sim.progress().sent) {
      held = sim.progress().sent
      await pause(1000)
    }
    // What the sender's and receiver's sockets hold, and 1 MiB of ours; the rest stayed in the file.
    expect((held / 100_000) * expected).toBeLessThan(16 * 1024 * 1024)
    client.resume()
    await until(() => client.lines.length > 100_000, 30_000)
    await until(() => sim.progress().done)
    expect(sim.progress()).toMatchObject({ sent: 100_000, skipped: 0 })
  })

  it('drops a client that takes nothing for too long, and goes on with the others', async () => {
    const settings = { seed: 4, channels: ['a'], startMs: 0, messagesPerSecond: 50, lines: 60_000 }
    const file = await fileOf([...generateLines(settings)].join('\n'))
    const events: ChatSimEvent[] = []
    const sim = await serve({
      source: replay(file),
      slowClientMs: 300,
      onEvent: (event) => events.push(event),
    })
    const slow = await listen(sim, ['other'])
    const good = await listen(sim)
    slow.send('JOIN #a')
    await until(() => sim.progress().sent > 0)
    slow.pause()
    await until(() => sim.progress().done, 30_000)
    await until(() => good.lines.length > 60_000)
    const closed = events.filter(({ event }) => event === 'closed')
    expect(closed).toMatchObject([{ connection: 1, reason: 'slow' }])
  })

  it.each([
    ['', 'empty'],
    ['\n\r\n\n', 'empty'],
    ['PING :x\ngarbage\n', 'names a channel'],
  ])('refuses the file %j', async (content, reason) => {
    const file = await fileOf(content)
    await expect(serve({ source: replay(file) })).rejects.toThrow(reason)
  })

  it('refuses a file that is missing, a rate of zero and a port that is taken', async () => {
    await expect(serve({ source: replay('/nonexistent/file') })).rejects.toMatchObject({
      kind: 'bad-file',
    })
    const file = await fileOf(message('a', 'x'))
    await expect(serve({ source: replay(file, { rate: 0 }) })).rejects.toMatchObject({
      kind: 'bad-settings',
    })
    const sim = await serve({ source: replay(file) })
    const port = Number(new URL(sim.url).port)
    await expect(serve({ source: replay(file), port })).rejects.toMatchObject({ kind: 'listen' })
  })
})
