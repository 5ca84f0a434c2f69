import { SegmentError } from '@poglog/log-format'
import type { Position } from '@poglog/log-format'
import { START_OVERS_MAX } from '../limits.ts'

/** Hot records were trimmed between two pages: a new snapshot has them in a segment. */
export class TrimmedError extends Error {
  override readonly name = 'TrimmedError'
}

/**
 * Decides whether a failed reading may begin again from a new snapshot behind the last record handed
 * out: after a trim, and once after a segment went away (it may have been compacted). Reading that
 * gets no further between two failures ends loudly, rather than leave records out.
 */
export class StartOvers {
  #trims = 0
  #vanished = 0
  #place: Position | undefined

  /** @returns whether to begin again; throw the error when not. */
  allows(error: unknown, place: Position | undefined): boolean {
    if (place !== this.#place) {
      this.#trims = 0
      this.#vanished = 0
      this.#place = place
    }
    if (error instanceof TrimmedError) {
      this.#trims += 1
      return this.#trims <= START_OVERS_MAX
    }
    if (error instanceof SegmentError && error.kind === 'missing') {
      this.#vanished += 1
      return this.#vanished <= 1
    }
    return false
  }
}
