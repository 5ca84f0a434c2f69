import { compareRecords } from './order.ts'
import { openSegment } from './open-segment.ts'
import type { OpenOptions } from './open-segment.ts'
import { RowGroupReader } from './row-group-reader.ts'
import type { LogRecord, SegmentSource } from './types.ts'

type Wanted = Pick<LogRecord, 'channelId' | 'sentAtMs' | 'key'>

/**
 * Says which of some records a segment holds already: the keys of those whose channel, sent time and
 * key are all in it. Reads only row groups whose statistics allow one, and of them only the columns
 * it takes.
 *
 * @throws {SegmentError} and what the store throws.
 */
export async function knownKeys(
  source: SegmentSource,
  records: readonly Wanted[],
  { footers, signal }: OpenOptions = {},
): Promise<Set<string>> {
  const known = new Set<string>()
  if (records.length === 0) return known
  const footer = await openSegment(source, { footers, signal })
  const sorted = records.toSorted(compareRecords)
  for (const group of footer.rowGroups) {
    const candidates = sorted.filter(
      ({ channelId, sentAtMs }) =>
        channelId >= group.channelMin &&
        channelId <= group.channelMax &&
        sentAtMs >= group.sentMinMs &&
        sentAtMs <= group.sentMaxMs,
    )
    if (candidates.length === 0) continue
    const reader = new RowGroupReader(source, footer, group)
    await reader.fetchColumns(['channel_id', 'sent_at'], signal)
    const places = new Set(candidates.map(placeOf))
    const rows: number[] = []
    for (let row = 0; row < group.rows; row += 1) {
      const channelId = reader.channelId(row)
      if (places.has(placeOf({ channelId, sentAtMs: reader.sentAtMs(row) }))) rows.push(row)
    }
    if (rows.length === 0) continue
    await reader.fetchRows(rows, signal, ['channel_id', 'sent_at', 'id'])
    const identities = new Set(candidates.map(identityOf))
    for (const row of rows) {
      const channelId = reader.channelId(row)
      const record = { channelId, sentAtMs: reader.sentAtMs(row), key: reader.key(row) }
      if (identities.has(identityOf(record))) known.add(record.key)
    }
  }
  return known
}

function placeOf({ channelId, sentAtMs }: Omit<Wanted, 'key'>): string {
  return `${channelId} ${sentAtMs}`
}

function identityOf(record: Wanted): string {
  return `${placeOf(record)} ${record.key}`
}
