import { SegmentError } from '@poglog/log-format'
import type { LogRecord, Position } from '@poglog/log-format'
import { START_OVERS_MAX } from '../limits.ts'

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
  Query extends { readonly after?: Position | undefined; readonly limit?: number | undefined },
>(
  query: Query,
  read: (query: Query) => AsyncIterable<LogRecord[]>,
): AsyncGenerator<LogRecord[], void, undefined> {
  const startOvers = new StartOvers()
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
      if (!startOvers.allows(error, after)) throw error
    }
  }
}

/**
 * Decides whether a failed reading may begin again from a new snapshot behind the last record handed
 * out: after a trim or a fold, and once after a segment went away (it may have been compacted). Reading that
 * gets no further between two failures ends loudly, rather than leave records out.
 */
export class StartOvers {
  #moves = 0
  #vanished = 0
  #place: Position | undefined

  /** @returns whether to begin again; throw the error when not. */
  allows(error: unknown, place: Position | undefined): boolean {
    if (place !== this.#place) {
      this.#moves = 0
      this.#vanished = 0
      this.#place = place
    }
    if (error instanceof MovedError) {
      this.#moves += 1
      return this.#moves <= START_OVERS_MAX
    }
    if (error instanceof SegmentError && error.kind === 'missing') {
      this.#vanished += 1
      return this.#vanished <= 1
    }
    return false
  }
}
