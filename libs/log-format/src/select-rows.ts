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
  const isMixed = channelId !== undefined && place.channelMin !== place.channelMax
  const isWithin = place.sentMinMs >= fromMs && place.sentMaxMs < toMs
  const typeNames: ReadonlySet<string | null> | undefined = types
  let rows = rowsOfUser(reader, userId)
  if (isMixed) {
    rows = reader.read('channel_id', (column) => column.rowsWhere(rows, (id) => id === channelId))
  }
  if (!isWithin) {
    rows = reader.read('sent_at', (column) => column.rowsWithin(rows, fromMs, toMs))
  }
  if (typeNames !== undefined) {
    rows = reader.read('type', (column) => column.rowsWhere(rows, (type) => typeNames.has(type)))
  }
  return rows
}

function rowsOfUser(reader: RowGroupReader, userId: string | undefined): Int32Array {
  if (userId !== undefined && userId !== '') return Int32Array.from(reader.rowsOfUser(userId))
  const rows = new Int32Array(reader.place.rows)
  for (let row = 0; row < rows.length; row += 1) rows[row] = row
  if (userId === undefined) return rows
  return reader.read('user_id', (column) => column.rowsWhere(rows, (user) => user === null))
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
