import { setTimeout as sleep } from 'node:timers/promises'
import { SegmentError } from '@poglog/log-format'
import type { LogRecord, Position } from '@poglog/log-format'
import { START_OVERS_MAX } from '../limits.ts'

/** Before the second and every further start-over of one place: what moves the log should come to its end. */
const PAUSE_MS_MIN = 20
const PAUSE_MS_MAX = 50

/** What was being read has moved on: a new snapshot has its records in another place. */
export class MovedError extends Error {
  override readonly name: string = 'MovedError'
}

/** Hot records were trimmed between two pages: a new snapshot has them in a segment. */
export class TrimmedError extends MovedError {
  override readonly name = 'TrimmedError'
}

/**
 * Reads one snapshot after the other until an answer is complete: when a part of one goes away, reading goes on from
 * a new one behind the last record handed out.
 *
 * @param read reads one snapshot, from the query's `after` on.
 */
export async function* readStartingOver<
  Query extends {
    readonly after?: Position | undefined
    readonly limit?: number | undefined
    readonly signal?: AbortSignal | undefined
  },
>(
  query: Query,
  read: (query: Query) => AsyncIterable<LogRecord[]>,
): AsyncGenerator<LogRecord[], void, undefined> {
  const startOvers = new StartOvers(query.signal)
  let left = query.limit ?? Number.POSITIVE_INFINITY
  let after: Position | undefined = query.after
  for (;;) {
    try {
      const limit = query.limit === undefined ? undefined : left
      for await (const batch of read({ ...query, after, limit })) {
        const records = batch.length > left ? batch.slice(0, left) : batch
        left -= records.length
        after = records.at(-1) ?? after
        yield records
        if (left === 0) return
      }
      return
    } catch (error) {
      if (!(await startOvers.allows(error, after))) throw error
    }
  }
}

/**
 * Counts what one view of the log holds. A count cannot go on from another view: when an object or hot records went
 * away, `count` is called anew.
 *
 * @param count stops reading when its signal is aborted, which it is as soon as it has failed.
 */
export async function countStartingOver<Result>(
  outer: AbortSignal | undefined,
  count: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const startOvers = new StartOvers(outer)
  for (;;) {
    outer?.throwIfAborted()
    const ended = new AbortController()
    const signal = AbortSignal.any([...(outer === undefined ? [] : [outer]), ended.signal])
    try {
      return await count(signal)
    } catch (error) {
      if (!(await startOvers.allows(error, undefined))) throw error
    } finally {
      // Ends the sources that still read after another one failed.
      ended.abort()
    }
  }
}

/**
 * Decides whether a failed reading may begin again from a new snapshot behind the last record handed
 * out: after a trim or a fold, and once after a segment went away (it may have been compacted). Reading that
 * gets no further between two failures ends loudly, rather than leave records out.
 */
export class StartOvers {
  readonly #signal: AbortSignal | undefined
  #moves = 0
  #vanished = 0
  #place: Position | undefined

  constructor(signal?: AbortSignal) {
    this.#signal = signal
  }

  /**
   * Waits a little where it began anew before.
   *
   * @returns whether to begin again; throw the error when not.
   * @throws the signal's reason once it is aborted.
   */
  async allows(error: unknown, place: Position | undefined): Promise<boolean> {
    if (place !== this.#place) {
      this.#moves = 0
      this.#vanished = 0
      this.#place = place
    }
    if (error instanceof MovedError) {
      this.#moves += 1
      if (this.#moves > START_OVERS_MAX) return false
      if (this.#moves > 1) await this.#pause()
      return true
    }
    if (error instanceof SegmentError && error.kind === 'missing') {
      this.#vanished += 1
      return this.#vanished <= 1
    }
    return false
  }

  async #pause(): Promise<void> {
    const pauseMs = PAUSE_MS_MIN + Math.random() * (PAUSE_MS_MAX - PAUSE_MS_MIN)
    try {
      await sleep(pauseMs, undefined, { signal: this.#signal })
    } catch (error) {
      this.#signal?.throwIfAborted()
      throw error
    }
  }
}
