import type { LogRecord, Position } from '@poglog/log-format'
import type { ComparePlaces } from './log-query.ts'

const SLACK_RECORDS_MIN = 1000

export interface SelectionOptions {
  /** How many records to keep; a quarter more are held at the peak, of a small number twice as many. */
  readonly size: number
  readonly compare: ComparePlaces
  /** Called with how many records were dropped because one with their place was there. */
  readonly onEqualKeys: (count: number) => void
}

/**
 * Keeps the first `size` of any number of records given in any order; records at one place with one
 * key count as one.
 */
export class Selection {
  readonly #options: SelectionOptions
  #records: LogRecord[] = []
  #last: Position | undefined
  #hasDropped = false

  constructor(options: SelectionOptions) {
    this.#options = options
  }

  /** Whether a record beyond `size` was dropped, so that there is more to read. */
  get hasDropped(): boolean {
    return this.#hasDropped
  }

  /** The place of the last record kept, as far as is known: nothing beyond it is wanted. */
  get last(): Position | undefined {
    return this.#last
  }

  add(record: LogRecord): void {
    const { size, compare } = this.#options
    if (this.#last !== undefined && compare(record, this.#last) > 0) {
      this.#hasDropped = true
      return
    }
    this.#records.push(record)
    if (this.#records.length >= size + slackOf(size)) this.#shrink()
  }

  /** Says that a record was left out by the caller because it lies beyond {@link last}. */
  skip(): void {
    this.#hasDropped = true
  }

  /** Brings {@link last} up to date; costs a sort of what is nearly sorted. */
  settle(): void {
    if (this.#records.length >= this.#options.size) this.#shrink()
  }

  /** The records kept, in order. */
  take(): LogRecord[] {
    this.#shrink()
    return this.#records
  }

  #shrink(): void {
    const { size, compare, onEqualKeys } = this.#options
    const sorted = this.#records.toSorted(compare)
    const distinct = sorted.filter((record, index) => {
      const before = sorted[index - 1]
      return before === undefined || compare(before, record) !== 0
    })
    if (distinct.length < sorted.length) onEqualKeys(sorted.length - distinct.length)
    if (distinct.length > size) this.#hasDropped = true
    this.#records = distinct.slice(0, size)
    if (this.#records.length === size) this.#last = this.#records.at(-1)
  }
}

/** How many more than are kept may gather before they are sorted: sorting a few at a time would cost most of the time. */
function slackOf(size: number): number {
  return Math.min(size, Math.max(SLACK_RECORDS_MIN, size >> 2))
}
