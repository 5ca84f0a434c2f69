import { setTimeout as delay } from 'node:timers/promises'
import { HotStoreError, appendRejection, openHotStore } from '@poglog/hot-store'
import type { AppendLine, AppendResult, HotStore, HotStoreSettings } from '@poglog/hot-store'
import { NO_TRACING } from '@poglog/service-kit'
import type { Tracing } from '@poglog/service-kit'
import { retryDelayMs } from './retry-delay.ts'

/** Once in so long a batch of a shard hands its trace on, to whoever seals its lines. */
const TRACE_INTERVAL_MS = 60_000
const OPEN_MS_MAX = 2000
const OPEN_RETRY = { firstMs: 100, maxMs: 2000 }

export interface HotLogEvents {
  readonly storeOpened: (shards: number) => void
  readonly storeOpenFailed: (error: unknown, failures: number) => void
  /** The store refused lines that had passed all checks: they can never be stored. */
  readonly refused: (lines: readonly AppendLine[]) => void
}

/** The hot store, which may not be there yet: everything else works before Redis does. */
export class HotLog {
  readonly #settings: HotStoreSettings
  readonly #events: HotLogEvents
  readonly #closing = new AbortController()
  readonly #tracing: Tracing
  /** Shard -> when a trace was handed on, monotonic ms. */
  readonly #tracedMs = new Map<number, number>()
  #store: HotStore | undefined

  constructor(settings: HotStoreSettings, events: HotLogEvents, tracing: Tracing = NO_TRACING) {
    this.#settings = settings
    this.#tracing = tracing
    this.#events = events
  }

  get store(): HotStore | undefined {
    return this.#store
  }

  /**
   * Opens the store; where Redis is away, or has not answered after two seconds, in the background.
   *
   * @throws {HotStoreError} `misconfigured` when an operator has to act; nothing goes on in the background then.
   */
  async open(): Promise<void> {
    const first = this.#openFirst()
    await Promise.race([first, delay(OPEN_MS_MAX)])
    // Told too late to stop the start: the lines are on their way to the spool.
    first.catch((error: unknown) => {
      this.#events.storeOpenFailed(error, 1)
      void this.#keepOpening()
    })
  }

  /**
   * Appends lines of any channels, each to its shard.
   *
   * @throws {HotStoreError} some may be in Redis; send all again.
   */
  async append(lines: readonly AppendLine[]): Promise<AppendResult> {
    const store = this.#store
    if (store === undefined) throw new HotStoreError('unavailable', 'not opened yet')
    try {
      return await this.#appendByShard(lines, store)
    } catch (error) {
      if (!(error instanceof HotStoreError) || error.kind !== 'invalid') throw error
      const valid = lines.filter((line) => appendRejection(line) === undefined)
      if (valid.length === lines.length) throw error
      this.#events.refused(lines.filter((line) => appendRejection(line) !== undefined))
      return await this.#appendByShard(valid, store)
    }
  }

  close(): void {
    this.#closing.abort()
    this.#store?.close()
  }

  async #openFirst(): Promise<void> {
    try {
      await this.#openOnce()
    } catch (error) {
      if (error instanceof HotStoreError && error.kind === 'misconfigured') throw error
      this.#events.storeOpenFailed(error, 1)
      void this.#keepOpening()
    }
  }

  async #openOnce(): Promise<void> {
    const store = await openHotStore(this.#settings)
    if (this.#closing.signal.aborted) {
      store.close()
      return
    }
    this.#store = store
    this.#events.storeOpened(store.shards)
  }

  async #keepOpening(): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 1; !signal.aborted && this.#store === undefined; failures += 1) {
      await delay(retryDelayMs(failures, OPEN_RETRY))
      try {
        if (!signal.aborted) await this.#openOnce()
      } catch (error) {
        this.#events.storeOpenFailed(error, failures + 1)
      }
    }
  }

  async #appendByShard(lines: readonly AppendLine[], store: HotStore): Promise<AppendResult> {
    if (lines.length === 0) return { appended: 0, duplicates: 0 }
    if (store.shards === 1) return await this.#appendTo(0, lines, store)
    const byShard = Map.groupBy(lines, ({ channelId }) => store.shardOf(channelId))
    const results = await Promise.all(
      [...byShard].map(([shard, group]) => this.#appendTo(shard, group, store)),
    )
    return results.reduce((sum, { appended, duplicates }) => ({
      appended: sum.appended + appended,
      duplicates: sum.duplicates + duplicates,
    }))
  }

  async #appendTo(
    shard: number,
    lines: readonly AppendLine[],
    store: HotStore,
  ): Promise<AppendResult> {
    if (!this.#tracing.isOn) return await store.append(shard, lines)
    const attributes = { 'poglog.shard': shard, 'poglog.lines': lines.length }
    return await this.#tracing.span('append', attributes, async (note) => {
      const result = await store.append(shard, lines)
      note({ 'poglog.duplicates': result.duplicates })
      if (result.appended > 0) await this.#handTraceOn(shard, store)
      return result
    })
  }

  async #handTraceOn(shard: number, store: HotStore): Promise<void> {
    const traceparent = this.#tracing.running()
    const nowMs = performance.now()
    const isDue = nowMs - (this.#tracedMs.get(shard) ?? -Infinity) >= TRACE_INTERVAL_MS
    if (traceparent === undefined || !isDue) return
    this.#tracedMs.set(shard, nowMs)
    await store.traces.note(shard, traceparent)
  }
}
