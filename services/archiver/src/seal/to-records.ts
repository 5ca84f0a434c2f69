import type { HotEntry } from '@poglog/hot-store'
import { compareRecords, recordFromStored } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'

/** Records in a segment's order, without equals. */
export interface SortedRecords {
  readonly records: readonly LogRecord[]
  /** How many entries were the same record as one that arrived earlier. */
  readonly equal: number
  /** How many lines the parser refused; they are among `records` all the same. */
  readonly unparsed: number
}

/**
 * Turns entries, arrival order within each channel, into the records of a segment. Of equal records
 * (same channel, sent time and key) the first to arrive stays.
 */
export function toRecords(channels: ReadonlyMap<string, readonly HotEntry[]>): SortedRecords {
  const records: LogRecord[] = []
  let equal = 0
  let unparsed = 0
  for (const channelId of [...channels.keys()].toSorted()) {
    const ofChannel: LogRecord[] = []
    for (const entry of channels.get(channelId) ?? []) {
      const { record, isParsed } = recordFromStored(entry)
      if (!isParsed) unparsed += 1
      ofChannel.push(record)
    }
    ofChannel.sort(compareRecords) // Stable: equals stay in arrival order.
    let last: LogRecord | undefined
    for (const record of ofChannel) {
      if (last !== undefined && compareRecords(last, record) === 0) {
        equal += 1
        continue
      }
      records.push(record)
      last = record
    }
  }
  return { records, equal, unparsed }
}
