import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { checkedTimeMs, quoted, tracesKey } from './keys.ts'
import { toArray, toText } from './reply.ts'
import { loadScript } from './script.ts'

const NOTE_TRACE = loadScript('note-trace')
const TAKE_TRACES = loadScript('take-traces')

/** A replica of ingest notes one a minute: an hour of one, or the last minutes of many. */
const TRACES_KEPT = 64
/** Longer than any seal is late, in health. */
const KEPT_MS = 86_400_000

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** Traces of appended batches, so that whoever seals their lines can go on with them. Only of use where somebody traces. */
export class BatchTraces {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Notes the trace of a batch that was just appended; the last 64 of a shard are kept, for a day.
   *
   * @throws {HotStoreError} `invalid` when it is no `traceparent`.
   */
  async note(shard: number, traceparent: string): Promise<void> {
    if (!TRACEPARENT.test(traceparent)) {
      throw new HotStoreError('invalid', `not a traceparent: ${quoted(traceparent)}`)
    }
    const args = [traceparent, TRACES_KEPT, KEPT_MS]
    await this.#connection.run({ script: NOTE_TRACE, keys: [tracesKey(shard)], args })
  }

  /** Takes those noted before a time (Redis time, ms), the earliest first; nobody else gets them. */
  async take(shard: number, beforeMs: number): Promise<string[]> {
    const args = [checkedTimeMs(beforeMs)]
    const call = { script: TAKE_TRACES, keys: [tracesKey(shard)], args }
    return toArray(await this.#connection.run(call)).map(toText)
  }
}
