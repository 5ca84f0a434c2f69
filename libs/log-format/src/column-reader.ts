import { parquetHeader } from 'hyparquet/src/column.js'
import type { ByteRange } from '@poglog/object-store'
import { Dictionary } from './dictionary.ts'
import type { ChunkPlace } from './footer.ts'
import type { PagePlace } from './page-place.ts'
import { PAGE_BYTES_MAX, PLAIN_BYTES, decodePage } from './page-values.ts'
import type { PageValues, ValueKind } from './page-values.ts'
import { zstdDecompress } from './zstd.ts'

/** A decoded page. */
export interface Page extends PagePlace, PageValues {}

/** Where a column's bytes come from. */
export interface ChunkBytes {
  slice(start: number, end: number): Uint8Array
}

/**
 * Reads one column of a row group row by row, decoding a page when a row in it is first asked for and
 * keeping one page. Ask in order, either way.
 */
export class ColumnReader {
  readonly kind: ValueKind
  readonly pages: readonly PagePlace[]
  readonly #place: ChunkPlace
  readonly #bytes: ChunkBytes
  #dictionary: Dictionary | undefined
  #numbers: Float64Array | undefined
  #page: Page | undefined

  constructor(
    kind: ValueKind,
    chunk: { readonly place: ChunkPlace; readonly pages: readonly PagePlace[] },
    bytes: ChunkBytes,
  ) {
    this.pages = chunk.pages
    this.kind = kind
    this.#place = chunk.place
    this.#bytes = bytes
  }

  /** The text of a row, `null` where it has none. */
  text(row: number): string | null {
    const page = this.page(row)
    const index = row - page.firstRow
    if (page.entries !== undefined) {
      const entry = page.entries[index] ?? -1
      return entry === -1 ? null : this.dictionary().text(entry)
    }
    const { places } = page
    if (places === undefined || this.kind !== 'text') throw new Error('no text')
    const start = places[index * 2] ?? -1
    return start === -1 ? null : page.bytes.toString('utf8', start, places[index * 2 + 1])
  }

  /** The texts of rows, as {@link text} gives them. */
  texts(rows: Int32Array): (string | null)[] {
    const texts: (string | null)[] = []
    let page = rows.length === 0 ? undefined : this.page(rows[0] ?? 0)
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] ?? 0
      if (page === undefined || !isOfPage(row, page)) page = this.page(row)
      const entry = page.entries?.[row - page.firstRow]
      if (entry === undefined) texts.push(this.text(row))
      else texts.push(entry === -1 ? null : this.dictionary().text(entry))
    }
    return texts
  }

  /** The times or counts of rows, as {@link number} gives them. */
  numbersOf(rows: Int32Array): Float64Array {
    const numbers = new Float64Array(rows.length)
    for (let index = 0; index < rows.length; index += 1) {
      numbers[index] = this.number(rows[index] ?? 0)
    }
    return numbers
  }

  /** The time in milliseconds since the Unix epoch, or the count, of a row. */
  number(row: number): number {
    const page = this.page(row)
    const index = row - page.firstRow
    if (page.numbers !== undefined) return page.numbers[index] ?? Number.NaN
    const number =
      page.entries === undefined ? undefined : this.numbers()[page.entries[index] ?? -1]
    if (number === undefined) throw new Error('no number')
    return number
  }

  /** The UUID of a row as 32 hex digits. */
  key(row: number): string {
    const page = this.page(row)
    const index = row - page.firstRow
    const start = page.places?.[index * 2]
    if (start === undefined || this.kind !== 'uuid') throw new Error('no uuid')
    return page.bytes.toString('hex', start, start + PLAIN_BYTES.uuid)
  }

  /**
   * The rows that hold exactly this text, ascending. In a column with a dictionary it compares numbers,
   * ten times faster than asking for the text of each row.
   */
  rowsWith(text: string): number[] {
    const rows: number[] = []
    const wanted = Buffer.from(text)
    for (const { firstRow, rows: count } of this.pages) {
      const { entries, places, bytes } = this.page(firstRow)
      const entry = entries === undefined ? -1 : this.dictionary().indexOf(wanted)
      for (let row = 0; row < count; row += 1) {
        if (entries !== undefined) {
          if (entry !== -1 && entries[row] === entry) rows.push(firstRow + row)
        } else if (places !== undefined) {
          const start = places[row * 2] ?? -1
          const end = places[row * 2 + 1]
          if (start !== -1 && wanted.equals(bytes.subarray(start, end))) rows.push(firstRow + row)
        }
      }
    }
    return rows
  }

  /** Those of some rows whose text passes a test, which is asked once for each entry of a dictionary. */
  rowsWhere(rows: Int32Array, isWanted: (text: string | null) => boolean): Int32Array {
    const verdicts: boolean[] = []
    return rows.filter((row) => {
      const page = this.page(row)
      const entry = page.entries?.[row - page.firstRow] ?? -1
      if (entry === -1) return isWanted(this.text(row))
      return (verdicts[entry] ??= isWanted(this.dictionary().text(entry)))
    })
  }

  /** Those of some rows whose time lies in `[from, to)`. */
  rowsWithin(rows: Int32Array, from: number, to: number): Int32Array {
    return rows.filter((row) => {
      const number = this.number(row)
      return number >= from && number < to
    })
  }

  /** The decoded page that has a row. */
  page(row: number): Page {
    const page = this.#page
    if (page !== undefined && isOfPage(row, page)) return page
    this.#page = this.#load(row)
    return this.#page
  }

  /** The dictionary of the column. @throws Error when it has none. */
  dictionary(): Dictionary {
    if (this.#place.start >= this.#place.pagesStart) throw new Error('no dictionary')
    return (this.#dictionary ??= this.#readDictionary())
  }

  /** The dictionary of a column of numbers. */
  numbers(): Float64Array {
    return (this.#numbers ??= this.dictionary().numbers())
  }

  #load(row: number): Page {
    const place = this.pages.find(({ firstRow, rows }) => row >= firstRow && row < firstRow + rows)
    if (place === undefined) throw new Error(`no page has row ${row}`)
    const { header, body } = this.#readPage(place)
    const data = header.data_page_header_v2
    if (data === undefined || data.num_rows !== place.rows || data.num_values !== place.rows) {
      throw new Error('page header and offset index differ')
    }
    const values = decodePage(
      body,
      {
        ...data,
        sizeBytes: header.uncompressed_page_size,
        isCompressed: this.#place.isCompressed,
      },
      this.kind,
    )
    return { ...place, ...values }
  }

  #readDictionary(): Dictionary {
    const { start, pagesStart: end } = this.#place
    const { header, body } = this.#readPage({ start, end })
    const page = this.#place.isCompressed
      ? zstdDecompress(body, header.uncompressed_page_size)
      : body
    const numberBytes =
      this.kind === 'time' || this.kind === 'count' ? PLAIN_BYTES[this.kind] : undefined
    return new Dictionary(page, header.dictionary_page_header?.num_values ?? -1, numberBytes)
  }

  #readPage({ start, end }: ByteRange): {
    header: ReturnType<typeof parquetHeader>
    body: Uint8Array
  } {
    const bytes = this.#bytes.slice(start, end)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const reader = { view, offset: 0 }
    const header = parquetHeader(reader)
    const isWhole = reader.offset + header.compressed_page_size === bytes.length
    const { uncompressed_page_size: sizeBytes } = header
    if (!isWhole || !(sizeBytes >= 0 && sizeBytes <= PAGE_BYTES_MAX)) throw new Error('page header')
    return { header, body: bytes.subarray(reader.offset) }
  }
}

function isOfPage(row: number, { firstRow, rows }: PagePlace): boolean {
  return row >= firstRow && row < firstRow + rows
}
