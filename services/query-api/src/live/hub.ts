import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveLimits } from '../limits.ts'
import { comeAgain } from '../problem.ts'
import type { ReadDeps } from '../read/deps.ts'
import { withoutHidden } from '../read/hidden.ts'
import type { Hidden, IsVisible } from '../read/hidden.ts'
import { MovedError } from '../read/start-over.ts'
import { takeView } from '../read/view.ts'
import { Feed } from './feed.ts'
import type { FeedLimits } from './feed.ts'
import { ShardTail } from './shard-tail.ts'
import type { TailOpener } from './shard-tail.ts'
import { Turns } from './turns.ts'

/** Whoever is told what concerns all listeners. */
export interface HubMember {
  readonly onStatus: (state: 'live' | 'waiting') => void
  readonly onHeartbeat: (nowMs: number) => void
  readonly onStopping: () => void
}

export interface HubDeps {
  readonly hot: ReadDeps['hot'] & TailOpener
  readonly limits: LiveLimits
  readonly onAway: (error: unknown) => void
  readonly onBack: () => void
}

const HEARTBEAT_CHECK_MS = 1000
/** How long a new listener waits for the first records of its channel. */
const READY_MS_MAX = 5000

/**
 * Everything that listeners of one process share: one loop a shard, one feed a channel, and who is hidden.
 *
 * Nothing runs and nothing is read while nobody listens.
 */
export class LiveHub {
  readonly limits: LiveLimits
  readonly turns: Turns
  readonly #deps: HubDeps
  readonly #shards = new Map<number, ShardTail>()
  readonly #members = new Set<HubMember>()
  readonly #visible = new Map<string, IsVisible>()
  #hidden: Hidden | undefined
  #hiddenAtMs = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined
  readonly #away = new Set<number>()
  #tail: ReturnType<TailOpener['openTail']> | undefined
  #timer: NodeJS.Timeout | undefined
  #isStopping = false

  constructor(deps: HubDeps) {
    this.#deps = deps
    this.limits = deps.limits
    this.turns = new Turns(deps.limits.catchUpsMax)
  }

  get listeners(): number {
    return this.#members.size
  }

  get channels(): number {
    let channels = 0
    for (const { feeds } of this.#shards.values()) channels += feeds.size
    return channels
  }

  isFollowed(channelId: string): boolean {
    return this.shard(this.#deps.hot.shardOf(channelId)).feeds.has(channelId)
  }

  /** Whether some shard does not answer. */
  get isWaiting(): boolean {
    return this.#away.size > 0
  }

  get isStopping(): boolean {
    return this.#isStopping
  }

  join(member: HubMember): void {
    this.#members.add(member)
    this.#timer ??= setInterval(() => {
      const nowMs = performance.now()
      for (const each of this.#members) each.onHeartbeat(nowMs)
    }, HEARTBEAT_CHECK_MS).unref()
  }

  leave(member: HubMember): void {
    this.#members.delete(member)
    if (this.#members.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /**
   * Follows a channel until {@link LiveHub.close}; resolves when its stream has been read to its end.
   *
   * @throws {ProblemError} 503 when too many channels are followed, or the hot store does not answer.
   */
  async open(channelId: string): Promise<Feed> {
    const shard = this.shard(this.#deps.hot.shardOf(channelId))
    let feed = shard.feeds.get(channelId)
    if (feed === undefined) {
      if (this.channels >= this.limits.channelsMax) {
        throw comeAgain('too many channels are followed at this moment')
      }
      feed = new Feed(channelId)
      shard.add(feed)
    }
    feed.users += 1
    try {
      await this.answered(feed.ready)
      return feed
    } catch (error) {
      this.close(feed)
      throw error
    }
  }

  /** Keeps the clocks of all shards read. @returns what to call when they are no longer needed. */
  followClocks(shards: number): () => void {
    const releases = Array.from({ length: shards }, (_, shard) => this.shard(shard).followClock())
    return () => {
      for (const release of releases) release()
    }
  }

  /** Waits for the hot store, as long as a client should. @throws {ProblemError} 503 when it does not answer. */
  async answered<Result>(answer: Promise<Result>): Promise<Result> {
    return await withTimeout(answer)
  }

  /** Lets go of a feed. It stays for a while, for those who come back. */
  close(feed: Feed): void {
    feed.users -= 1
    if (feed.users > 0) return
    void (async () => {
      await sleep(this.limits.keptMs, undefined, { ref: false })
      if (feed.users > 0) return
      this.shard(this.#deps.hot.shardOf(feed.channelId)).remove(feed)
      this.#visible.delete(feed.channelId)
    })()
  }

  /** The loop of a shard. */
  shard(number: number): ShardTail {
    let found = this.#shards.get(number)
    if (found === undefined) {
      found = new ShardTail(number, {
        tail: () => this.#openTail(),
        pollMs: this.limits.pollMs,
        feedLimits: () => this.#feedLimits(),
        beforeRound: () => this.#look(),
        onAnswer: () => {
          this.#onAnswer(number)
        },
        onFailure: (error) => {
          this.#onFailure(number, error)
        },
      })
      this.#shards.set(number, found)
    }
    return found
  }

  /** Whether a record of the channel may be shown, as far as was known within the last second or so. */
  isVisible(channelId: string): IsVisible {
    const known = this.#visible.get(channelId)
    if (known !== undefined) return known
    if (this.#hidden === undefined)
      throw new Error('nothing is read before it is known who is hidden')
    const all = { fromMs: Number.NEGATIVE_INFINITY, channelId }
    const { fromMs, isVisible } = withoutHidden(all, this.#hidden)
    const test: IsVisible = (record) =>
      record.sentAtMs >= fromMs && (isVisible === undefined || isVisible(record))
    this.#visible.set(channelId, test)
    return test
  }

  /** Ends all listeners with a last word; new ones are refused. */
  stop(): void {
    if (this.#isStopping) return
    this.#isStopping = true
    for (const member of this.#members) member.onStopping()
    for (const shard of this.#shards.values()) shard.stop()
    clearInterval(this.#timer)
    void this.#closeTail()
  }

  async #closeTail(): Promise<void> {
    const [tail] = await Promise.allSettled([this.#tail])
    if (tail.status === 'fulfilled') tail.value?.close()
  }

  /** One connection for all; opened when somebody listens for the first time. */
  async #openTail(): Promise<Awaited<ReturnType<TailOpener['openTail']>>> {
    this.#tail ??= this.#deps.hot.openTail()
    const opening = this.#tail
    try {
      return await opening
    } catch (error) {
      if (this.#tail === opening) this.#tail = undefined
      throw error
    }
  }

  #feedLimits(): FeedLimits {
    const { keptMs, keptBytesMax } = this.limits
    return { keptMs, keptBytesMax: keptBytesMax / Math.max(1, this.channels) }
  }

  /** Looks who is hidden, where that was last known too long ago. All shards share one look. */
  async #look(): Promise<void> {
    if (performance.now() - this.#hiddenAtMs < this.limits.hiddenMs) return
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  async #lookNow(): Promise<void> {
    const startedMs = performance.now()
    const used = [...this.#shards.values()].filter(({ isUsed }) => isUsed)
    try {
      const parts = used.map(({ shard }) => ({ shard }))
      const { hidden } = await takeView(parts, this.#deps.hot)
      this.#hidden = hidden
      this.#hiddenAtMs = startedMs
      this.#visible.clear()
    } catch (error) {
      // The folds changed meanwhile: what was known a round ago is good for another one.
      if (!(error instanceof MovedError) || this.#hidden === undefined) throw error
    }
  }

  #onAnswer(shard: number): void {
    if (!this.#away.delete(shard) || this.#away.size > 0) return
    this.#deps.onBack()
    for (const member of this.#members) member.onStatus('live')
  }

  #onFailure(shard: number, error: unknown): void {
    const isFirst = this.#away.size === 0
    this.#away.add(shard)
    if (!isFirst) return
    this.#deps.onAway(error)
    for (const member of this.#members) member.onStatus('waiting')
  }
}

async function withTimeout<Result>(answer: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(comeAgain('the hot store does not answer; try again soon'))
  }, READY_MS_MAX)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
