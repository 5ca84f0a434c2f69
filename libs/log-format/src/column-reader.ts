import type { SchemaElement } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { readDataPageV2 } from 'hyparquet/src/datapage.js'
import { readOffsetIndex } from 'hyparquet/src/indexes.js'
import type { ByteRange } from '@poglog/object-store'
import { SCHEMA } from './columns.ts'
import type { ColumnName } from './columns.ts'
import type { ChunkPlace, SegmentFooter } from './footer.ts'
import { Dictionary } from './dictionary.ts'
import { zstdDecompress } from './zstd.ts'

/** Pages are cut at 64 KiB; a single value can be larger. What claims more is not believed. */
const PAGE_BYTES_MAX = 67_108_864

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
  const reader = { view: viewOf(bytes), offset: 0 }
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

interface Page extends PagePlace {
  readonly values: ArrayLike<unknown>
  /** Index in `values` of each row, -1 for null; `undefined` when every row has a value. */
  readonly at: Int32Array | undefined
}

/** Where a column's bytes come from. */
export interface ChunkBytes {
  slice(start: number, end: number): Uint8Array
}

/**
 * Reads one column of a row group row by row, decoding a page when a row in it is first asked for and
 * keeping one page. Ask in order, either way.
 */
export class ColumnReader {
  readonly #place: ChunkPlace
  readonly #pages: readonly PagePlace[]
  readonly #bytes: ChunkBytes
  readonly #decoder: ReturnType<typeof decoderOf>
  #dictionary: Dictionary | undefined
  #page: Page | undefined
  #pageText: PageText | undefined

  constructor(
    name: ColumnName,
    chunk: { readonly place: ChunkPlace; readonly pages: readonly PagePlace[] },
    bytes: ChunkBytes,
  ) {
    this.#place = chunk.place
    this.#pages = chunk.pages
    this.#bytes = bytes
    this.#decoder = decoderOf(name, chunk.place)
  }

  /** The text of a row, `null` where it has none. */
  text(row: number): string | null {
    const value = this.#value(row)
    if (value === null) return null
    if (typeof value === 'number') {
      if (this.#dictionary === undefined) throw new Error('no dictionary')
      return this.#dictionary.text(value)
    }
    if (value instanceof Uint8Array) return this.#bufferOf(value).utf8(value)
    throw new Error('no text')
  }

  /**
   * The rows that hold exactly this text, ascending. In a column with a dictionary it compares numbers,
   * ten times faster than asking for the text of each row.
   */
  rowsWith(text: string): number[] {
    const rows: number[] = []
    const wanted = Buffer.from(text)
    for (const { firstRow, rows: count } of this.#pages) {
      const page = this.#load(firstRow)
      const index = this.#dictionary?.indexOf(wanted)
      for (let row = 0; row < count; row += 1) {
        const at = page.at === undefined ? row : (page.at[row] ?? -1)
        const value = at === -1 ? null : page.values[at]
        if (value === index) rows.push(firstRow + row)
        else if (value instanceof Uint8Array && wanted.equals(value)) rows.push(firstRow + row)
      }
    }
    return rows
  }

  /** The milliseconds since the Unix epoch of a row. */
  time(row: number): number {
    const value = this.#value(row)
    if (typeof value !== 'bigint') throw new Error('no time')
    return Number(value)
  }

  /** The UUID of a row as 32 hex digits. */
  key(row: number): string {
    const value = this.#value(row)
    if (!(value instanceof Uint8Array)) throw new Error('no uuid')
    return this.#bufferOf(value).hex(value)
  }

  #bufferOf(bytes: Uint8Array): PageText {
    if (this.#pageText?.memory !== bytes.buffer) this.#pageText = new PageText(bytes.buffer)
    return this.#pageText
  }

  #value(row: number): unknown {
    let page = this.#page
    if (page === undefined || row < page.firstRow || row >= page.firstRow + page.rows) {
      page = this.#load(row)
      this.#page = page
    }
    const index = row - page.firstRow
    if (page.at === undefined) return page.values[index]
    const at = page.at[index] ?? -1
    return at === -1 ? null : page.values[at]
  }

  #load(row: number): Page {
    const place = this.#pages.find(({ firstRow, rows }) => row >= firstRow && row < firstRow + rows)
    if (place === undefined) throw new Error(`no page has row ${row}`)
    if (this.#place.start < this.#place.pagesStart) this.#dictionary ??= this.#readDictionary()
    const { header, body } = this.#readPage(place)
    const data = header.data_page_header_v2
    if (data === undefined || data.num_rows !== place.rows || data.num_values !== place.rows) {
      throw new Error('page header and offset index differ')
    }
    const { dataPage, definitionLevels } = readDataPageV2(body, header, this.#decoder)
    const at = data.num_nulls === 0 ? undefined : positions(definitionLevels ?? [], place.rows)
    return { ...place, values: dataPage, at }
  }

  #readDictionary(): Dictionary {
    const { header, body } = this.#readPage({
      start: this.#place.start,
      end: this.#place.pagesStart,
    })
    const page = this.#place.isCompressed
      ? zstdDecompress(body, header.uncompressed_page_size)
      : body
    return new Dictionary(page, header.dictionary_page_header?.num_values ?? -1)
  }

  #readPage({ start, end }: ByteRange): {
    header: ReturnType<typeof parquetHeader>
    body: Uint8Array
  } {
    const bytes = this.#bytes.slice(start, end)
    const reader = { view: viewOf(bytes), offset: 0 }
    const header = parquetHeader(reader)
    const isWhole = reader.offset + header.compressed_page_size === bytes.length
    if (!isWhole || !(header.uncompressed_page_size <= PAGE_BYTES_MAX)) {
      throw new Error('page header')
    }
    return { header, body: bytes.subarray(reader.offset) }
  }
}

function positions(levels: ArrayLike<number>, rows: number): Int32Array {
  const at = new Int32Array(rows)
  let next = 0
  for (let row = 0; row < rows; row += 1) {
    at[row] = levels[row] === 1 ? next : -1
    next += levels[row] === 1 ? 1 : 0
  }
  return at
}

const ROOT = SCHEMA[0] ?? { name: 'poglog' }

function node(element: SchemaElement) {
  return { children: [], count: 1, element, path: [element.name] }
}

function decoderOf(name: ColumnName, place: ChunkPlace) {
  const element = SCHEMA.find((column) => column.name === name)
  if (element?.type === undefined) throw new Error(`no column ${name}`)
  return {
    pathInSchema: [name],
    type: element.type,
    element,
    schemaPath: [node(ROOT), node(element)],
    codec: place.isCompressed ? ('ZSTD' as const) : ('UNCOMPRESSED' as const),
    parsers: DEFAULT_PARSERS,
    compressors: { ZSTD: zstdDecompress },
  }
}

/** Text of views into one piece of memory, without a `Buffer` for each. */
class PageText {
  readonly memory: ArrayBufferLike
  readonly #buffer: Buffer

  constructor(memory: ArrayBufferLike) {
    this.memory = memory
    this.#buffer = Buffer.from(memory)
  }

  /** Unlike `TextDecoder`, keeps a byte order mark: it is part of the text. */
  utf8({ byteOffset, length }: Uint8Array): string {
    return this.#buffer.toString('utf8', byteOffset, byteOffset + length)
  }

  hex({ byteOffset, length }: Uint8Array): string {
    return this.#buffer.toString('hex', byteOffset, byteOffset + length)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
