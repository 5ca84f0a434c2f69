import { setTimeout as delay } from 'node:timers/promises'
import type { AppendLine, AppendResult } from '@poglog/hot-store'
import { NO_TRACING } from '@poglog/service-kit'
import type { Tracing } from '@poglog/service-kit'
import { endBatchSpan, openBatchSpan } from './batch-span.ts'
import { insertInOrder, lineBytes, withSentTimes } from './batch.ts'
import type { Batch } from './batch.ts'
import type { ByteBudget } from './byte-budget.ts'
import { retryDelayMs } from './retry-delay.ts'
import type { Spool } from './spool.ts'
import { WakeUp } from './wake-up.ts'

const BATCH_LINES_MAX = 256
const BATCH_BYTES_MAX = 1024 * 1024
const IN_FLIGHT_MAX = 4
const RETRY_FIRST_MS = 50
const RETRY_MAX_MS = 2000
/** Redis has failed for so long: what waits goes to the disk, where a crash of this process does not reach it. */
const SPOOL_AFTER_FAILING_MS = 500
/** A batch was not answered for so long. Longer, because a disk that makes Redis slow is often ours too. */
const SPOOL_AFTER_SILENCE_MS = 2000
const SPOOL_RETRY_MS = 1000
const STOP_POLL_MS = 10

export interface LaneDeps {
  /** Rejects when it is not known that all lines are in Redis; they are then sent again. */
  readonly append: (lines: readonly AppendLine[]) => Promise<AppendResult>
  readonly spool: Spool
  /** Bytes of all lanes together. */
  readonly buffer: ByteBudget
  readonly events: LaneEvents
  readonly flushIntervalMs: number
  /** Each batch is a trace; none where it is absent. */
  readonly tracing?: Tracing | undefined
}

export interface LaneEvents {
  readonly appended: (result: AppendResult, durationMs: number) => void
  readonly appendFailed: (error: unknown, failures: number) => void
  /** From now on lines go to the disk first. */
  readonly spoolEntered: () => void
  readonly spoolDrained: () => void
  readonly spooled: (lines: number) => void
  /** Lines stay in memory, as far as there is room, and are tried again. */
  readonly spoolFailed: (error: unknown) => void
  /** Lines were lost: there was no room in memory or, when stopping, on disk. */
  readonly dropped: (lines: readonly AppendLine[]) => void
}

/**
 * Brings the lines of some channels to Redis in order of arrival: in batches, several in flight, each
 * kept until it is acknowledged. The one place of this process where a failed append is tried again.
 *
 * It works in one of two modes. `direct`: lines go to Redis from memory. `spool`: while Redis is away,
 * or slower than the lines come, lines go to the disk, and from the disk to Redis, until all that is on
 * disk was sent. So the order of a channel's entries is that of arrival, also after an outage, but for
 * batches that fail while one behind them, already in flight, does not. Answers do not rest on it (they are
 * ordered by sent time), the live view and the streams are just easier to read.
 */
export class Lane {
  readonly #deps: LaneDeps
  readonly #tracing: Tracing
  readonly #sender = new WakeUp()
  readonly #writer = new WakeUp()
  readonly #loops: Promise<unknown>
  #mode: 'direct' | 'spool'
  #spoolingSinceMs: number | undefined
  #stage: 'run' | 'flush' | 'leave' = 'run'
  #tail: AppendLine[] = []
  #tailBytes = 0
  #tailOfferedMs = 0
  #flushTimer: NodeJS.Timeout | undefined
  #nextNumber = 1
  /** Batches in memory that wait for Redis (`direct`) or for the disk (`spool`), in order. */
  readonly #waiting: Batch[] = []
  /** Batches from the disk that failed; they go before anything else, in order. */
  readonly #again: Batch[] = []
  readonly #inFlight = new Map<Batch, number>()
  /** Those in flight that go to the disk as well, before what waits: Redis drops what it gets twice. */
  readonly #copied = new Set<Batch>()
  /** Whether the last answer was a success. */
  #isTakingLines = false
  #failures = 0
  #failingSinceMs: number | undefined
  #sendFromMs = 0
  #writing: Batch | undefined
  #writeFromMs = 0

  constructor(deps: LaneDeps) {
    this.#deps = deps
    this.#tracing = deps.tracing ?? NO_TRACING
    this.#mode = deps.spool.isEmpty ? 'direct' : 'spool'
    this.#spoolingSinceMs = deps.spool.isEmpty ? undefined : performance.now()
    this.#loops = Promise.all([this.#send(), this.#write()])
  }

  /** Monotonic ms (`performance.now()`) since when lines go to the disk first; `undefined` while they do not. */
  get spoolingSinceMs(): number | undefined {
    return this.#spoolingSinceMs
  }

  /** Takes a line, or drops it where there is no room and answers `false`. Never waits and never throws. */
  offer(line: AppendLine): boolean {
    const bytes = lineBytes(line)
    if (!this.#deps.buffer.tryTake(bytes)) {
      this.#deps.events.dropped([line])
      return false
    }
    if (this.#tail.length === 0) this.#tailOfferedMs = performance.now()
    this.#tail.push(line)
    this.#tailBytes += bytes
    if (this.#tail.length >= BATCH_LINES_MAX || this.#tailBytes >= BATCH_BYTES_MAX) this.#seal()
    else this.#flushTimer ??= setTimeout(() => this.#seal(), this.#deps.flushIntervalMs)
    return true
  }

  /**
   * Monotonic ms (`performance.now()`): every line offered before it is in Redis or on disk, or was dropped.
   * Now, when nothing waits.
   */
  storedUntilMs(): number {
    let untilMs = this.#tail.length === 0 ? performance.now() : this.#tailOfferedMs
    const onlyInMemory = [...this.#waiting, ...this.#inMemoryInFlight()]
    if (this.#writing !== undefined) onlyInMemory.push(this.#writing)
    for (const { offeredMs } of onlyInMemory) untilMs = Math.min(untilMs, offeredMs)
    return untilMs
  }

  /** Moves what waits in memory to the disk: lines come faster than Redis takes them. */
  relieve(): void {
    if (this.#mode === 'direct' && this.#waiting.length > 0) this.#enterSpool()
  }

  /**
   * Brings everything to Redis, also what is on disk, and ends. Where Redis is away, or that takes longer
   * than `graceMs`, it stays on disk for the next start.
   */
  async stop(graceMs: number): Promise<void> {
    this.#seal()
    this.#stage = 'flush'
    this.#wakeAll()
    const deadlineMs = performance.now() + graceMs
    while (!this.#isFlushed() && performance.now() < deadlineMs) await delay(STOP_POLL_MS)
    this.#stage = 'leave'
    this.#wakeAll()
    await this.#loops
    this.#waiting.unshift(...this.#inMemoryInFlight())
    this.#inFlight.clear()
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      await this.#spoolOrDrop(batch)
      this.#waiting.shift()
    }
    // What was written is on its way to the disk all the same.
    await this.#deps.spool.close().catch(this.#deps.events.spoolFailed)
  }

  #seal(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    if (this.#tail.length === 0) return
    const offeredMs = this.#tailOfferedMs
    this.#waiting.push(this.#newBatch({ lines: this.#tail, bytes: this.#tailBytes, offeredMs }))
    this.#tail = []
    this.#tailBytes = 0
    if (this.#isLate()) this.#enterSpool()
    else this.#wakeAll()
  }

  #newBatch(parts: Omit<Batch, 'number' | 'span' | 'spooled'> & Partial<Batch>): Batch {
    const number = this.#nextNumber
    this.#nextNumber += 1
    const batch = { spooled: undefined, ...parts, number }
    return { ...batch, span: openBatchSpan(batch, this.#tracing) }
  }

  #wakeAll(): void {
    this.#sender.call()
    this.#writer.call()
  }

  /** Everything is in Redis; or on disk, with Redis away. */
  #isFlushed(): boolean {
    if (this.#waiting.length > 0 || this.#writing !== undefined || this.#inFlight.size > 0)
      return false
    return this.#mode === 'direct' ? this.#again.length === 0 : this.#failures > 0
  }

  /** Whether lines wait in memory for a Redis that does not answer. */
  #isLate(): boolean {
    const nowMs = performance.now()
    if (this.#mode === 'spool' || this.#waiting.length === 0) return false
    if (nowMs < this.#writeFromMs) return false // The disk has just failed: it would be back here at once.
    const [oldestMs = nowMs] = this.#inFlight.values()
    const failingSinceMs = this.#failingSinceMs ?? nowMs
    return (
      nowMs - oldestMs >= SPOOL_AFTER_SILENCE_MS || nowMs - failingSinceMs >= SPOOL_AFTER_FAILING_MS
    )
  }

  /** Batches in flight of which the disk neither has nor gets a copy, in order. */
  #inMemoryInFlight(): Batch[] {
    return [...this.#inFlight.keys()].filter(
      (batch) => batch.spooled === undefined && !this.#copied.has(batch),
    )
  }

  #enterSpool(): void {
    this.#mode = 'spool'
    this.#spoolingSinceMs = performance.now()
    for (const batch of this.#inMemoryInFlight()) {
      this.#copied.add(batch)
      insertInOrder(this.#waiting, batch)
    }
    this.#seal()
    this.#deps.events.spoolEntered()
    this.#wakeAll()
  }

  async #send(): Promise<void> {
    while (this.#stage !== 'leave') {
      const batch = this.#nextInMemory() ?? (await this.#nextOnDisk())
      if (batch !== undefined) void this.#sendBatch(batch)
      else await this.#sender.sleep(this.#sleepMs())
      if (this.#isLate()) this.#enterSpool()
    }
  }

  #maySend(): boolean {
    if (this.#isTakingLines) return this.#inFlight.size < IN_FLIGHT_MAX
    // One at a time at first, and once all have failed: the order holds, also where Redis does not know the script yet
    // and a call has to be made again, and Redis is not flooded when it comes back.
    return this.#inFlight.size === 0 && performance.now() >= this.#sendFromMs
  }

  #sleepMs(): number | undefined {
    if (this.#inFlight.size > 0) return SPOOL_AFTER_SILENCE_MS
    return this.#failures > 0 ? Math.max(1, this.#sendFromMs - performance.now()) : undefined
  }

  /** At once, so that a batch is never neither waiting nor in flight. */
  #nextInMemory(): Batch | undefined {
    if (!this.#maySend()) return undefined
    if (this.#mode === 'direct') return this.#again.shift() ?? this.#waiting.shift()
    return this.#isLeavingItOnDisk() ? undefined : this.#again.shift()
  }

  async #nextOnDisk(): Promise<Batch | undefined> {
    if (!this.#maySend() || this.#mode === 'direct' || this.#isLeavingItOnDisk()) return undefined
    try {
      const spooled = await this.#deps.spool.read()
      if (spooled !== undefined) {
        const { lines } = spooled
        const batch = this.#newBatch({ lines, bytes: 0, offeredMs: performance.now(), spooled })
        if (this.#again.length === 0 && this.#maySend()) return batch
        // One before it has failed while this was read, and goes first.
        insertInOrder(this.#again, batch)
        return undefined
      }
    } catch (error) {
      this.#deps.events.spoolFailed(error)
      this.#sender.call()
      await delay(SPOOL_RETRY_MS)
      return undefined
    }
    this.#leaveSpool()
    return undefined
  }

  #isLeavingItOnDisk(): boolean {
    return this.#stage !== 'run' && this.#failures > 0
  }

  /** All that is on disk was sent. What the disk does not take goes to Redis from memory. */
  #leaveSpool(): void {
    const isBlocked = performance.now() < this.#writeFromMs
    if (this.#writing !== undefined || (this.#waiting.length > 0 && !isBlocked)) return
    this.#mode = 'direct'
    this.#spoolingSinceMs = undefined
    for (const batch of this.#copied) if (this.#takeBack(batch)) this.#copied.delete(batch)
    this.#deps.events.spoolDrained()
    this.#sender.call()
  }

  async #sendBatch(batch: Batch): Promise<void> {
    const { events, append, buffer, spool } = this.#deps
    const startMs = performance.now()
    const failuresBefore = this.#failures
    this.#inFlight.set(batch, startMs)
    try {
      const result = await batch.span.run(() => append(batch.lines))
      endBatchSpan(batch, 'stored')
      this.#inFlight.delete(batch)
      this.#isTakingLines = true
      this.#failures = 0
      this.#failingSinceMs = undefined
      if (!this.#copied.delete(batch) || this.#takeBack(batch)) buffer.release(batch.bytes)
      events.appended(result, performance.now() - startMs)
      if (batch.spooled !== undefined)
        await spool.acknowledge(batch.spooled).catch(events.spoolFailed)
    } catch (error) {
      this.#inFlight.delete(batch)
      this.#isTakingLines = false
      // Several in flight fail together: that is one failure.
      this.#failures = Math.max(this.#failures, failuresBefore + 1)
      this.#failingSinceMs ??= startMs
      this.#sendFromMs =
        performance.now() +
        retryDelayMs(this.#failures, { firstMs: RETRY_FIRST_MS, maxMs: RETRY_MAX_MS })
      const isCopied = this.#copied.delete(batch)
      if (!isCopied) insertInOrder(batch.spooled === undefined ? this.#waiting : this.#again, batch)
      events.appendFailed(error, this.#failures)
    }
    this.#wakeAll()
  }

  /** Takes a copy back that has not gone to the disk yet. */
  #takeBack(batch: Batch): boolean {
    const at = this.#waiting.indexOf(batch)
    if (at !== -1) this.#waiting.splice(at, 1)
    return at !== -1
  }

  async #write(): Promise<void> {
    while (this.#stage !== 'leave') {
      const waitMs = this.#writeFromMs - performance.now()
      const batch = this.#mode === 'spool' && waitMs <= 0 ? this.#waiting.shift() : undefined
      if (batch === undefined) await this.#writer.sleep(waitMs > 0 ? waitMs : undefined)
      else await this.#writeBatch(batch)
    }
  }

  async #writeBatch(batch: Batch): Promise<void> {
    const { buffer, events } = this.#deps
    this.#writing = batch
    try {
      await this.#toDisk(batch)
      buffer.release(batch.bytes)
      events.spooled(batch.lines.length)
    } catch (error) {
      insertInOrder(this.#waiting, batch)
      this.#writeFromMs = performance.now() + SPOOL_RETRY_MS
      events.spoolFailed(error)
    }
    this.#writing = undefined
    this.#sender.call()
  }

  async #spoolOrDrop(batch: Batch): Promise<void> {
    const { events } = this.#deps
    try {
      await this.#toDisk(batch)
      events.spooled(batch.lines.length)
    } catch (error) {
      endBatchSpan(batch, 'dropped')
      events.spoolFailed(error)
      events.dropped(batch.lines)
    }
  }

  async #toDisk(batch: Batch): Promise<void> {
    const lines = withSentTimes(batch.lines, Date.now())
    const write = () => this.#tracing.span('spool', {}, () => this.#deps.spool.append(lines))
    await batch.span.run(write)
    endBatchSpan(batch, 'spooled')
  }
}
