import { setTimeout as sleep } from 'node:timers/promises'
import type { LogRecord } from '@poglog/log-format'
import { HOUR_MS, dayOf } from '../read/periods.ts'
import { readLogs } from '../read/read-logs.ts'
import { readUserLogs } from '../read/read-user-logs.ts'
import type { Feed, FeedReader } from './feed.ts'
import { giveHistory, isPassing } from './history.ts'
import type { ListenerOptions } from './listener.ts'
import { LiveRecord } from './live-record.ts'
import { Outlet } from './outlet.ts'
import { encodeProgress, seenMark } from './progress.ts'
import type { Progress } from './progress.ts'
import { Recent } from './recent.ts'

/** How far an arrival may lie from the one its day was taken of: a clock that stepped back. */
const CLOCK_STEP_MS = HOUR_MS

export interface UserListenerOptions extends ListenerOptions {
  readonly userId: string
}

/** Redis time of each shard. */
type Clocks = readonly number[]

/**
 * One who listens to a user over all channels: to the streams of all channels that the user has written in, which are
 * looked up again and again. The append script notes the channel before it adds the record, so none is missed.
 *
 * Streams of different shards keep no common order. What was given of the last seconds is therefore remembered by its
 * marks, and an id says: all before a time, some seconds ago, and of what came since, these.
 */
export class UserListener {
  readonly #options: UserListenerOptions
  readonly #outlet: Outlet
  readonly #recent: Recent
  readonly #feeds = new Map<string, Subscription>()
  /** While history is given. */
  #history: Progress | undefined
  /** Redis time of the look before: once all streams have been read up to it, everything before it was given. */
  #looked: Clocks | undefined
  #isToRestart = false
  #damage: Error | undefined

  constructor(clocks: Clocks, options: UserListenerOptions) {
    const { progress, fromMs, hub } = options
    this.#options = options
    const safeMs = Math.max(0, Math.min(...clocks) - hub.limits.clockSlackMs)
    this.#recent = new Recent(Math.min(progress?.arrivedMs ?? safeMs, safeMs))
    // When these arrived is not known: at the latest so, unless a clock has stepped back by more since.
    const latestMs = Math.max(...clocks, progress?.arrivedMs ?? 0) + hub.limits.clockSlackMs
    for (const mark of progress?.seen ?? []) this.#recent.add(mark, latestMs)
    if (progress?.history !== undefined) this.#history = progress
    else if (progress === undefined && fromMs !== undefined) {
      this.#history = { arrivedMs: 0, history: { toMs: safeMs, after: undefined } }
    }
    this.#outlet = new Outlet(() => this.#id(), options)
  }

  /** Runs until the client has gone or was cut. `clocks` are those it was made with. */
  async run(clocks: Clocks): Promise<void> {
    const { progress, fromMs } = this.#options
    const isAnew = progress === undefined && fromMs === undefined
    try {
      if (!isAnew) {
        this.#outlet.open()
        await this.#catchUp()
      }
      let round: Round = { isFirst: true, beginMs: isAnew ? clocks : undefined }
      while (!this.#outlet.hasEnded) {
        if (this.#damage !== undefined) throw this.#damage
        if (await this.#hasLooked(round)) {
          if (round.isFirst && isAnew) this.#outlet.open()
          round = { isFirst: false, beginMs: undefined }
        }
        if (this.#isToRestart) {
          this.#unsubscribe()
          await this.#catchUp()
          round = { isFirst: true, beginMs: undefined }
        }
        await sleep(this.#options.hub.limits.setsMs)
      }
    } catch (error) {
      const isOver = this.#outlet.hasEnded
      this.#outlet.cut('failed')
      if (!isOver) throw error
    } finally {
      this.#unsubscribe()
    }
  }

  /** New records of a channel. */
  give(records: readonly LogRecord[]): void {
    for (const record of records) {
      if (!this.#isDue(record)) continue
      if (this.#outlet.isFull) {
        this.#outlet.cut('slow')
        return
      }
      this.#recent.add(seenMark(record.key), record.receivedAtMs)
      const { data } = new LiveRecord(record)
      this.#outlet.write(Buffer.concat([Buffer.from(`id: ${this.#id()}\n`), data]), 1)
    }
  }

  /** A channel cannot be read on. */
  fail(error: Error): void {
    this.#damage = error
  }

  /** Records of a channel may be missing: begins anew from where it is. */
  restart(): void {
    this.#isToRestart = true
  }

  /** History, until what is missing is still kept in memory. */
  async #catchUp(): Promise<void> {
    const { hub, read, userId } = this.#options
    this.#isToRestart = false
    while (!this.#outlet.hasEnded) {
      const newestMs = Math.min(...(await clocksOf(this.#options)))
      const isNear = this.#recent.fromMs >= newestMs - hub.limits.keptMs / 2
      if (this.#history === undefined && isNear) return
      const progress = this.#history ?? this.#recent.progress
      const toMs = progress.history?.toMs ?? newestMs - hub.limits.clockSlackMs
      await giveHistory(toMs, {
        outlet: this.#outlet,
        options: this.#options,
        progress,
        read: (filter) => readUserLogs({ ...filter, userId }, read),
        advance: (next) => {
          this.#history = next
        },
      })
      if (this.#outlet.hasEnded) return
      this.#history = undefined
      this.#recent.advance(toMs)
    }
  }

  /** Looks, and says whether it could. */
  async #hasLooked(round: Round): Promise<boolean> {
    try {
      await this.#look(round)
      return true
    } catch (error) {
      if (isPassing(error)) return false
      throw error
    }
  }

  /** Looks where the user has written, and follows what is new. */
  async #look(round: Round): Promise<void> {
    const { hub } = this.#options
    const clocks = await clocksOf(this.#options)
    const channels = await this.#channels(clocks)
    if (channels.length > hub.limits.userChannelsMax) {
      this.#outlet.cut('channels')
      return
    }
    for (const channelId of channels) {
      if (this.#outlet.hasEnded) return
      if (!this.#feeds.has(channelId)) await this.#subscribe(channelId, round)
    }
    this.#recent.retreat(Math.max(0, Math.min(...clocks) - hub.limits.clockSlackMs))
    const looked = this.#looked
    if (looked !== undefined && this.#isReadTo(looked)) {
      this.#recent.advance(Math.min(...looked) - hub.limits.clockSlackMs)
    }
    this.#looked = clocks
  }

  async #channels(clocks: Clocks): Promise<string[]> {
    const { read, userId } = this.#options
    const { hot } = read
    const range = {
      fromDayMs: dayOf(Math.max(0, Math.min(...clocks, this.#recent.fromMs) - CLOCK_STEP_MS)),
      toDayMs: dayOf(Math.max(...clocks) + CLOCK_STEP_MS),
    }
    const found = await Promise.all(
      clocks.map((_, shard) => hot.userChannels({ shard, userId, ...range })),
    )
    return found.flat()
  }

  async #subscribe(channelId: string, round: Round): Promise<void> {
    const { hub } = this.#options
    const feed = await hub.open(channelId)
    try {
      await this.#join(feed, round)
    } catch (error) {
      hub.close(feed)
      throw error
    }
  }

  /** Gives what was missed of a channel, and then what comes. */
  async #join(feed: Feed, { isFirst, beginMs }: Round): Promise<void> {
    const { fromMs } = this.#recent
    // What is kept in memory is usually enough.
    let filledMs = beginMs === undefined ? fromMs : Number.POSITIVE_INFINITY
    while (!feed.covers(filledMs) && !this.#outlet.hasEnded) {
      filledMs = await this.#fill(feed, filledMs)
    }
    // From here on nothing is awaited, so that no record comes in between.
    const kept = feed.keptFrom(isFirst ? fromMs : 0).map(({ record }) => record)
    const shard = this.#options.read.hot.shardOf(feed.channelId)
    const startMs = beginMs?.[shard] ?? Number.NEGATIVE_INFINITY
    for (const { key, userId, receivedAtMs } of kept) {
      const isBefore = receivedAtMs < startMs && userId === this.#options.userId
      if (isBefore) this.#recent.add(seenMark(key), receivedAtMs)
    }
    this.give(kept.filter(({ receivedAtMs }) => receivedAtMs >= startMs))
    const subscription = new Subscription(feed, this)
    feed.attach(subscription)
    this.#feeds.set(feed.channelId, subscription)
  }

  /** What arrived in a channel before what is kept of it in memory. @returns from where on that was. */
  async #fill(feed: Feed, fromMs: number): Promise<number> {
    const { read, userId, types } = this.#options
    const { channelId, keptFromMs } = feed
    const batches = readLogs(
      {
        channelId,
        userId,
        types,
        fromMs: Number.MIN_SAFE_INTEGER,
        toMs: Number.MAX_SAFE_INTEGER,
        order: 'asc',
        arrival: { fromMs, toMs: keptFromMs },
        signal: this.#outlet.closed,
      },
      read,
    )
    for await (const batch of batches) this.give(batch)
    return keptFromMs
  }

  #isReadTo(clocks: Clocks): boolean {
    const { hot } = this.#options.read
    return [...this.#feeds.values()].every(
      ({ feed }) => feed.readMs >= (clocks[hot.shardOf(feed.channelId)] ?? Infinity),
    )
  }

  #unsubscribe(): void {
    for (const subscription of this.#feeds.values()) {
      subscription.feed.detach(subscription)
      this.#options.hub.close(subscription.feed)
    }
    this.#feeds.clear()
    this.#looked = undefined
  }

  #isDue(record: LogRecord): boolean {
    const { hub, types, userId } = this.#options
    return (
      record.userId === userId &&
      types.has(record.type) &&
      hub.isVisible(record.channelId)(record) &&
      !this.#recent.has(seenMark(record.key))
    )
  }

  #id(): string {
    return encodeProgress(this.#history ?? this.#recent.progress)
  }
}

/** How a look goes about channels that are new to it. */
interface Round {
  /** Then records of before the listening may be kept; later a channel is new because the user has just come there. */
  readonly isFirst: boolean
  /** Redis time from which on records are given, by shard; of one who begins anew. */
  readonly beginMs: Clocks | undefined
}

/** What a listener to a user gets of one channel. */
class Subscription implements FeedReader {
  readonly feed: Feed
  readonly #listener: UserListener

  constructor(feed: Feed, listener: UserListener) {
    this.feed = feed
    this.#listener = listener
  }

  take(records: readonly LiveRecord[]): void {
    this.#listener.give(records.map(({ record }) => record))
  }

  onGap(): void {
    this.#listener.restart()
  }

  onDamage(error: Error): void {
    this.#listener.fail(error)
  }
}

/** Redis time of every shard, asked for after the call. */
export async function clocksOf({
  hub,
  read,
}: Pick<UserListenerOptions, 'hub' | 'read'>): Promise<Clocks> {
  const shards = Array.from({ length: read.hot.shards }, (_, shard) => hub.shard(shard))
  return await Promise.all(shards.map((shard) => shard.nextClock()))
}
