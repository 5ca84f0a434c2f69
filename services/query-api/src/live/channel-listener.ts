import type { LogRecord } from '@poglog/log-format'
import { readLogs } from '../read/read-logs.ts'
import type { Feed, FeedReader, SharedEvents } from './feed.ts'
import { giveHistory } from './history.ts'
import type { ListenerOptions } from './listener.ts'
import type { LiveRecord } from './live-record.ts'
import { Outlet } from './outlet.ts'
import { encodeProgress, isGiven } from './progress.ts'
import type { Progress } from './progress.ts'

/** Kept records that are written at once to one who joins; then it is looked whether they are taken. */
const SLICE_RECORDS = 100

export interface ChannelListenerOptions extends ListenerOptions {
  readonly channelId: string
  /** Only records of this user; those of everybody when absent. */
  readonly userId?: string | undefined
}

/** Why a listener gets no new records for the moment. */
type Leave = 'full' | 'gap' | 'closed'

/**
 * One who listens to a channel: is given history until what is missing is still kept in memory, then that, and then what
 * comes, in the order of arrival.
 */
export class ChannelListener implements FeedReader {
  readonly #options: ChannelListenerOptions
  readonly #outlet: Outlet
  readonly #feed: Feed
  /** The same for all who want the same. */
  readonly #want: string
  #progress: Progress
  #left = Promise.withResolvers<Leave>()

  /** @param feed opened for it, and closed by {@link ChannelListener.run}. */
  constructor(feed: Feed, options: ChannelListenerOptions) {
    const { progress, fromMs, types, userId = '' } = options
    this.#options = options
    this.#feed = feed
    this.#want = `${userId} ${[...types].join()}`
    this.#progress = progress ?? beginning(feed, fromMs)
    this.#outlet = new Outlet(() => encodeProgress(this.#progress), options)
    this.#outlet.closed.addEventListener('abort', () => {
      this.#leave('closed')
    })
  }

  /** Runs until the client has gone or was cut. */
  async run(): Promise<void> {
    const { hub } = this.#options
    try {
      this.#outlet.open()
      await this.#listen()
    } catch (error) {
      this.#outlet.cut('failed')
      if (!this.#outlet.closed.aborted) throw error
    } finally {
      this.#feed.detach(this)
      hub.close(this.#feed)
    }
  }

  take(records: readonly LiveRecord[], shared: Map<string, SharedEvents>): void {
    const outlet = this.#outlet
    if (outlet.hasEnded || outlet.isFull) {
      this.#leave('full')
      return
    }
    const first = records[0]
    const last = records.at(-1)
    if (first === undefined || last === undefined) return
    const isNew = !isGiven(this.#progress, first.record)
    const known = isNew ? shared.get(this.#want) : undefined
    const events = known ?? joinEvents(records.filter((each) => this.#isDue(each.record)))
    if (isNew) shared.set(this.#want, events)
    this.#advance(last.record)
    if (events.count > 0) outlet.write(events.bytes, events.count)
  }

  onGap(): void {
    this.#leave('gap')
  }

  onDamage(error: Error): void {
    this.#left.reject(error)
  }

  async #listen(): Promise<void> {
    const outlet = this.#outlet
    while (!outlet.hasEnded) {
      const { arrivedMs, history } = this.#progress
      if (history !== undefined || !this.#feed.covers(arrivedMs)) {
        await this.#catchUp(history?.toMs ?? this.#feed.keptFromMs)
        continue
      }
      if ((await this.#join()) !== 'full') continue
      const isTaken = await outlet.drained()
      // One that is slower than the channel would never catch up.
      if (!isTaken || !this.#feed.covers(this.#progress.arrivedMs)) outlet.cut('slow')
    }
  }

  async #catchUp(toMs: number): Promise<void> {
    const { channelId, userId, read } = this.#options
    await giveHistory(toMs, {
      outlet: this.#outlet,
      options: this.#options,
      progress: this.#progress,
      read: (filter) => readLogs({ ...filter, channelId, userId }, read),
      advance: (progress) => {
        this.#progress = progress
      },
    })
    if (!this.#outlet.hasEnded) this.#progress = { arrivedMs: toMs }
  }

  /** Gives what is kept, and then what comes, until it has to leave. No record can come in between. */
  async #join(): Promise<Leave> {
    this.#left = Promise.withResolvers()
    const kept = this.#feed
      .keptFrom(this.#progress.arrivedMs)
      .filter(({ record }) => !isGiven(this.#progress, record))
    for (let at = 0; at < kept.length; at += SLICE_RECORDS) {
      if (this.#outlet.isFull) return 'full'
      const slice = kept.slice(at, at + SLICE_RECORDS)
      const events = joinEvents(slice.filter(({ record }) => this.#isDue(record)))
      const last = slice.at(-1)
      if (last !== undefined) this.#advance(last.record)
      if (events.count > 0) this.#outlet.write(events.bytes, events.count)
    }
    this.#feed.attach(this)
    return await this.#left.promise
  }

  #leave(why: Leave): void {
    this.#feed.detach(this)
    this.#left.resolve(why)
  }

  #advance(record: LogRecord): void {
    this.#progress = { arrivedMs: record.receivedAtMs, within: record }
  }

  #isDue(record: LogRecord): boolean {
    const { hub, channelId, types, userId } = this.#options
    return (
      types.has(record.type) &&
      (userId === undefined || record.userId === userId) &&
      hub.isVisible(channelId)(record) &&
      !isGiven(this.#progress, record)
    )
  }
}

function joinEvents(records: readonly LiveRecord[]): SharedEvents {
  return { bytes: Buffer.concat(records.map(({ event }) => event)), count: records.length }
}

/** Where one begins who was not there before: with what arrives from now on, or with history. */
function beginning(feed: Feed, fromMs: number | undefined): Progress {
  if (fromMs === undefined) return { arrivedMs: feed.clearMs }
  return { arrivedMs: 0, history: { toMs: feed.clearMs, after: undefined } }
}
