import type { HotEntry } from '@poglog/hot-store'
import { edgeAfter } from '../period.ts'

/**
 * A window may grow to this many times its limits before it is cut back to them. Less would cut (sort and
 * copy) all the time, more would only take memory.
 */
const OVERFLOW = 1.25

export interface WindowLimits {
  readonly periodMs: number
  readonly recordsMax: number
  readonly rawBytesMax: number
}

/**
 * Collects the entries of one segment-to-be while they are read, channel by channel.
 *
 * It knows only afterwards where the window should end: at the edge of the hour of its earliest entry,
 * and early enough to hold about `recordsMax` entries. So `cutMs` falls while entries come in, and what
 * lies at or after it is dropped: it stays in Redis for the next window. Memory is bounded by a
 * quarter more than the limits, unless more than that arrived in one and the same millisecond, which cannot be cut.
 */
export class WindowBuffer {
  readonly #limits: WindowLimits
  #channels = new Map<string, HotEntry[]>()
  #cutMs: number
  #earliestMs = Number.POSITIVE_INFINITY
  #entries = 0
  #rawBytes = 0

  constructor(cutMs: number, limits: WindowLimits) {
    this.#cutMs = cutMs
    this.#limits = limits
  }

  /** Where the window ends, as far as is known; exclusive. Reading at or beyond it is of no use. */
  get cutMs(): number {
    return this.#cutMs
  }

  /** The arrival of the earliest entry; `undefined` when there is none. */
  get earliestMs(): number | undefined {
    return this.#entries === 0 ? undefined : this.#earliestMs
  }

  get entries(): number {
    return this.#entries
  }

  /** Bytes of the entries' raw lines in UTF-8. */
  get rawBytes(): number {
    return this.#rawBytes
  }

  /** The entries by channel; a channel's are in arrival order when they were added in that order. */
  get channels(): ReadonlyMap<string, readonly HotEntry[]> {
    return this.#channels
  }

  add(channelId: string, page: readonly HotEntry[]): void {
    for (const entry of page) {
      if (entry.receivedAtMs < this.#earliestMs) this.#startAt(entry.receivedAtMs)
      if (entry.receivedAtMs >= this.#cutMs) continue
      const channel = this.#channels.get(channelId)
      if (channel === undefined) this.#channels.set(channelId, [entry])
      else channel.push(entry)
      this.#entries += 1
      this.#rawBytes += Buffer.byteLength(entry.raw)
      if (this.#isOver()) this.#cutBack()
    }
  }

  #startAt(arrivalMs: number): void {
    this.#earliestMs = arrivalMs
    this.#cutTo(edgeAfter(arrivalMs, this.#limits.periodMs))
  }

  /** Lowers the cut so far that the limits hold again, but not so far that nothing is left. */
  #cutBack(): void {
    const { recordsMax, rawBytesMax } = this.#limits
    const share = Math.min(recordsMax / this.#entries, rawBytesMax / this.#rawBytes)
    const unsorted = Float64Array.from(this.#allEntries(), (entry) => entry.receivedAtMs)
    const arrivals = unsorted.toSorted()
    const cutMs = arrivals[Math.floor(arrivals.length * share)] ?? this.#cutMs
    this.#cutTo(Math.max(cutMs, this.#earliestMs + 1))
  }

  #cutTo(cutMs: number): void {
    if (cutMs >= this.#cutMs) return
    this.#cutMs = cutMs
    const kept = new Map<string, HotEntry[]>()
    this.#entries = 0
    this.#rawBytes = 0
    for (const [channelId, all] of this.#channels) {
      const entries = all.filter((entry) => entry.receivedAtMs < cutMs)
      if (entries.length === 0) continue
      kept.set(channelId, entries)
      this.#entries += entries.length
      for (const { raw } of entries) this.#rawBytes += Buffer.byteLength(raw)
    }
    this.#channels = kept
  }

  #isOver(): boolean {
    const { recordsMax, rawBytesMax } = this.#limits
    // One millisecond cannot be divided: without this, every further entry would sort them all again.
    if (this.#cutMs <= this.#earliestMs + 1) return false
    return this.#entries > recordsMax * OVERFLOW || this.#rawBytes > rawBytesMax * OVERFLOW
  }

  *#allEntries(): Generator<HotEntry> {
    for (const entries of this.#channels.values()) yield* entries
  }
}
