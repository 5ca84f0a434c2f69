import { AsyncResource } from 'node:async_hooks'
import type { LogRecord } from '@poglog/log-format'
import type { AnswerEvent, Events } from './events.ts'
import type { BatchWriter } from './format/formats.ts'
import { READING_END_MS } from './limits.ts'
import type { QueryTimes } from './limits.ts'
import { comeAgain } from './problem.ts'
import type { ProblemError } from './problem.ts'
import { countFor } from './store-requests.ts'
import type { StoreRequests } from './store-requests.ts'

export interface AnswerOptions {
  readonly route: string
  readonly format: string
  readonly requestId: string
  readonly events: Events
  /** Aborted when the client goes away. */
  readonly clientSignal: AbortSignal
  readonly times: QueryTimes
  /**
   * Called once, when the answer has ended in whichever way and its reading too: what is still being read counts among
   * the queries that run at once. A reading that does not end by its signal is waited for {@link READING_END_MS}.
   */
  readonly release: () => void
  /** Told once how it ended, beside the events. */
  readonly onEnd?: ((event: AnswerEvent) => void) | undefined
  /** Ends the client's connection so that it cannot take what it got for the whole; absent in tests. */
  readonly cutConnection?: (() => void) | undefined
}

/** How a stream is written. */
export interface StreamOptions {
  readonly write: BatchWriter
  readonly end?: Uint8Array | undefined
  readonly onEmpty: () => Promise<void>
}

/** What ends the reading for a client that has left. */
class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError'

  constructor() {
    super('the client has left')
  }
}

/** One running query: what it has answered so far, and what ends it. */
export class Answer {
  readonly #options: AnswerOptions
  readonly #abort = new AbortController()
  readonly #startedMs = performance.now()
  readonly #timers: readonly NodeJS.Timeout[]
  readonly #storeRequests: StoreRequests = { count: 0 }
  #firstByteMs: number | undefined
  #tooLong: ProblemError | undefined
  #records = 0
  #sizeBytes = 0
  #hasBegun = false
  #hasEnded = false
  readonly #readings = new Set<Promise<unknown>>()
  #batches: AsyncGenerator<LogRecord[], void, undefined> | undefined

  constructor(options: AnswerOptions) {
    this.#options = options
    options.events.answerBegun()
    const { firstByteMsMax, wholeMsMax } = options.times
    this.#timers = [
      setTimeout(this.#onFirstByteDue, firstByteMsMax).unref(),
      setTimeout(this.#onTooLong, wholeMsMax).unref(),
    ]
    options.clientSignal.addEventListener('abort', this.#onClientGone, { once: true })
    if (options.clientSignal.aborted) this.#onClientGone()
  }

  /** Stops the reading of the stores. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** What to answer where the query took too long before its first byte. */
  get tooLong(): ProblemError | undefined {
    return this.#tooLong
  }

  wrote(records: number, sizeBytes: number): void {
    this.#firstByteMs ??= performance.now() - this.#startedMs
    this.#records += records
    this.#sizeBytes += sizeBytes
  }

  end(outcome: AnswerEvent['outcome']): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const { route, format, requestId, events, clientSignal, release, onEnd } = this.#options
    for (const timer of this.#timers) clearTimeout(timer)
    clientSignal.removeEventListener('abort', this.#onClientGone)
    this.#abort.abort()
    // Lets the readers close what they opened; one that is waiting for a store ends by the signal.
    if (this.#batches !== undefined) {
      const closing = this.#batches.return().catch((error: unknown) => {
        if (outcome === 'complete') events.answerFailed(error, requestId)
      })
      this.#readings.add(closing)
    }
    void this.#releaseAfterReadings(release)
    const durationMs = performance.now() - this.#startedMs
    const event = {
      route,
      format,
      outcome,
      records: this.#records,
      sizeBytes: this.#sizeBytes,
      firstByteMs: this.#firstByteMs ?? durationMs,
      durationMs,
      storeRequests: this.#storeRequests.count,
    }
    events.answerEnded(event)
    onEnd?.(event)
  }

  /** Reads for the answer; its places are not given to another query before this has settled. */
  async reading<Result>(read: () => Promise<Result>): Promise<Result> {
    const reading = countFor(this.#storeRequests, read)
    this.#readings.add(reading)
    try {
      return await reading
    } finally {
      this.#readings.delete(reading)
    }
  }

  /**
   * The body of a stream. The first batch is read before this resolves, so that a failure until then is
   * a clean error; a later one cuts the connection.
   *
   * Nothing is read ahead of the client: a batch is read when the one before has been taken.
   * `onEmpty` is called when there is no record at all; what it throws is thrown. `end` is written after the last record.
   */
  async stream(
    batches: AsyncGenerator<LogRecord[], void, undefined>,
    options: StreamOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    return await countFor(this.#storeRequests, () => this.#stream(batches, options))
  }

  async #stream(
    batches: AsyncGenerator<LogRecord[], void, undefined>,
    { write, end, onEmpty }: StreamOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    this.#batches = batches
    let next: IteratorResult<LogRecord[], void> | undefined = await batches.next()
    if (next.done === true) await this.reading(onEmpty)
    this.#hasBegun = true
    const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
      try {
        const { done, value } = next ?? (await batches.next())
        next = undefined
        // A reading that was ended looks like one that is done.
        this.signal.throwIfAborted()
        if (done === true) {
          if (end !== undefined) {
            this.wrote(0, end.length)
            controller.enqueue(end)
          }
          this.end('complete')
          controller.close()
          return
        }
        const bytes = write(value)
        this.wrote(value.length, bytes.length)
        controller.enqueue(bytes)
      } catch (error) {
        this.#fail(error, controller)
      }
    }
    const cancel = (): void => {
      this.end('aborted')
    }
    // Who reads the body has left the request behind; what is read for it is still of its trace, and counts for it.
    return new ReadableStream({ pull: AsyncResource.bind(pull), cancel }, { highWaterMark: 0 })
  }

  async #releaseAfterReadings(release: () => void): Promise<void> {
    if (this.#readings.size === 0) {
      release()
      return
    }
    const timer = setTimeout(release, READING_END_MS).unref()
    await Promise.allSettled(this.#readings)
    clearTimeout(timer)
    release()
  }

  #fail(error: unknown, controller: ReadableStreamDefaultController): void {
    const { events, requestId, clientSignal, cutConnection } = this.#options
    if (clientSignal.aborted || this.#hasEnded) {
      this.end('aborted')
    } else {
      events.answerFailed(error, requestId)
      this.end('failed')
    }
    if (cutConnection === undefined) controller.error(error)
    else cutConnection()
  }

  /** Ends the reading; whoever waits for it gets the error. */
  #expire(): ProblemError {
    const detail = 'the query takes too long; narrow its range of time, or give a limit'
    this.#tooLong = comeAgain(detail)
    this.#abort.abort(this.#tooLong)
    return this.#tooLong
  }

  readonly #onFirstByteDue = (): void => {
    if (!this.#hasBegun) this.#expire()
  }

  /** A client that takes nothing asks for nothing, so the stream is not left to find out. */
  readonly #onTooLong = (): void => {
    const error = this.#expire()
    if (!this.#hasBegun) return
    this.#options.events.answerFailed(error, this.#options.requestId)
    this.end('failed')
    this.#options.cutConnection?.()
  }

  readonly #onClientGone = (): void => {
    // The adaptor's reason is a text, and what is thrown must be an error to be handled as one.
    this.#abort.abort(new ClientGoneError())
    this.end('aborted')
  }
}
