import { setTimeout as sleep } from 'node:timers/promises'
import { HotStoreError, openHotStore } from '@poglog/hot-store'
import type { HotEntry, HotStore } from '@poglog/hot-store'
import type { Book } from './checker/book.ts'
import type { History } from './history.ts'

const INTERVAL_MS = 100
const AWAY_MS = 200
const PAGE_ENTRIES = 5000
const SEQUENCE_MAX = '18446744073709551615'
/** Without a time of their own, or of ingest's own making: the book does not have them. */
const NOT_IN_BOOK = new Set(['NOTICE', 'ROOMSTATE', 'PRESENCE', 'GAP'])

export interface TailerOptions {
  readonly redisUrl: string
  readonly shards: number
  readonly channelIds: readonly string[]
  readonly book: Book
  readonly history: History
}

/**
 * Reads the hot streams as they grow. With `appendfsync always` Redis answers after it has synced, so what a reply
 * shows is durable: it must be in every answer from then on.
 */
export class Tailer {
  /** When Redis last answered for all channels, by `performance.now()`. */
  answeredMs = 0
  readonly #options: TailerOptions
  readonly #store: HotStore
  readonly #after = new Map<string, string>()
  readonly #stopping = new AbortController()
  readonly #loop: Promise<void>

  private constructor(options: TailerOptions, store: HotStore) {
    this.#options = options
    this.#store = store
    this.#loop = this.#run()
  }

  static async open(options: TailerOptions): Promise<Tailer> {
    return new Tailer(
      options,
      await openHotStore({ url: options.redisUrl, shards: options.shards }),
    )
  }

  get store(): HotStore {
    return this.#store
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    this.#store.close()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const isThere = await this.round()
      await sleep(isThere ? INTERVAL_MS : AWAY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Reads on in all channels. Tells whether Redis answered. */
  async round(): Promise<boolean> {
    try {
      await Promise.all(this.#options.channelIds.map((channelId) => this.#readOn(channelId)))
      this.answeredMs = performance.now()
      return true
    } catch (error) {
      if (!(error instanceof HotStoreError)) throw error
      return false
    }
  }

  async #readOn(channelId: string): Promise<void> {
    const shard = this.#store.shardOf(channelId)
    const afterId = this.#after.get(channelId)
    const page =
      afterId === undefined
        ? 'retry'
        : await this.#store.readPage({ shard, channelId, afterId, maxEntries: PAGE_ENTRIES })
    if (page !== 'retry') {
      this.#take(channelId, page.entries)
      return
    }
    const query = { shard, channelId, maxEntries: PAGE_ENTRIES }
    const { state, page: first } = await this.#store.snapshot(query)
    // Ids are after the last one seen, or else from the boundary on.
    this.#after.set(channelId, `${Math.max(state.boundaryMs - 1, 0)}-${SEQUENCE_MAX}`)
    this.#take(channelId, first.entries)
  }

  #take(channelId: string, entries: readonly HotEntry[]): void {
    const { book, history } = this.#options
    for (const { raw, type } of entries) {
      const line = book.find(raw)
      if (line !== undefined) book.acknowledge(line)
      else if (!NOT_IN_BOOK.has(type)) {
        const detail = 'stored, but never sent'
        history.violated([{ kind: 'foreign', detail, raw }], { in: 'redis' })
      }
    }
    const last = entries.at(-1)
    if (last !== undefined) this.#after.set(channelId, last.id)
  }
}
