import type { LogRecord } from '@poglog/log-format'
import { recordText, withoutId } from './events-text.ts'
import { encodeProgress } from './progress.ts'

/** Beside the texts: the record, its buffers and their places in lists. */
const OVERHEAD_BYTES = 600
/** A record holds its line, and its event holds it twice. */
const LINE_COPIES = 4

/** A record that has just arrived, parsed once and written once for all who listen. */
export class LiveRecord {
  readonly record: LogRecord
  #event: Buffer | undefined

  constructor(record: LogRecord) {
    this.record = record
  }

  /** About what it takes in memory. */
  get sizeBytes(): number {
    return OVERHEAD_BYTES + this.record.raw.length * LINE_COPIES
  }

  /** The event as listeners of the channel get it. */
  get event(): Buffer {
    const { record } = this
    this.#event ??= Buffer.from(
      recordText(encodeProgress({ arrivedMs: record.receivedAtMs, within: record }), record),
    )
    return this.#event
  }

  /** The event without its id. */
  get data(): Buffer {
    return withoutId(this.event)
  }
}
