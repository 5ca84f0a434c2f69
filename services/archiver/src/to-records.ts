import { createHash } from 'node:crypto'
import type { HotEntry } from '@poglog/hot-store'
import { compareRecords, recordFromLine, recordTypeOf } from '@poglog/log-format'
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
      const record = toRecord(entry)
      if (record === undefined) unparsed += 1
      ofChannel.push(record ?? unparsedRecord(entry))
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

/** Channel, user and sent time are those the entry was stored with, so that hot and cold agree. */
function toRecord(entry: HotEntry): LogRecord | undefined {
  const { channelId, userId, sentAtMs, receivedAtMs } = entry
  const record = recordFromLine(entry.raw, { channelId, userId, sentAtMs, receivedAtMs })
  return record === undefined ? undefined : { ...record, channelId, userId, sentAtMs }
}

/**
 * Only lines that parse are appended, but a later parser could be stricter. Such a line must neither
 * be lost nor hold up its shard, so it is kept with what the entry says.
 */
function unparsedRecord(entry: HotEntry): LogRecord {
  const { channelId, userId, sentAtMs, receivedAtMs, raw } = entry
  const identity = `${channelId}\n${sentAtMs}\n${raw}`
  return {
    channelId,
    channelLogin: '',
    userId,
    sentAtMs,
    receivedAtMs,
    type: recordTypeOf(entry.type) ?? 'NOTICE',
    key: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    raw,
  }
}
