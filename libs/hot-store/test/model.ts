import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import type { Cluster, Redis } from 'ioredis'
import { assert } from 'vitest'
import { type HotStore, openHotStore } from '../src/index.ts'
import { appendLine, channelOfShard, segmentEntry } from '../src/testing.ts'
import type { Freeze, HotEntry, HotPage, Reservation, SegmentEntry } from '../src/types.ts'
import { entriesOf, rawClient, segmentOf, SHARDS } from './setup.ts'

const CHANNELS = 3
const LINES = 40
const SHARD = SHARDS - 1
const TAG = `{s${SHARD}}`
const CHANNEL_IDS = Array.from({ length: CHANNELS }, (_, n) => channelOfShard(SHARD, SHARDS, n + 1))

type Step =
  | { readonly do: 'append'; readonly channel: number; readonly lines: readonly number[] }
  | { readonly do: 'freeze'; readonly who: number; readonly aheadMs: number }
  | { readonly do: 'collect' | 'read'; readonly who: number; readonly channel: number }
  | {
      readonly do: 'commit'
      readonly who: number
      readonly keep: number
      readonly replyLost: boolean
    }
  | { readonly do: 'page' | 'reserve'; readonly who: number }
  | {
      readonly do: 'swap'
      readonly who: number
      readonly brings: boolean
      readonly replyLost: boolean
    }
  | { readonly do: 'trim' | 'moveAll' }

const who = fc.nat({ max: 1 })
const channel = fc.nat({ max: CHANNELS - 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      channel,
      lines: fc.array(fc.nat({ max: LINES - 1 }), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('freeze' as const),
      who,
      aheadMs: fc.integer({ min: -2, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('collect' as const), who, channel }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      who,
      keep: fc.constantFrom(1, 1, 1, 0.5, 0),
      replyLost: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), who, channel }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('page' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reserve' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('swap' as const),
      who,
      brings: fc.boolean(),
      replyLost: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'trim' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'moveAll' as const }) },
)

interface Sealer {
  readonly frozen: Freeze
  entries: HotEntry[] | undefined
}

/** One who merges all segments there are into one, and may bring records of its own. */
interface Merger {
  readonly reservation: Reservation
  readonly version: string
  readonly removed: readonly SegmentEntry[]
}

interface Reader {
  readonly channelId: string
  /** Acknowledged before it began. */
  readonly must: ReadonlySet<string>
  answer: string[]
  page: HotPage
}

/** How often each path was taken that must not stay untested by chance. */
const seldom = {
  duplicate: 0,
  stale: 0,
  already: 0,
  retry: 0,
  lowerCut: 0,
  trimmed: 0,
  manyPages: 0,
  empty: 0,
  swapped: 0,
  swapStale: 0,
  swapAlready: 0,
  brought: 0,
}

/**
 * Walks random interleavings of two sealers, two mergers, two readers, an appender and a trim, each in single steps, beside a model
 * in memory that knows what was acknowledged and what each object holds.
 */
export async function modelTest(
  url: string,
  runs: number,
): Promise<Readonly<Record<string, number>>> {
  const hot = await openHotStore({ url })
  const raw = rawClient(url)
  let run = 0
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 15, maxLength: 60 }),
    async (steps) => {
      run += 1
      await forgetShard(hot, raw)
      const walk = new Walk(hot, run)
      for (const next of steps) await walk.take(next)
      await walk.finish()
    },
  )
  await fc.assert(property, { numRuns: runs })
  raw.disconnect()
  hot.close()
  return seldom
}

class Walk {
  readonly #hot: HotStore
  readonly #run: number
  readonly #acknowledged = new Map<string, Set<string>>(CHANNEL_IDS.map((id) => [id, new Set()]))
  /** What each object holds, by channel id. */
  readonly #objects = new Map<string, Map<string, string[]>>()
  readonly #floorWhenAppended = new Map<string, number>()
  readonly #sealers: (Sealer | undefined)[] = []
  readonly #mergers: (Merger | undefined)[] = []
  readonly #readers: (Reader | undefined)[] = []
  #floorMs = 0
  #puts = 0

  constructor(hot: HotStore, run: number) {
    this.#hot = hot
    this.#run = run
  }

  async take(next: Step): Promise<void> {
    switch (next.do) {
      case 'append':
        return await this.#append(next.channel, next.lines)
      case 'freeze':
        return await this.#freeze(next.who, next.aheadMs)
      case 'collect':
        return await this.#collect(next.who)
      case 'commit':
        return await this.#commit(next)
      case 'read':
        return await this.#beginRead(next.who, next.channel)
      case 'page':
        return await this.#readOn(next.who)
      case 'reserve':
        return await this.#reserve(next.who)
      case 'swap':
        return await this.#swap(next)
      case 'trim':
        return await this.#trim()
      case 'moveAll':
        await this.#freeze(0, 1)
        await this.#collect(0)
        await this.#commit({ do: 'commit', who: 0, keep: 1, replyLost: false })
        return await this.#trim()
    }
  }

  /** Lets the readers end, and reads everything once more. */
  async finish(): Promise<void> {
    for (const reader of [0, 1]) while (this.#readers[reader]) await this.#readOn(reader)
    let [hotRecords, hotBytes] = [0, 0]
    for (const index of CHANNEL_IDS.keys()) {
      await this.#beginRead(0, index)
      while (this.#readers[0]) await this.#readOn(0)
    }
    const state = await this.#hot.state(SHARD)
    for (const channelId of CHANNEL_IDS) {
      for (const entry of await entriesOf(this.#hot, { shard: SHARD, channelId })) {
        if (entry.receivedAtMs >= state.boundaryMs) {
          hotRecords += 1
          hotBytes += entry.raw.length
        }
        assert.isAtLeast(entry.receivedAtMs, this.#floorWhenAppended.get(entry.raw) ?? Infinity)
      }
    }
    assert.equal(state.hotRecords, hotRecords)
    assert.equal(state.hotBytes, hotBytes)
    assert.isAtMost(state.boundaryMs, state.floorMs)
    assert.isAtMost(state.trimmedMs, state.boundaryMs)
    assert.equal(state.floorMs, this.#floorMs)
    const keys = new Set((await this.#hot.manifest(SHARD)).map(({ key }) => key))
    for (const { key } of await this.#hot.removedObjects(SHARD)) assert.notInclude([...keys], key)
  }

  async #append(index: number, numbers: readonly number[]): Promise<void> {
    const channelId = CHANNEL_IDS[index] ?? ''
    const lines = numbers.map((n) => {
      const raw = `${this.#run} ${index} ${n}`
      return appendLine({ channelId, raw, key: createHash('md5').update(raw).digest('hex') })
    })
    const { appended, duplicates } = await this.#hot.append(SHARD, lines)
    const known = this.#acknowledged.get(channelId) ?? new Set()
    const before = known.size
    for (const { raw } of lines) {
      if (!known.has(raw)) this.#floorWhenAppended.set(raw, this.#floorMs)
      known.add(raw)
    }
    assert.deepEqual(
      { appended, duplicates },
      {
        appended: known.size - before,
        duplicates: lines.length - (known.size - before),
      },
    )
    if (duplicates > 0) seldom.duplicate += 1
  }

  async #freeze(sealer: number, aheadMs: number): Promise<void> {
    const { nowMs } = await this.#hot.state(SHARD)
    const frozen = await this.#hot.freeze(SHARD, nowMs + aheadMs)
    this.#floorMs = Math.max(this.#floorMs, frozen.cutMs)
    this.#sealers[sealer] = { frozen, entries: undefined }
  }

  async #collect(sealer: number): Promise<void> {
    const sealing = this.#sealers[sealer]
    if (sealing === undefined) return
    const { boundaryMs, cutMs } = sealing.frozen
    const entries: HotEntry[] = []
    for await (const channelId of this.#hot.channels(SHARD)) {
      entries.push(
        ...(await entriesOf(this.#hot, {
          shard: SHARD,
          channelId,
          fromMs: boundaryMs,
          toMs: cutMs,
        })),
      )
    }
    sealing.entries = entries
  }

  async #commit(step_: Extract<Step, { do: 'commit' }>): Promise<void> {
    const sealing = this.#sealers[step_.who]
    if (sealing?.entries === undefined) return
    const { frozen } = sealing
    if (frozen.cutMs < frozen.boundaryMs) return
    const cutMs = Math.floor(frozen.boundaryMs + (frozen.cutMs - frozen.boundaryMs) * step_.keep)
    // A lower cut among the records, where there are any.
    const middle =
      sealing.entries[Math.floor(sealing.entries.length * step_.keep)]?.receivedAtMs ?? cutMs
    const boundaryMs = step_.keep === 0.5 ? middle : cutMs
    const kept = sealing.entries.filter(({ receivedAtMs }) => receivedAtMs < boundaryMs)
    this.#puts += 1
    const key = `object-${this.#puts}`
    const contents = new Map<string, string[]>()
    for (const { channelId, raw } of kept) {
      contents.set(channelId, [...(contents.get(channelId) ?? []), raw])
    }
    this.#objects.set(key, contents)
    const segment = kept.length === 0 ? undefined : segmentOf(frozen, { key, records: kept.length })
    const rawBytes = kept.reduce((sum, { raw }) => sum + raw.length, 0)
    const what = { cutMs: boundaryMs, segment, records: kept.length, rawBytes }
    const result = await this.#hot.commit(frozen, what)
    if (result === 'committed') {
      if (boundaryMs < frozen.cutMs) seldom.lowerCut += 1
      if (segment === undefined) seldom.empty += 1
    }
    if (result === 'stale') seldom.stale += 1
    if (step_.replyLost && (segment !== undefined || boundaryMs > frozen.boundaryMs)) {
      const again = await this.#hot.commit(frozen, what)
      assert.equal(again, result === 'stale' ? 'stale' : 'already')
      if (again === 'already') seldom.already += 1
    }
  }

  async #reserve(merger: number): Promise<void> {
    const reservation = await this.#hot.reserve(SHARD, 2)
    const query = { shard: SHARD, channelId: undefined }
    const { segments, version } = await this.#hot.snapshot(query)
    this.#mergers[merger] = { reservation, version, removed: segments }
  }

  async #swap(step_: Extract<Step, { do: 'swap' }>): Promise<void> {
    const merging = this.#mergers[step_.who]
    if (merging === undefined) return
    const { reservation, version, removed } = merging
    const contents = new Map<string, string[]>(CHANNEL_IDS.map((id) => [id, []]))
    for (const { key } of removed) {
      for (const [id, raws] of this.#objects.get(key) ?? []) contents.get(id)?.push(...raws)
    }
    this.#puts += 1
    const key = `object-${this.#puts}`
    const bring = `${this.#run} brought ${key}`
    const [channelId = ''] = CHANNEL_IDS
    if (step_.brings) contents.get(channelId)?.push(bring)
    const added = [segmentEntry({ number: reservation.first + 1, key, level: 'day' })]
    const what = { removed, added, ...(step_.brings ? { addsRecords: { version } } : {}) }
    // Known before the swap: a reader may see it before its reply.
    this.#objects.set(key, contents)
    const result = await this.#hot.swap(reservation, what)
    if (result === 'committed') {
      seldom.swapped += 1
      if (step_.brings) {
        seldom.brought += 1
        this.#acknowledged.get(channelId)?.add(bring)
      }
    }
    if (result === 'stale') seldom.swapStale += 1
    if (!step_.replyLost) return
    const again = await this.#hot.swap(reservation, what)
    assert.equal(again, result === 'stale' ? 'stale' : 'already')
    if (again === 'already') seldom.swapAlready += 1
  }

  async #trim(): Promise<void> {
    const { boundaryMs } = await this.#hot.state(SHARD)
    const { removed } = await this.#hot.trim(SHARD, { beforeMs: boundaryMs })
    if (removed > 0) seldom.trimmed += 1
  }

  async #beginRead(reader: number, index: number): Promise<void> {
    const channelId = CHANNEL_IDS[index] ?? ''
    const must = new Set(this.#acknowledged.get(channelId))
    this.#readers[reader] = await this.#snapshot(channelId, must)
  }

  async #snapshot(channelId: string, must: ReadonlySet<string>): Promise<Reader> {
    const { segments, page } = await this.#hot.snapshot({ shard: SHARD, channelId, maxEntries: 2 })
    const cold = segments.flatMap(({ key }) => this.#objects.get(key)?.get(channelId) ?? [])
    return { channelId, must, answer: [...cold, ...page.entries.map(({ raw }) => raw)], page }
  }

  async #readOn(reader: number): Promise<void> {
    const reading = this.#readers[reader]
    if (reading === undefined) return
    const { channelId, must, page } = reading
    if (page.nextId === undefined) {
      this.#readers[reader] = undefined
      return this.#judge(reading)
    }
    const next = await this.#hot.readPage({
      shard: SHARD,
      channelId,
      afterId: page.nextId,
      maxEntries: 2,
    })
    if (next === 'retry') {
      seldom.retry += 1
      this.#readers[reader] = await this.#snapshot(channelId, must)
      return
    }
    seldom.manyPages += 1
    reading.page = next
    reading.answer.push(...next.entries.map(({ raw }) => raw))
  }

  /** must <= answer <= may, and nothing twice. */
  #judge({ channelId, must, answer }: Reader): void {
    const answered = new Set(answer)
    const may = this.#acknowledged.get(channelId)
    const missing = [...must].filter((raw) => !answered.has(raw))
    const fromNowhere = answer.filter((raw) => may?.has(raw) !== true)
    assert.deepEqual(
      { twice: answer.length - answered.size, missing, fromNowhere },
      { twice: 0, missing: [], fromNowhere: [] },
    )
  }
}

async function forgetShard(hot: HotStore, raw: Redis | Cluster): Promise<void> {
  const { nowMs } = await hot.state(SHARD)
  const window = Math.floor(nowMs / 300_000)
  const windows = [window - 1, window].map((number) => `${TAG}:seen:${number}`)
  const streams = CHANNEL_IDS.map((id) => `${TAG}:hot:${id}`)
  const manifest = ['segments', 'reserved', 'removed'].map((name) => `${TAG}:${name}`)
  await raw.del(`${TAG}:state`, `${TAG}:channels`, ...manifest, ...windows, ...streams)
}
