import type { AppendLine, LostReplica } from '@poglog/hot-store'
import type { GapCause, LedgerChannel, LossCause, PartCause, ReplicaRun } from '@poglog/log-format'
import { GapNotes } from './gap-notes.ts'
import { LedgerQueue, ledgerRecord } from './ledger-queue.ts'
import type { LedgerQueueDeps, LedgerQueueEvents } from './ledger-queue.ts'

const HOUR_MS = 3_600_000
/** A checkpoint is written an hour to 65 minutes after what was written before, so that not all are written at once. */
const HERE_AFTER_MS = HOUR_MS
const HERE_SPREAD_MS = 300_000
/** No GAP and no `restored` is longer: who reads the ledger looks no further around a time. */
const SPAN_MS_MAX = HOUR_MS

export interface LedgerDeps extends Omit<LedgerQueueDeps, 'events'>, ReplicaRun {
  /** Turns monotonic milliseconds into those of Redis' clock. */
  readonly toRedisMs: (monotonicMs: number) => number
  readonly events: LedgerEvents
  /** 0 (inclusive) to 1 (exclusive); default `Math.random`. */
  readonly random?: () => number
}

export interface LedgerEvents extends LedgerQueueEvents {
  /** Channels are no longer received; lines of them may be missing. */
  readonly presenceLost: (cause: LossCause, channels: number) => void
  /** A channel is received again that was lost for so long. */
  readonly presenceBack: (cause: LossCause, lostMs: number) => void
  /** Lines are missing; 0 lines: nobody knows how many. */
  readonly gapWritten: (cause: GapCause, lines: number) => void
}

/** Sent times, `[fromMs, toMs]`, in milliseconds since the Unix epoch. */
export interface SentRange {
  readonly fromMs: number
  readonly toMs: number
}

/** A channel that is received; everything sent before `coveredMs` is stored. */
export interface Covered {
  readonly login: string
  readonly coveredMs: number | undefined
}

/** Without an id the channel is known by its login. */
interface WrittenGap extends SentRange {
  readonly login: string
  readonly channelId?: string
  readonly cause: GapCause
  readonly lines: number
}

interface Receiving {
  /** Of Redis' clock, as the `joined` record says it. */
  readonly sinceMs: number
  /** Monotonic; up to here the records written say it was received. */
  assertedMs: number
  /** Monotonic; a checkpoint is written once the channel is covered to here. */
  hereAtMs: number
}

/**
 * Writes the coverage ledger of this replica (I1): when which channel was received and stored, and what is known to be
 * missing. Takes monotonic milliseconds where nothing else is said, and writes those of Redis' clock. `coveredMs` is the
 * time up to which everything sent is stored; `undefined` where nothing is known of that.
 *
 * Call {@link Ledger.tick} about once a second.
 */
export class Ledger {
  readonly #deps: LedgerDeps
  readonly #queue: LedgerQueue
  readonly #gaps = new GapNotes()
  readonly #receiving = new Map<string, Receiving>()
  readonly #lost = new Map<string, { readonly cause: LossCause; readonly coveredMs: number }>()

  constructor(deps: LedgerDeps) {
    this.#deps = deps
    this.#queue = new LedgerQueue(deps)
  }

  /** Records that wait for room, or for the id of their channel. */
  get waiting(): number {
    return this.#queue.waiting
  }

  /**
   * Monotonic; every loss told before is in a record that was offered. Nothing sent later may be called covered: a crash
   * would leave it so.
   */
  settledUntilMs(): number {
    const { offeredUntilMs } = this.#queue
    return Math.min(offeredUntilMs, this.#gaps.oldestMs ?? offeredUntilMs)
  }

  /** The channel is received from now on; one that is received already goes on. */
  joined(login: string, atMs: number): void {
    if (this.#receiving.has(login)) return
    const sinceMs = this.#redisMs(atMs)
    this.#receiving.set(login, { sinceMs, assertedMs: atMs, hereAtMs: atMs + this.#hereAfterMs() })
    this.#queue.add({ kind: 'joined', login, ...this.#who(), atMs: sinceMs })
    const lost = this.#lost.get(login)
    if (lost === undefined) return
    this.#lost.delete(login)
    this.#deps.events.presenceBack(lost.cause, Math.max(0, atMs - lost.coveredMs))
  }

  /** The channel may have been received to `coveredMs` only. */
  lost(login: string, coveredMs: number | undefined, cause: Exclude<LossCause, 'replica'>): void {
    const ended = this.#end(login, coveredMs)
    if (ended === undefined) return
    this.#queue.add({ kind: 'lost', login, ...this.#who(), ...ended.range, cause })
    this.#lost.set(login, { cause, coveredMs: ended.coveredMs })
    this.#deps.events.presenceLost(cause, 1)
  }

  /** We left the channel. */
  parted(login: string, coveredMs: number | undefined, cause: PartCause): void {
    this.#lost.delete(login)
    const ended = this.#end(login, coveredMs)
    if (ended === undefined) return
    this.#queue.add({ kind: 'parted', login, ...this.#who(), ...ended.range, cause })
  }

  /** Writes a checkpoint for each of the channels for which one is due. Call it every few seconds. */
  here(channels: Iterable<Covered>): void {
    for (const channel of channels) {
      const receiving = this.#receiving.get(channel.login)
      if (receiving === undefined || channel.coveredMs === undefined) continue
      if (channel.coveredMs >= receiving.hereAtMs) this.#writeHere(receiving, channel)
    }
  }

  /**
   * Others took this replica for dead, and have written so. What outlived that gets a checkpoint as soon as it is covered
   * beyond this moment: an earlier one would lie before what they wrote.
   */
  evicted(): void {
    const nowMs = this.#deps.nowMs()
    for (const receiving of this.#receiving.values()) {
      receiving.hereAtMs = Math.min(receiving.hereAtMs, nowMs)
    }
  }

  /** Lines that were received and are not stored. Records of the ledger among them are not told: it keeps its own. */
  dropped(lines: readonly AppendLine[], cause: 'dropped' | 'refused'): void {
    const nowMs = this.#deps.nowMs()
    const now = { nowMs, sentNowMs: this.#redisMs(nowMs) }
    for (const line of lines) {
      if (line.type !== 'PRESENCE' && line.type !== 'GAP') this.#gaps.add(line, cause, now)
    }
  }

  /** Lines that were sent in `range` and stored on disk cannot be read back; of the channels given, or all received. */
  spoolDamaged(range: SentRange, logins: Iterable<string> = this.#receiving.keys()): void {
    const gap = { ...range, cause: 'spool-damaged', lines: 0 } as const
    for (const login of logins) this.#writeGap({ ...gap, login })
  }

  /**
   * Ends what a dead replica received, in its place. Writing it again, here or elsewhere, gives the same records.
   *
   * @returns whether all records were taken; else try again later.
   */
  lostReplica(lost: LostReplica, channels: readonly LedgerChannel[]): boolean {
    const { replica, run, coveredMs: atMs } = lost
    const ended = {
      kind: 'lost',
      replica,
      run,
      sinceMs: undefined,
      cause: 'replica',
      atMs,
    } as const
    for (const { login, channelId } of channels) {
      const line = ledgerRecord({ ...ended, login, channelId })
      if (line !== undefined && !this.#deps.offer(line)) return false
    }
    this.#deps.events.presenceLost('replica', channels.length)
    return true
  }

  /** What was sent in `range` has been brought from `source`. */
  restored(login: string, range: SentRange, source: string): void {
    for (const { fromMs, toMs: atMs } of piecesOf(range)) {
      this.#queue.add({ kind: 'restored', login, fromMs, atMs, source })
    }
  }

  /** Writes the GAPs that are due, and offers again what found no room. */
  tick(): void {
    this.#writeGaps(this.#deps.nowMs())
    this.#queue.drain()
  }

  /** Writes all that is known. What finds no room still waits. */
  flush(): void {
    this.#writeGaps(undefined)
    this.#queue.drain()
  }

  #writeGaps(nowMs: number | undefined): void {
    const { notes, wide } = this.#gaps.take(nowMs)
    for (const note of notes) this.#writeGap(note)
    for (const gap of wide) {
      for (const login of this.#receiving.keys()) this.#writeGap({ ...gap, login, lines: 0 })
    }
  }

  #writeGap({ fromMs, toMs, ...gap }: WrittenGap): void {
    this.#deps.events.gapWritten(gap.cause, gap.lines)
    for (const piece of piecesOf({ fromMs, toMs })) {
      const lines = piece.toMs === toMs ? gap.lines : 0
      const { fromMs: pieceFromMs, toMs: atMs } = piece
      this.#queue.add({ ...gap, ...this.#who(), kind: 'gap', fromMs: pieceFromMs, atMs, lines })
    }
  }

  #writeHere(receiving: Receiving, { login, coveredMs }: Covered): void {
    const { sinceMs, assertedMs } = receiving
    receiving.assertedMs = Math.max(assertedMs, coveredMs ?? assertedMs)
    receiving.hereAtMs = receiving.assertedMs + this.#hereAfterMs()
    const atMs = Math.max(sinceMs, this.#redisMs(receiving.assertedMs))
    this.#queue.add({ kind: 'here', login, ...this.#who(), sinceMs, atMs })
  }

  #end(
    login: string,
    coveredMs: number | undefined,
  ): { readonly range: { sinceMs: number; atMs: number }; readonly coveredMs: number } | undefined {
    const receiving = this.#receiving.get(login)
    if (receiving === undefined) return undefined
    this.#receiving.delete(login)
    const { sinceMs, assertedMs } = receiving
    // What was written before stays true, whatever a newer connection has shown.
    const endMs = Math.max(assertedMs, coveredMs ?? assertedMs)
    return { range: { sinceMs, atMs: Math.max(sinceMs, this.#redisMs(endMs)) }, coveredMs: endMs }
  }

  #who(): ReplicaRun {
    const { replica, run } = this.#deps
    return { replica, run }
  }

  #redisMs(monotonicMs: number): number {
    return Math.max(0, Math.round(this.#deps.toRedisMs(monotonicMs)))
  }

  #hereAfterMs(): number {
    return HERE_AFTER_MS + (this.#deps.random ?? Math.random)() * HERE_SPREAD_MS
  }
}

function* piecesOf({ fromMs, toMs }: SentRange): Generator<SentRange> {
  let startMs = fromMs
  while (toMs - startMs > SPAN_MS_MAX) {
    yield { fromMs: startMs, toMs: startMs + SPAN_MS_MAX }
    startMs += SPAN_MS_MAX
  }
  yield { fromMs: startMs, toMs }
}
