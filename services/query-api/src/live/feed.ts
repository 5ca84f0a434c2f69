import type { HotEntry, TailPage } from '@poglog/hot-store'
import { recordFromStored } from '@poglog/log-format'
import { lastIdBefore } from '../read/stream-id.ts'
import { LiveRecord } from './live-record.ts'
import { compareArrived } from './progress.ts'

/** Events of several records, the same bytes for all who want them. */
export interface SharedEvents {
  readonly bytes: Buffer
  readonly count: number
}

/** Whoever is told of a channel's new records. */
export interface FeedReader {
  /** New records in the order of their arrival. `shared` lives as long as the call: what several readers want. */
  readonly take: (records: readonly LiveRecord[], shared: Map<string, SharedEvents>) => void
  /** Records may have left Redis before they were read: the reader has to look for what came behind its place. */
  readonly onGap: () => void
  /** An entry of the stream is not readable: nothing more comes. */
  readonly onDamage: (error: Error) => void
}

export interface FeedLimits {
  /** For how long records are kept for those who come back. */
  readonly keptMs: number
  /** About the memory that they take. */
  readonly keptBytesMax: number
}

/** The new records of one channel, and those of the last seconds. */
export class Feed {
  readonly channelId: string
  /** How many hold it open; of whoever shuts it down. */
  users = 0
  readonly #readers = new Set<FeedReader>()
  #kept: LiveRecord[] = []
  #keptBytes = 0
  #keptFromMs = 0
  #afterId = ''
  #clearMs = 0
  #readMs = Number.NEGATIVE_INFINITY
  #isBehind = true
  #damage: Error | undefined
  readonly #ready = Promise.withResolvers<void>()

  constructor(channelId: string) {
    this.channelId = channelId
    // Whoever waits for it gets the failure; nobody may.
    this.#ready.promise.catch(() => undefined)
  }

  /** Resolves when the stream has been read to its end once. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** The stream id after which to read on; `''` before {@link Feed.start}. */
  get afterId(): string {
    return this.#afterId
  }

  /** Everything that arrived from then on is kept here. */
  get keptFromMs(): number {
    return this.#keptFromMs
  }

  /** All that arrived before has been read; what is appended later arrives then or later, whatever the clock does. */
  get clearMs(): number {
    return this.#clearMs
  }

  /** Redis time at which the stream was last read to its end. */
  get readMs(): number {
    return this.#readMs
  }

  /** Whether the stream has more than was read. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** Begins at an arrival, in milliseconds, before anything is read. */
  start(fromMs: number): void {
    this.#afterId = lastIdBefore(fromMs)
    this.#keptFromMs = fromMs
    this.#clearMs = fromMs
  }

  /** Adds a reader, which then gets what has not been read yet. */
  attach(reader: FeedReader): void {
    if (this.#damage === undefined) this.#readers.add(reader)
    else reader.onDamage(this.#damage)
  }

  /** Ends it: its stream cannot be read on. */
  fail(error: Error): void {
    this.#damage = error
    this.#ready.reject(error)
    const readers = [...this.#readers]
    this.#readers.clear()
    for (const reader of readers) reader.onDamage(error)
  }

  detach(reader: FeedReader): void {
    this.#readers.delete(reader)
  }

  /** Whether nothing that arrived from `fromMs` on is missing here. */
  covers(fromMs: number): boolean {
    return fromMs >= this.#keptFromMs
  }

  /** The kept records that arrived from `fromMs` on, in the order of their arrival. */
  keptFrom(fromMs: number): readonly LiveRecord[] {
    const at = this.#kept.findIndex(({ record }) => record.receivedAtMs >= fromMs)
    return at < 0 ? [] : this.#kept.slice(at)
  }

  /** Takes what was read; `maxEntries` is how many of a channel were asked for. */
  take(page: TailPage, maxEntries: number, limits: FeedLimits): void {
    const isGap = page.trimmedMs > this.#clearMs
    if (isGap) this.#restart(page.trimmedMs)
    const entries = wholeArrivals(page.channels.get(this.channelId) ?? [], maxEntries)
    const all = page.channels.get(this.channelId)?.length ?? 0
    this.#isBehind = all >= maxEntries
    const last = entries.at(-1)
    if (last !== undefined) {
      this.#afterId = last.id
      this.#clearMs = Math.max(this.#clearMs, last.receivedAtMs + 1)
    }
    const records = entries
      .filter(({ receivedAtMs }) => receivedAtMs >= this.#keptFromMs)
      .map((entry) => new LiveRecord(recordFromStored(entry).record))
      .toSorted((left, right) => compareArrived(left.record, right.record))
    this.#keep(records, page.nowMs, limits)
    if (!this.#isBehind) {
      this.#clearMs = Math.max(this.#clearMs, page.floorMs)
      this.#readMs = page.nowMs
      this.#ready.resolve()
    }
    if (records.length === 0) return
    const shared = new Map<string, SharedEvents>()
    for (const reader of this.#readers) reader.take(records, shared)
  }

  #restart(fromMs: number): void {
    this.#kept = []
    this.#keptBytes = 0
    this.#keptFromMs = fromMs
    this.#clearMs = fromMs
    const readers = [...this.#readers]
    this.#readers.clear()
    for (const reader of readers) reader.onGap()
  }

  #keep(records: readonly LiveRecord[], nowMs: number, limits: FeedLimits): void {
    for (const record of records) {
      this.#kept.push(record)
      this.#keptBytes += record.sizeBytes
    }
    let count = 0
    let fromMs = this.#keptFromMs
    const newestMs = this.#kept.at(-1)?.record.receivedAtMs
    for (const kept of this.#kept) {
      const { receivedAtMs } = kept.record
      // Whoever has got to the end and comes back finds the end here.
      if (receivedAtMs === newestMs) break
      const isOld = receivedAtMs < nowMs - limits.keptMs || this.#keptBytes > limits.keptBytesMax
      // Records of one arrival go together.
      if (!isOld && receivedAtMs >= fromMs) break
      this.#keptBytes -= kept.sizeBytes
      fromMs = Math.max(fromMs, receivedAtMs + 1)
      count += 1
    }
    if (count > 0) this.#kept.splice(0, count)
    this.#keptFromMs = fromMs
  }
}

/** A full page may end within an arrival: what is left of it comes with the next one. */
function wholeArrivals(entries: readonly HotEntry[], maxEntries: number): readonly HotEntry[] {
  const lastMs = entries.at(-1)?.receivedAtMs
  if (entries.length < maxEntries) return entries
  const whole = entries.filter(({ receivedAtMs }) => receivedAtMs !== lastMs)
  return whole.length === 0 ? entries : whole
}
