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
  const { userId } = query
  if (userId === undefined || userId === '') {
    const isWanted = rowTest(reader, query)
    return Int32Array.from({ length: place.rows }, (_, row) => row).filter(isWanted)
  }
  return Int32Array.from(reader.rowsOfUser(userId)).filter(rowTest(reader, query))
}

/** Tells of a row whether it is wanted, asking only what the statistics leave open. */
function rowTest(reader: RowGroupReader, query: SegmentQuery): (row: number) => boolean {
  const { place } = reader
  if (holdsOnlyWanted(place, query)) return () => true
  const { channelId, userId, types } = query
  const { fromMs, toMs } = sentRange(query)
  const isMixed = channelId !== undefined && place.channelMin !== place.channelMax
  const isWithin = place.sentMinMs >= fromMs && place.sentMaxMs < toMs
  const typeNames: ReadonlySet<string> | undefined = types
  return (row) => {
    if (isMixed && reader.channelId(row) !== channelId) return false
    if (userId === '' && reader.userId(row) !== '') return false
    if (!isWithin) {
      const sentAtMs = reader.sentAtMs(row)
      if (sentAtMs < fromMs || sentAtMs >= toMs) return false
    }
    return typeNames === undefined || typeNames.has(reader.type(row))
  }
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
