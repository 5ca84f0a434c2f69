import { setTimeout as sleep } from 'node:timers/promises'
import { TAIL_CHANNELS_MAX } from '@poglog/hot-store'
import type { TailPage, TailQuery } from '@poglog/hot-store'
import type { Feed, FeedLimits } from './feed.ts'

/** What following streams takes of the hot store. */
export interface TailReads {
  readonly read: (query: TailQuery) => Promise<TailPage>
  /** Channel id -> arrival of the last entry, of channels that have any. */
  readonly lastArrivals: (
    shard: number,
    channelIds: readonly string[],
  ) => Promise<ReadonlyMap<string, number>>
}

/** Opens what follows streams. */
export interface TailOpener {
  readonly openTail: () => Promise<TailReads & { readonly close: () => void }>
}

/** Entries of a channel that are asked for at once; more than one append can bring into it. */
const PAGE_ENTRIES = 1000
/** Channels that are asked at once after a pause, when each may have a whole page: about 16 MB. */
const CHANNELS_AFTER_PAUSE = 32
const PAUSE_MS = 2000
/** How far the clock may step back before the first record of an empty channel is missed. */
const CLOCK_STEP_MS = 3_600_000
/** A try of a store that does not answer. */
const AWAY_MS = 500

export interface ShardTailDeps {
  readonly tail: () => Promise<TailReads>
  readonly pollMs: number
  readonly feedLimits: () => FeedLimits
  /** Awaited before each round; while it fails nothing is read. */
  readonly beforeRound: () => Promise<void>
  readonly onAnswer: () => void
  readonly onFailure: (error: unknown) => void
}

/** Follows the channels of one shard that somebody listens to: one loop, however many listen. */
export class ShardTail {
  readonly shard: number
  readonly #deps: ShardTailDeps
  readonly #feeds = new Map<string, Feed>()
  #clockUsers = 0
  #isRunning = false
  #isStopped = false
  #lastRoundMs = Number.NEGATIVE_INFINITY
  #nowMs: number | undefined
  #round = Promise.withResolvers<number>()

  constructor(shard: number, deps: ShardTailDeps) {
    this.shard = shard
    this.#deps = deps
    this.#round.promise.catch(() => undefined)
  }

  get feeds(): ReadonlyMap<string, Feed> {
    return this.#feeds
  }

  /** Whether anything is followed. */
  get isUsed(): boolean {
    return this.#feeds.size > 0 || this.#clockUsers > 0
  }

  /** Redis time as last read; `undefined` before the first answer. */
  get nowMs(): number | undefined {
    return this.#nowMs
  }

  add(feed: Feed): void {
    this.#feeds.set(feed.channelId, feed)
    this.#run()
  }

  remove(feed: Feed): void {
    if (this.#feeds.get(feed.channelId) === feed) this.#feeds.delete(feed.channelId)
  }

  /** Keeps the clock read, also where no channel is followed. @returns what to call when it is no longer needed. */
  followClock(): () => void {
    this.#clockUsers += 1
    this.#run()
    return () => {
      this.#clockUsers -= 1
    }
  }

  /** Redis time of an answer that is asked for after the call. */
  async nextClock(): Promise<number> {
    // The round that runs may have asked already.
    await this.#round.promise
    return await this.#round.promise
  }

  stop(): void {
    this.#isStopped = true
    this.#round.reject(new Error('stopped'))
  }

  #run(): void {
    if (this.#isRunning || this.#isStopped) return
    this.#isRunning = true
    void this.#loop()
  }

  async #loop(): Promise<void> {
    const { pollMs, beforeRound, onAnswer, onFailure } = this.#deps
    while (this.isUsed && !this.#isStopped) {
      const startedMs = performance.now()
      let pauseMs = 0
      try {
        await beforeRound()
        const isBehind = await this.#readAll()
        onAnswer()
        if (!isBehind) pauseMs = Math.max(0, startedMs + pollMs - performance.now())
      } catch (error) {
        if (!this.#isStopped) onFailure(error)
        pauseMs = AWAY_MS
      }
      await sleep(pauseMs)
    }
    this.#isRunning = false
  }

  /** One round over all channels. @returns whether any has more. */
  async #readAll(): Promise<boolean> {
    const { feedLimits } = this.#deps
    const { shard } = this
    const tail = await this.#deps.tail()
    const sinceMs = performance.now() - this.#lastRoundMs
    const feeds = [...this.#feeds.values()]
    const limits = feedLimits()
    if (feeds.length === 0) this.#nowMs = (await readClock(shard, tail)).nowMs
    const fresh = feeds.filter(({ afterId }) => afterId === '')
    await startFeeds(fresh, { shard, tail, keptMs: limits.keptMs })
    const size = sinceMs > PAUSE_MS ? CHANNELS_AFTER_PAUSE : TAIL_CHANNELS_MAX
    for (let at = 0; at < feeds.length; at += size) {
      const group = feeds.slice(at, at + size)
      const after = new Map(group.map((feed) => [feed.channelId, feed.afterId]))
      const page = await tail.read({ shard, after, maxEntries: PAGE_ENTRIES })
      this.#nowMs = page.nowMs
      for (const feed of group) {
        const damage = page.damaged.get(feed.channelId)
        if (damage === undefined) feed.take(page, PAGE_ENTRIES, limits)
        else this.#end(feed, damage)
      }
    }
    this.#lastRoundMs = performance.now()
    const ended = this.#round
    this.#round = Promise.withResolvers()
    this.#round.promise.catch(() => undefined)
    ended.resolve(this.#nowMs ?? 0)
    return feeds.some((feed) => feed.isBehind && this.#feeds.has(feed.channelId))
  }

  /** One channel that cannot be read must not hold up the others. */
  #end(feed: Feed, damage: Error): void {
    this.remove(feed)
    feed.fail(damage)
  }
}

/**
 * A feed begins some seconds ago, for those who come back; in a stream that has been quiet for longer with its last
 * records, and in one that has none where the next one will be at the earliest: the clock may step back.
 */
async function startFeeds(
  feeds: readonly Feed[],
  { shard, tail, keptMs }: { shard: number; tail: TailReads; keptMs: number },
): Promise<void> {
  if (feeds.length === 0) return
  const { nowMs, floorMs } = await readClock(shard, tail)
  const ids = feeds.map(({ channelId }) => channelId)
  const lastMs = await tail.lastArrivals(shard, ids)
  for (const feed of feeds) {
    const emptyMs = Math.max(floorMs, nowMs - CLOCK_STEP_MS)
    feed.start(Math.max(0, Math.min(nowMs - keptMs, lastMs.get(feed.channelId) ?? emptyMs)))
  }
}

async function readClock(shard: number, tail: TailReads): Promise<TailPage> {
  return await tail.read({ shard, after: new Map() })
}
