import { HotStoreError } from './errors.ts'
import { toArray, toInteger, toText } from './reply.ts'
import type { HotEntry, HotPage } from './types.ts'

/** Entries of a page unless told otherwise, and at most. 1,000 are about half a megabyte. */
const PAGE_ENTRIES = 1000
const PAGE_ENTRIES_MAX = 10_000

const STREAM_ID = /^(\d{1,16})-\d{1,20}$/

/** The millisecond part of a stream id. @throws {HotStoreError} `invalid`. */
export function arrivalOf(id: string): number {
  const [, ms] = STREAM_ID.exec(id) ?? []
  if (ms === undefined) throw new HotStoreError('invalid', 'not a stream id')
  return Number(ms)
}

export function checkedPageSize(maxEntries: number = PAGE_ENTRIES): number {
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > PAGE_ENTRIES_MAX) {
    throw new HotStoreError(
      'invalid',
      `a page has 1 to ${PAGE_ENTRIES_MAX} entries, not ${maxEntries}`,
    )
  }
  return maxEntries
}

/** Reads an XRANGE reply. A page that is shorter than asked is the last. */
export function decodePage(reply: unknown, channelId: string, maxEntries: number): HotPage {
  const entries = toArray(reply).map((entry) => decodeEntry(entry, channelId))
  return { entries, nextId: entries.length < maxEntries ? undefined : entries.at(-1)?.id }
}

function decodeEntry(reply: unknown, channelId: string): HotEntry {
  const [streamId, fields] = toArray(reply)
  const id = toText(streamId)
  const receivedAtMs = arrivalOf(id)
  const values = toArray(fields)
  // Every entry has the same fields in the same order, which Redis stores once per node.
  if (values[0] !== 'r' || values[2] !== 't' || values[4] !== 'u' || values[6] !== 'k') {
    throw new HotStoreError('corrupt', `entry ${id} of channel ${channelId} has other fields`)
  }
  return {
    id,
    channelId,
    receivedAtMs,
    sentAtMs: values[3] === '' ? receivedAtMs : toInteger(values[3]),
    userId: toText(values[5]),
    type: toText(values[7]),
    raw: toText(values[1]),
  }
}
