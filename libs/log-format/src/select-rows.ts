import type { RowGroupPlace } from './footer.ts'
import type { RowGroupReader } from './row-group-reader.ts'
import type { Position, SegmentQuery } from './types.ts'
import { comparePositions } from './order.ts'

/** Whether a row group's statistics allow it to hold wanted records. */
export function canHold(group: RowGroupPlace, query: SegmentQuery): boolean {
  const { channelId, userId } = query
  const { fromMs, toMs } = sentRange(query)
  if (group.sentMaxMs < fromMs || group.sentMinMs >= toMs) return false
  if (channelId !== undefined && (channelId < group.channelMin || channelId > group.channelMax)) {
    return false
  }
  if (userId === undefined || userId === '') return true
  const { userMin, userMax } = group
  return userMin !== undefined && userMax !== undefined && userId >= userMin && userId <= userMax
}

/** Whether every record of a row group is wanted, so that no column need be looked at to choose. */
export function holdsOnlyWanted(group: RowGroupPlace, query: SegmentQuery): boolean {
  const { channelId, userId, types } = query
  const { fromMs, toMs } = sentRange(query)
  const isOneChannel = group.channelMin === group.channelMax || channelId === undefined
  return (
    isOneChannel &&
    userId === undefined &&
    types === undefined &&
    group.sentMinMs >= fromMs &&
    group.sentMaxMs < toMs
  )
}

/**
 * The rows of a row group that are wanted, ascending. Records at the very millisecond of `after` are
 * among them: `isBeyond` decides on those, with the key.
 */
export function selectRows(reader: RowGroupReader, query: SegmentQuery): Int32Array {
  const { place } = reader
  const { channelId, userId, types } = query
  const { fromMs, toMs } = sentRange(query)
  const isAll = holdsOnlyWanted(place, query)
  const isMixed = channelId !== undefined && place.channelMin !== place.channelMax
  const isWithin = place.sentMinMs >= fromMs && place.sentMaxMs < toMs
  const typeNames: ReadonlySet<string> | undefined = types
  const rows = new Int32Array(place.rows)
  let count = 0
  for (let row = 0; row < place.rows; row += 1) {
    if (!isAll) {
      if (isMixed && reader.channelId(row) !== channelId) continue
      if (userId !== undefined && reader.userId(row) !== userId) continue
      if (!isWithin) {
        const sentAtMs = reader.sentAtMs(row)
        if (sentAtMs < fromMs || sentAtMs >= toMs) continue
      }
      if (typeNames !== undefined && !typeNames.has(reader.type(row))) continue
    }
    rows[count] = row
    count += 1
  }
  return rows.subarray(0, count)
}

/** Whether a record lies beyond `after` in the direction of the query. */
export function isBeyond(position: Position, { after, order }: SegmentQuery): boolean {
  if (after === undefined) return true
  const step = comparePositions(position, after)
  return order === 'asc' ? step > 0 : step < 0
}

/** The query's sent times `[fromMs, toMs)`, narrowed by `after`. */
function sentRange({ fromMs, toMs, after, order }: SegmentQuery): { fromMs: number; toMs: number } {
  if (after === undefined) return { fromMs, toMs }
  return order === 'asc'
    ? { fromMs: Math.max(fromMs, after.sentAtMs), toMs }
    : { fromMs, toMs: Math.min(toMs, after.sentAtMs + 1) }
}
