import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AppendLine } from '@poglog/hot-store'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryTracing } from '@poglog/service-kit/testing'
import type { KeptSpan } from '@poglog/service-kit/testing'
import { ByteBudget } from '../src/byte-budget.ts'
import { Lane } from '../src/lane.ts'
import { Spool } from '../src/spool.ts'
import { until } from './world.ts'

const line = (number: number): AppendLine => ({
  channelId: '1',
  key: String(number),
  raw: `line ${number}`,
  sentAtMs: number,
  userId: '',
  type: 'PRIVMSG',
})

/** A store that answers as it is told: by `mode` for each call. */
class FakeStore {
  readonly keys: string[] = []
  readonly sizes: number[] = []
  mode: 'works' | 'fails' | 'fails after it worked' | 'hangs' = 'works'
  /** Ends what hangs, as a connection that is reset does. */
  readonly hanging: ((error: Error) => void)[] = []
  inFlight = 0
  inFlightMax = 0

  async append(lines: readonly AppendLine[]): Promise<{ appended: number; duplicates: number }> {
    this.inFlight += 1
    this.inFlightMax = Math.max(this.inFlightMax, this.inFlight)
    try {
      await new Promise((resolve) => {
        setTimeout(resolve, 1)
      })
      if (this.mode === 'hangs') {
        await new Promise((_, reject) => {
          this.hanging.push(reject)
        })
      }
      if (this.mode === 'fails') throw new Error('away')
      // As the append script does: what is there is not stored again.
      const fresh = lines.filter(({ key }) => !this.keys.includes(key))
      this.keys.push(...fresh.map(({ key }) => key))
      this.sizes.push(lines.length)
      if (this.mode === 'fails after it worked') throw new Error('reply lost')
      return { appended: fresh.length, duplicates: lines.length - fresh.length }
    } finally {
      this.inFlight -= 1
    }
  }
}

class LaneWorld implements AsyncDisposable {
  readonly dir: string
  readonly store = new FakeStore()
  readonly buffer: ByteBudget
  readonly spoolBudget: ByteBudget
  readonly told: string[] = []
  readonly dropped: string[] = []
  readonly tracing = memoryTracing()

  private constructor(dir: string, limits: { bufferBytes: number; spoolBytes: number }) {
    this.dir = dir
    this.buffer = new ByteBudget(limits.bufferBytes)
    this.spoolBudget = new ByteBudget(limits.spoolBytes)
  }

  static async create(limits = { bufferBytes: 1e8, spoolBytes: 1e8 }): Promise<LaneWorld> {
    return new LaneWorld(await mkdtemp(join(tmpdir(), 'poglog-lane-')), limits)
  }

  async start(): Promise<Lane> {
    const spool = await Spool.open({
      dir: this.dir,
      budget: this.spoolBudget,
      events: { spoolLost: (loss) => this.told.push(`lost ${loss.lostBytes}`) },
    })
    return new Lane({
      append: (lines) => this.tracing.span('append', {}, () => this.store.append(lines)),
      tracing: this.tracing,
      spool,
      buffer: this.buffer,
      flushIntervalMs: 5,
      events: {
        appended: () => undefined,
        appendFailed: () => undefined,
        spoolEntered: () => this.told.push('entered'),
        spoolDrained: () => this.told.push('drained'),
        spooled: () => undefined,
        spoolFailed: () => this.told.push('failed'),
        dropped: (lines) => this.dropped.push(...lines.map(({ key }) => key)),
      },
    })
  }

  /** What became of each batch. */
  batches(): string[] {
    return this.tracing.spans
      .filter(({ name }) => name === 'batch')
      .map(({ attributes: all }) => {
        const [lines, from, outcome] = ['lines', 'from', 'outcome'].map((of) => all[`poglog.${of}`])
        return `${lines} from ${from}: ${outcome}`
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
  }
}

const keys = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index))

describe('Lane', () => {
  it('sends one batch until it is taken: a call that has to be made again is not overtaken', async () => {
    await using world = await LaneWorld.create()
    world.store.mode = 'hangs'
    const lane = await world.start()
    for (let number = 0; number < 1000; number += 1) lane.offer(line(number))
    await until('a batch hangs', () => world.store.hanging.length === 1)
    await delay(20)
    expect(world.store.inFlightMax).toBe(1)
    world.store.mode = 'works'
    for (const end of world.store.hanging) end(new Error('reset'))
    await until('all is stored', () => world.store.keys.length === 1000)
    await lane.stop(1000)
    expect(world.store.keys).toEqual(keys(1000))
    expect(world.store.inFlightMax).toBeGreaterThan(1)
  })

  it('batches what comes within the flush interval and keeps several batches in flight', async () => {
    await using world = await LaneWorld.create()
    const lane = await world.start()
    for (let number = 0; number < 2000; number += 1) lane.offer(line(number))
    await until('all is stored', () => world.store.keys.length === 2000)
    await lane.stop(1000)
    expect(world.store.keys).toEqual(keys(2000))
    expect(world.store.sizes.length).toBe(8)
    expect(world.store.inFlightMax).toBe(4)
    expect(world.buffer.usedBytes).toBe(0)
  })

  it.each([
    ['fail', 'fails'],
    ['arrive without an answer', 'fails after it worked'],
  ] as const)('keeps the order of batches that %s after it went to the disk', async (_, mode) => {
    await using world = await LaneWorld.create()
    const lane = await world.start()
    const offer = (from: number, to: number): void => {
      for (let number = from; number < to; number += 1) lane.offer(line(number))
    }
    offer(0, 1)
    await until('lines are taken', () => world.store.keys.length === 1)
    world.store.mode = 'hangs'
    offer(1, 256 * 6)
    await until('four batches hang', () => world.store.hanging.length === 4)
    lane.relieve()
    offer(256 * 6, 256 * 7)
    await until('what waits is on disk', () => world.buffer.usedBytes === 0)
    world.store.mode = mode
    for (const end of world.store.hanging) end(new Error('reset'))
    await delay(20)
    world.store.mode = 'works'
    offer(256 * 7, 256 * 8)
    await until('all is stored', () => world.store.keys.length === 256 * 8)
    await until('the disk is empty', () => world.spoolBudget.usedBytes === 0)
    await lane.stop(1000)
    expect(world.store.keys).toEqual(keys(256 * 8))
    expect(world.buffer.usedBytes).toBe(0)
    expect(world.dropped).toEqual([])
  })

  it('keeps order and loses nothing, whatever fails and whenever (I1) (I2)', async () => {
    const modes = fc.array(
      fc.constantFrom('works' as const, 'fails' as const, 'fails after it worked' as const),
      { minLength: 1, maxLength: 6 },
    )
    await fc.assert(
      fc.asyncProperty(modes, fc.integer({ min: 1, max: 400 }), async (todo, step) => {
        await using world = await LaneWorld.create()
        const lane = await world.start()
        let number = 0
        for (const mode of todo) {
          world.store.mode = mode
          for (let index = 0; index < step; index += 1) {
            lane.offer(line(number))
            number += 1
          }
          if (number % 2 === 0) lane.relieve()
          await new Promise((resolve) => {
            setTimeout(resolve, 20)
          })
        }
        world.store.mode = 'works'
        await until('all is stored', () => world.store.keys.length === number)
        // A stop while an append has just failed leaves on disk what was not acknowledged, for the next start.
        const heldBytes = (): number => world.buffer.usedBytes + world.spoolBudget.usedBytes
        await until('all is acknowledged', () => heldBytes() === 0)
        await lane.stop(1000)
        expect(world.store.keys.toSorted((a, b) => Number(a) - Number(b))).toEqual(keys(number))
        expect(world.dropped).toEqual([])
        expect(await readdir(world.dir)).toEqual([])
      }),
      { numRuns: 12 },
    )
  })

  it('writes to disk what it holds when the store hangs, also what is in flight (I1)', async () => {
    await using world = await LaneWorld.create()
    const lane = await world.start()
    world.store.mode = 'hangs'
    for (let number = 0; number < 3000; number += 1) lane.offer(line(number))
    await until('it goes to disk', () => world.told.includes('entered'), 5000)
    await lane.stop(100)

    world.store.mode = 'works'
    const next = await world.start()
    await until('all is stored', () => world.store.keys.length === 3000)
    await next.stop(1000)
    expect(world.store.keys.toSorted((a, b) => Number(a) - Number(b))).toEqual(keys(3000))
    expect(world.dropped).toEqual([])
  })

  it('tells until when all lines are stored, in memory, in flight, failed and on disk (I1)', async () => {
    await using world = await LaneWorld.create()
    const lane = await world.start()
    const isCurrent = (): boolean => performance.now() - lane.storedUntilMs() < 5
    expect(isCurrent()).toBe(true)

    world.store.mode = 'fails'
    const beforeMs = performance.now()
    expect(lane.offer(line(0))).toBe(true)
    const afterMs = performance.now()
    const heldMs: number[] = []
    while (world.told.length === 0) {
      heldMs.push(lane.storedUntilMs())
      lane.offer(line(heldMs.length))
      await new Promise((resolve) => {
        setTimeout(resolve, 2)
      })
    }
    expect(heldMs.length).toBeGreaterThan(20)
    expect(heldMs.every((untilMs) => untilMs >= beforeMs && untilMs <= afterMs)).toBe(true)
    await until('it is on disk', isCurrent)

    world.store.mode = 'works'
    await until('all is stored', () => world.store.keys.length === heldMs.length + 1)
    expect(isCurrent()).toBe(true)
    await lane.stop(1000)
    expect(isCurrent()).toBe(true)
  })

  it('answers that a line has no room, and does not hold back what is stored (I1)', async () => {
    await using world = await LaneWorld.create({ bufferBytes: 1000, spoolBytes: 0 })
    const lane = await world.start()
    world.store.mode = 'fails'
    expect([0, 1, 2, 3, 4].map((number) => lane.offer(line(number)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
    expect(world.dropped).toEqual(['3', '4'])
    await lane.stop(10)
    expect(world.dropped).toEqual(['3', '4', '0', '1', '2'])
    expect(performance.now() - lane.storedUntilMs()).toBeLessThan(5)
  })

  it('stores what memory holds once the store is back, while the disk takes nothing (I1)', async () => {
    await using world = await LaneWorld.create({ bufferBytes: 100_000, spoolBytes: 0 })
    const lane = await world.start()
    world.store.mode = 'fails'
    for (let number = 0; number < 100; number += 1) lane.offer(line(number))
    await until('the disk has failed', () => world.told.includes('failed'), 5000)
    world.store.mode = 'works'
    await until('all is stored', () => world.store.keys.length === 100, 5000)
    await lane.stop(1000)
    expect(world.store.keys).toEqual(keys(100))
    expect(world.dropped).toEqual([])
    expect(world.told.length).toBeLessThan(50)
  })

  it('drops the newest lines when memory and disk are full, and counts each (I1)', async () => {
    await using world = await LaneWorld.create({ bufferBytes: 200_000, spoolBytes: 20_000 })
    const lane = await world.start()
    world.store.mode = 'fails'
    for (let number = 0; number < 5000; number += 1) {
      lane.offer(line(number))
      if (number % 100 === 0) {
        await new Promise((resolve) => {
          setTimeout(resolve, 20)
        })
      }
    }
    await until('the disk is full', () => world.told.includes('failed'), 5000)
    expect(world.buffer.usedBytes).toBeLessThanOrEqual(200_000)
    expect(world.spoolBudget.usedBytes).toBeLessThanOrEqual(20_000)
    world.store.mode = 'works'
    await until('the rest is stored', () => world.store.keys.length + world.dropped.length === 5000)
    await lane.stop(1000)
    expect(world.dropped.length).toBeGreaterThan(1000)
    expect(new Set([...world.store.keys, ...world.dropped]).size).toBe(5000)
  })

  it('traces a batch from its first line until it is stored, or on disk', async () => {
    await using world = await LaneWorld.create()
    const lane = await world.start()
    const beforeMs = performance.now()
    lane.offer(line(0))
    lane.offer(line(1))
    await until('all is stored', () => world.store.keys.length === 2)
    const afterMs = performance.now()
    world.store.mode = 'fails'
    lane.offer(line(2))
    await until('it spools', () => world.told.includes('entered'))
    await until('it is on disk', () => world.batches().includes('1 from socket: spooled'))
    world.store.mode = 'works'
    await until('all is stored', () => world.store.keys.length === 3)
    await lane.stop(1000)

    expect(world.batches()).toEqual([
      '2 from socket: stored',
      '1 from socket: spooled',
      '1 from spool: stored',
    ])
    const [stored, spooled, again] = world.tracing.spans.filter(({ name }) => name === 'batch')
    expect(stored?.start.startMs).toBeGreaterThanOrEqual(beforeMs)
    expect(stored?.start.startMs).toBeLessThan(afterMs)
    const below = (span: KeptSpan | undefined): string[] =>
      world.tracing.spans
        .filter(({ above }) => above === span)
        .map(({ name, outcome }) => `${name} ${outcome}`)
    expect(below(stored)).toEqual(['append done'])
    expect(new Set(below(spooled))).toEqual(new Set(['append failed', 'spool done']))
    expect(below(again).at(-1)).toBe('append done')
    expect(below(undefined)).toHaveLength(3)
  })
})
