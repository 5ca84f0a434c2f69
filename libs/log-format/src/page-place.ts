import { readOffsetIndex } from 'hyparquet/src/indexes.js'
import type { ByteRange } from '@poglog/object-store'
import type { ChunkPlace, SegmentFooter } from './footer.ts'

/** Rows `[firstRow, firstRow + rows)` of a column, at bytes `[start, end)`. */
export interface PagePlace extends ByteRange {
  readonly firstRow: number
  readonly rows: number
}

/** The pages of a column chunk. @throws Error when its offset index makes no sense. */
export function pagesOf(footer: SegmentFooter, place: ChunkPlace, rows: number): PagePlace[] {
  if (place.indexEnd === place.indexStart) {
    return [{ start: place.pagesStart, end: place.end, firstRow: 0, rows }]
  }
  const { indexes, indexesStart } = footer
  const bytes = indexes.subarray(place.indexStart - indexesStart, place.indexEnd - indexesStart)
  const reader = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offset: 0,
  }
  const places = readOffsetIndex(reader).page_locations.map((page) => ({
    start: Number(page.offset),
    end: Number(page.offset) + page.compressed_page_size,
    firstRow: Number(page.first_row_index),
  }))
  return places.map(({ start, end, firstRow }, index) => {
    const nextRow = places[index + 1]?.firstRow ?? rows
    const previousEnd = places[index - 1]?.end ?? place.pagesStart
    const isInOrder = start >= previousEnd && end > start && end <= place.end
    if (!isInOrder || firstRow >= nextRow || nextRow > rows) throw new Error('offset index')
    return { start, end, firstRow, rows: nextRow - firstRow }
  })
}

/** The pages that hold one of these rows, given in ascending order. */
export function pagesWith(rows: ArrayLike<number>, pages: readonly PagePlace[]): PagePlace[] {
  const found: PagePlace[] = []
  let at = 0
  for (const page of pages) {
    const end = page.firstRow + page.rows
    const isWanted = at < rows.length && (rows[at] ?? end) < end
    if (isWanted) found.push(page)
    while (at < rows.length && (rows[at] ?? end) < end) at += 1
  }
  return found
}
