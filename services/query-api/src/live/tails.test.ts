import { setTimeout as sleep } from 'node:timers/promises'
import { createFooterCache, DEFAULT_TYPES } from '@poglog/log-format'
import { memoryObjectStore } from '@poglog/object-store/testing'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LIVE_LIMITS, READ_LIMITS } from '../limits.ts'
import type { LiveLimits, ReadLimits } from '../limits.ts'
import type { ReadDeps } from '../read/deps.ts'
import { PageBoundsCache } from '../read/page-bounds.ts'
import { recordOf } from '../testing/lines.ts'
import { LiveClient } from '../testing/live-client.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import { ChannelListener } from './channel-listener.ts'
import { LiveHub } from './hub.ts'
import { UserListener, clocksOf } from './user-listener.ts'

const CHANNELS = ['10', '11', '12', '13']
const CHANNEL = '10'
const USERS = ['2', '3']
const USER = '2'
const SENT_MS = Date.UTC(2026, 10, 3, 12)
/** A clock of which an append takes a millisecond makes seconds short. */
const LIMITS: LiveLimits = {
  ...LIVE_LIMITS,
  pollMs: 1,
  hiddenMs: 5,
  setsMs: 1,
  keptMs: 60,
  clockSlackMs: 30,
}
const SMALL: ReadLimits = { ...READ_LIMITS, pageEntries: 3, keptEntries: 4, roundRecords: 7 }

type Step =
  | { readonly do: 'append'; readonly lines: readonly number[]; readonly lateMs: number }
  | { readonly do: 'step'; readonly shard: number; readonly toMs: number }
  | { readonly do: 'pass' | 'wait'; readonly ms: number }
  | { readonly do: 'seal' | 'trim' | 'compact'; readonly shard: number }
  | { readonly do: 'leave'; readonly events: number }
  | { readonly do: 'fold' | 'back' | 'elsewhere' | 'night' }

const shard = fc.nat({ max: 1 })
/** `aheadMs` bounds how far the clocks are apart. */
const steps = (aheadMs: number) => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        // Channel and user of each line.
        lines: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 5 }),
        lateMs: fc.constantFrom(0, 0, 0, 3, 50),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('step' as const),
        shard,
        toMs: fc.integer({ min: -aheadMs, max: aheadMs }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat({ max: 100 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 8 }) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom('seal' as const, 'trim' as const, 'compact' as const),
        shard,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('leave' as const),
        events: fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'fold' as const,
          'back' as const,
          'back' as const,
          'elsewhere' as const,
          'night' as const,
        ),
      }),
    },
  )
  return fc.array(step, { minLength: 10, maxLength: 50 })
}

const hubs: LiveHub[] = []
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.stop()
})

let number = 0

/** A log, processes that serve it, and a client that goes from one to the other. */
class Scene {
  readonly log = new MemoryLog(memoryObjectStore())
  readonly client = new LiveClient()
  readonly #kind: 'channel' | 'user'
  readonly #limits: LiveLimits
  #aheadMs = [0, 0]
  #hub: LiveHub
  #sinceRecord = 0
  failures: unknown[] = []

  constructor(kind: 'channel' | 'user', limits: LiveLimits = LIMITS) {
    this.#kind = kind
    this.#limits = limits
    this.#hub = this.#process()
  }

  /** What the client should have been given by now. */
  get expected(): string[] {
    const since = this.log.records.slice(this.#sinceRecord)
    const ours = since.filter(({ channelId, userId }) =>
      this.#kind === 'channel' ? channelId === CHANNEL : userId === USER,
    )
    return ours.map(({ raw }) => raw).toSorted()
  }

  /** Begins to listen; what is appended from now on is expected. */
  async begin(): Promise<void> {
    this.log.pass(1)
    await this.connect()
    await vi.waitUntil(() => this.#readId() !== '', { interval: 1, timeout: 3000 })
    this.#sinceRecord = this.log.records.length
  }

  async connect(): Promise<void> {
    if (this.client.isConnected) return
    const hub = this.#hub
    const { hot } = this.#deps
    const release = hub.followClocks(hot.shards)
    const clocks = await clocksOf({ hub, read: this.#deps })
    const feed = this.#kind === 'channel' ? await hub.open(CHANNEL) : undefined
    const common = {
      hub,
      read: this.#deps,
      sink: this.client.connect(),
      events: { liveSent: () => undefined, liveCut: () => undefined },
      types: DEFAULT_TYPES,
      progress: this.client.progress,
    }
    const running =
      feed === undefined
        ? new UserListener(clocks, { ...common, userId: USER }).run(clocks)
        : new ChannelListener(feed, { ...common, channelId: CHANNEL }).run()
    running
      .catch((error: unknown) => {
        this.failures.push(error)
      })
      .finally(release)
  }

  async take(step: Step): Promise<void> {
    const { log } = this
    switch (step.do) {
      case 'append':
        return this.append(step.lines, step.lateMs)
      case 'step':
        log.stepClock(step.shard, step.toMs - (this.#aheadMs[step.shard] ?? 0))
        this.#aheadMs[step.shard] = step.toMs
        return
      case 'pass':
        return log.pass(step.ms)
      case 'wait':
        return await sleep(step.ms)
      case 'seal':
        return await log.seal(step.shard)
      case 'trim':
        return log.trim(step.shard)
      case 'compact':
        return await log.compact(step.shard)
      case 'fold':
        await log.fold()
        return log.dropAbsorbed()
      case 'night':
        for (const each of [0, 1]) {
          await log.seal(each)
          await log.compact(each)
          log.trim(each)
        }
        return
      case 'leave':
        return this.client.disconnect(step.events)
      case 'elsewhere':
        this.client.disconnect(2)
        this.#hub = this.#process()
        return await this.connect()
      case 'back':
        return await this.connect()
    }
  }

  append(lines: readonly number[], lateMs = 0): void {
    this.log.pass(1)
    const records = lines.map((line) => {
      number += 1
      return recordOf({
        number,
        channelId: CHANNELS[line >> 1] ?? '',
        userId: USERS[line & 1] ?? '',
        // Lines of one batch are not in the order of their sent times.
        sentAtMs: SENT_MS + number * 10 - lateMs - (number % 3) * 15,
      })
    })
    for (const each of [0, 1]) {
      const ofShard = records.filter(({ channelId }) => this.log.shardOf(channelId) === each)
      if (ofShard.length > 0) this.log.appendTogether(ofShard)
    }
  }

  /** The client comes back where it is away. @returns all that it was given, sorted. */
  async finish(): Promise<string[]> {
    await this.connect()
    const { length } = this.expected
    const { client } = this
    const isDone = (): boolean => {
      client.read()
      return client.raws.length >= length
    }
    // What is missing shows in the comparison.
    await vi.waitUntil(isDone, { interval: 1, timeout: 3000 }).catch(() => false)
    await sleep(5)
    client.read()
    client.disconnect()
    return client.raws.toSorted()
  }

  #readId(): string {
    this.client.read()
    return this.client.id
  }

  #process(): LiveHub {
    const { log } = this
    const hub = new LiveHub({
      hot: log,
      limits: this.#limits,
      onAway: (error) => this.failures.push(error),
      onBack: () => undefined,
    })
    hubs.push(hub)
    return hub
  }

  get #deps(): ReadDeps {
    return {
      hot: this.log,
      cold: this.log.cold,
      footers: createFooterCache(),
      pageBounds: new PageBoundsCache({ settledMs: 0 }),
      limits: SMALL,
      onEqualKeys: (count) => this.failures.push(`${count} equal keys`),
    }
  }
}

/** Plays a story to its end. */
async function play(kind: 'channel' | 'user', story: readonly Step[]) {
  const scene = new Scene(kind)
  scene.append([0, 1, 2, 3, 4, 5, 6, 7])
  await scene.begin()
  for (const step of story) await scene.take(step)
  const given = await scene.finish()
  for (const hub of hubs.splice(0)) hub.stop()
  return { given, expected: scene.expected, failures: scene.failures }
}

describe('a live tail', () => {
  it('of a channel has no hole and no double, whatever moves, breaks off, and however the clock steps (Q1)', async () => {
    const property = fc.asyncProperty(steps(100), async (story) => {
      const { given, expected, failures } = await play('channel', story)
      expect(failures).toEqual([])
      expect(given).toEqual(expected)
    })
    await fc.assert(property, { numRuns: 60 })
  }, 60_000)

  it('of a user has no hole and no double over shards whose clocks are apart (Q1)', async () => {
    // Twice that is how far two clocks are apart, or one steps back: as far as may be.
    const property = fc.asyncProperty(steps(LIMITS.clockSlackMs / 2), async (story) => {
      const { given, expected, failures } = await play('user', story)
      expect(failures).toEqual([])
      expect(given).toEqual(expected)
    })
    await fc.assert(property, { numRuns: 60 })
  }, 60_000)

  it('of a user that was away misses nothing of a shard whose clock is behind (Q1)', async () => {
    const story: readonly Step[] = [
      { do: 'step', shard: 1, toMs: -20 },
      { do: 'pass', ms: 200 },
      // Time to look where the user is, and to read all up to then.
      { do: 'wait', ms: 50 },
      { do: 'append', lines: [0], lateMs: 0 },
      { do: 'wait', ms: 30 },
      { do: 'leave', events: Number.POSITIVE_INFINITY },
      { do: 'append', lines: [2], lateMs: 0 },
      { do: 'back' },
    ]
    const { given, expected, failures } = await play('user', story)
    expect(failures).toEqual([])
    expect(expected).toHaveLength(2)
    expect(given).toEqual(expected)
  })
})
