import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { ChatSim } from '@poglog/chat-sim'
import { describe, expect, it } from 'vitest'
import {
  NO_DIFFERENCE,
  World,
  chatLine,
  difference,
  isSameOrder,
  parseEntry,
  range,
  until,
} from './world.ts'
import type { LogEntry } from './world.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname

class IngestProcess implements AsyncDisposable {
  readonly log: LogEntry[] = []
  readonly child: ChildProcess
  stderr = ''

  constructor(env: Record<string, string>) {
    const { PATH, NODE_COMPILE_CACHE } = process.env
    this.child = spawn(process.execPath, [MAIN], {
      env: { PATH, NODE_COMPILE_CACHE, ...env },
      stdio: 'pipe',
    })
    const { stdout, stderr } = this.child
    if (stdout === null || stderr === null) throw new Error('no pipes')
    createInterface({ input: stdout }).on('line', (line) => this.log.push(parseEntry(line)))
    stderr.on('data', (text) => {
      this.stderr += String(text)
    })
  }

  async healthUrl(): Promise<string> {
    const find = () => this.log.find(({ msg }) => msg === 'ingest started')?.['healthUrl']
    await until('ingest has started', () => find() !== undefined)
    return String(find())
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { exitCode, signalCode } = this.child
    if (exitCode === null && signalCode === null) {
      this.child.kill(signal)
      await once(this.child, 'exit')
    }
    return this.child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}

const raws = async (world: World) => (await world.stored(['PRIVMSG'])).map(({ raw }) => raw)
const metric = async (url: string, name: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text.split('\n').find((item) => item.startsWith(`poglog_ingest_${name} `))
  return Number(line?.split(' ')[1])
}

describe('the ingest process', () => {
  it('replays the spool after it was killed while Redis was away (I1) (I2)', async () => {
    await using world = await World.create()
    const lines = range(0, 6000).map((n) => chatLine(n))
    const sim = await world.startReplay(lines)
    await using first = new IngestProcess(world.env(sim))
    const url = await first.healthUrl()
    await until('the replay is over', () => sim.progress().done)
    const received = () => metric(url, 'lines_received_total')
    await until('all is received', async () => (await received()) === lines.length + 1)
    await until('all is on disk', async () => (await metric(url, 'buffer_bytes')) === 0)
    await first.end('SIGKILL')

    await world.startRedis()
    const quiet = await world.startReplay([chatLine(0)])
    await using second = new IngestProcess(world.env(quiet))
    const again = await second.healthUrl()
    await until('the spool is empty', async () => (await metric(again, 'spool_bytes')) === 0)
    await second.end('SIGTERM')
    const stored = await raws(world)
    expect(difference(stored, lines)).toEqual(NO_DIFFERENCE)
    expect(isSameOrder(stored, lines)).toBe(true)
  })

  it('loses nothing that it received when it is stopped under load, in under ten seconds (I1)', async () => {
    await using world = await World.create()
    await world.startRedis()
    const lines = range(0, 60_000).map((n) => chatLine(n))
    const sim = await world.startReplay(lines, { rate: 8000 })
    await using ingest = new IngestProcess(world.env(sim))
    await until('it is under load', () => sim.progress().sent > 8000)
    const startMs = performance.now()
    expect(await ingest.end('SIGTERM')).toBe(0)
    expect(performance.now() - startMs).toBeLessThan(10_000)
    const stored = await raws(world)
    const totals = ingest.log.find(({ msg }) => msg === 'ingest stopped')
    expect(totals).toMatchObject({ dropped: 0, rejected: 0 })
    // What was received is the beginning of the file; the ROOMSTATE of the join is one more line.
    expect(stored.length).toBe(Number(totals?.['received']) - 1)
    expect(isSameOrder(stored, lines.slice(0, stored.length))).toBe(true)
  })

  it('spools what it holds when it is stopped while Redis hangs (I1) (I2)', async () => {
    await using world = await World.create()
    const redis = await world.startRedis()
    const lines = range(0, 5000).map((n) => chatLine(n))
    const sim = await world.startReplay(lines, { rate: 1000 })
    await using ingest = new IngestProcess(world.env(sim))
    await until('lines come', () => sim.progress().sent > 1000)
    process.kill(redis.pid, 'SIGSTOP')
    await until('more lines come', () => sim.progress().sent > 2000)
    const startMs = performance.now()
    expect(await ingest.end('SIGTERM')).toBe(0)
    expect(performance.now() - startMs).toBeLessThan(10_000)
    process.kill(redis.pid, 'SIGCONT')
    const received =
      Number(ingest.log.find(({ msg }) => msg === 'ingest stopped')?.['received']) - 1
    expect(received).toBeGreaterThan(1900)

    const quiet = await world.startReplay([chatLine(0)])
    await using second = new IngestProcess(world.env(quiet))
    const url = await second.healthUrl()
    await until('the spool is empty', async () => (await metric(url, 'spool_bytes')) === 0)
    await second.end('SIGTERM')
    expect(difference(await raws(world), lines.slice(0, received))).toEqual(NO_DIFFERENCE)
  })

  it('is ready once its channels are joined, and lists everything that is set wrongly', async () => {
    await using world = await World.create()
    await world.startRedis()
    const source = { kind: 'generate', seed: 1, channels: 3, messagesPerSecond: 1 } as const
    const sim: ChatSim = await world.startSim({ source })
    await using ingest = new IngestProcess(world.env(sim))
    const url = await ingest.healthUrl()
    await until('it is ready', async () => (await fetch(`${url}/readyz`)).status === 200)
    expect(await metric(url, 'connections')).toBe(1)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(await ingest.end('SIGTERM')).toBe(0)

    await using wrong = new IngestProcess({
      CHANNELS: 'a b',
      TWITCH_URL: 'http://x',
      TWITCH_TOKEN: 'x',
    })
    await once(wrong.child, 'exit')
    expect(wrong.child.exitCode).toBe(78)
    for (const name of ['CHANNELS', 'TWITCH_URL']) expect(wrong.stderr).toContain(name)
  })

  it('tells how it hands its channels over until it has, and who takes them how long that took', async () => {
    await using world = await World.create()
    await world.startRedis()
    const source = { kind: 'generate', seed: 1, channels: 20, messagesPerSecond: 20 } as const
    const sim: ChatSim = await world.startSim({ source })
    const envOf = (id: string) => ({
      ...world.env(sim),
      REPLICA_ID: id,
      SPOOL_DIR: `${world.dir}/spool-${id}`,
    })
    const receiving = (url: string) => metric(url, 'channels{state="receiving"}')
    const taken = (url: string) => metric(url, 'takeover_seconds_count{from="replica"}')
    await using leaving = new IngestProcess(envOf('a'))
    const url = await leaving.healthUrl()
    await until('it receives all', async () => (await receiving(url)) === 20)
    await using heir = new IngestProcess(envOf('b'))
    const heirUrl = await heir.healthUrl()
    await until('it takes some', async () => (await receiving(heirUrl)) > 0)
    await until(
      'nothing moves',
      async () => (await receiving(url)) + (await receiving(heirUrl)) === 20,
    )
    const left = await receiving(url)
    const takenBefore = await taken(heirUrl)
    expect(takenBefore).toBeGreaterThan(0)
    expect(await metric(url, 'takeover_seconds_count{from="nobody"}')).toBeGreaterThan(0)

    const exited = once(leaving.child, 'exit')
    leaving.child.kill('SIGTERM')
    await until('it hands over', async () => (await metric(url, 'handing_over_channels')) === left)
    const ready = await fetch(`${url}/readyz`)
    expect([ready.status, await ready.json()]).toMatchObject([503, { failed: ['stopping'] }])
    expect(await exited).toEqual([0, null])
    expect(await taken(heirUrl)).toBeGreaterThan(takenBefore)
    expect(await receiving(heirUrl)).toBe(20)
  })
})
