import type { ByteRange } from '@poglog/object-store'
import { ColumnReader } from './column-reader.ts'
import { TABLES } from './columns.ts'
import type { ColumnName, WordColumnName } from './columns.ts'
import { fetchBytes } from './fetch-bytes.ts'
import type { FetchedBytes } from './fetch-bytes.ts'
import type { ChunkPlace, RowGroupPlace, SegmentFooter } from './footer.ts'
import { pagesOf, pagesWith } from './page-place.ts'
import type { PagePlace } from './page-place.ts'
import { SegmentError } from './segment-error.ts'
import type { SegmentSource } from './types.ts'

export type AnyColumn = ColumnName | WordColumnName

/** A segment that has been opened. */
export interface OpenedSegment {
  readonly source: SegmentSource
  readonly footer: SegmentFooter
}

/**
 * One row group of a segment: fetch what is needed of it, then read rows. Its memory is the bytes
 * fetched, the dictionaries and a decoded page a column.
 *
 * Every method throws {@link SegmentError} `corrupt` where the bytes make no sense.
 */
export class RowGroupReader {
  readonly place: RowGroupPlace
  readonly #segment: OpenedSegment
  readonly #columns = new Map<AnyColumn, ColumnReader>()
  readonly #fetched: FetchedBytes[] = []
  readonly #whole = new Set<AnyColumn>()

  /** @param fetched what was fetched already, whole row groups for instance. */
  constructor(segment: OpenedSegment, place: RowGroupPlace, fetched?: FetchedBytes) {
    this.#segment = segment
    this.place = place
    if (fetched !== undefined) this.#fetched.push(fetched)
  }

  /** Whether a whole column has been fetched. */
  has(name: AnyColumn): boolean {
    const { start, end } = this.#chunk(name)
    return this.#fetched.some((fetched) => fetched.slice(start, end) !== undefined)
  }

  /** Where whole columns lie. */
  rangesOf(names: readonly AnyColumn[]): ByteRange[] {
    return names.map((name) => this.#chunk(name))
  }

  /** Fetches whole columns. */
  async fetchColumns(names: readonly AnyColumn[], signal: AbortSignal | undefined): Promise<void> {
    await this.#fetch(this.rangesOf(names), signal)
    for (const name of names) this.#whole.add(name)
  }

  /**
   * Fetches the pages (and dictionaries) of columns that hold these rows, given in ascending order.
   * Columns that were fetched before are there already.
   */
  async fetchRows(
    rows: ArrayLike<number>,
    signal: AbortSignal | undefined,
    names: readonly AnyColumn[] = this.columnNames(),
  ): Promise<void> {
    const ranges: ByteRange[] = []
    for (const name of names) {
      if (this.#whole.has(name)) continue
      const chunk = this.#chunk(name)
      if (chunk.start < chunk.pagesStart) ranges.push({ start: chunk.start, end: chunk.pagesStart })
      ranges.push(...pagesWith(rows, this.#pages(chunk)))
    }
    await this.#fetch(ranges, signal)
  }

  /** The names of all columns, in file order. */
  columnNames(): AnyColumn[] {
    return [...this.place.chunks.keys()].filter((name) => isColumn(name))
  }

  /** Reads of one column, with what fails in it as a `SegmentError`. */
  read<Value>(name: AnyColumn, read: (column: ColumnReader) => Value): Value {
    try {
      return read(this.column(name))
    } catch (error) {
      throw this.#failure(`column ${name} cannot be decoded`, error)
    }
  }

  /** Reads of several columns, with what fails in them as a `SegmentError`. */
  decode<Value>(what: string, read: () => Value): Value {
    try {
      return read()
    } catch (error) {
      throw this.#failure(`${what} cannot be decoded`, error)
    }
  }

  channelId(row: number): string {
    return this.read('channel_id', (column) => required(column.text(row)))
  }

  /** The rows of a user, ascending. */
  rowsOfUser(userId: string): number[] {
    return this.read('user_id', (column) => column.rowsWith(userId))
  }

  sentAtMs(row: number): number {
    return this.read('sent_at', (column) => column.number(row))
  }

  key(row: number): string {
    return this.read('id', (column) => column.key(row))
  }

  /** The reader of a column; its methods throw plain errors. */
  column(name: AnyColumn): ColumnReader {
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    const place = this.#chunk(name)
    const column = new ColumnReader(
      this.#kind(name),
      { place, pages: this.#pages(place) },
      { slice: (start, end) => this.#slice(start, end) },
    )
    this.#columns.set(name, column)
    return column
  }

  #kind(name: AnyColumn) {
    const { columns } = TABLES[this.#segment.footer.identity.projection]
    const spec = columns.find((column) => column.name === name)
    if (spec === undefined) throw new Error(`no column ${name}`)
    return spec.kind
  }

  async #fetch(ranges: readonly ByteRange[], signal: AbortSignal | undefined): Promise<void> {
    if (ranges.length === 0) return
    const { source, footer } = this.#segment
    this.#fetched.push(await fetchBytes(source, footer.layout, { ranges, signal }))
    this.#columns.clear()
  }

  #slice(start: number, end: number): Uint8Array {
    for (const fetched of this.#fetched) {
      const bytes = fetched.slice(start, end)
      if (bytes !== undefined) return bytes
    }
    throw new Error(`bytes ${start} to ${end} were not fetched`)
  }

  #chunk(name: AnyColumn): ChunkPlace {
    const chunk = this.place.chunks.get(name)
    if (chunk === undefined) throw new Error(`no column ${name}`)
    return chunk
  }

  #pages(chunk: ChunkPlace): PagePlace[] {
    try {
      return pagesOf(this.#segment.footer, chunk, this.place.rows)
    } catch (error) {
      throw this.#failure('offset index', error)
    }
  }

  #failure(detail: string, cause: unknown): SegmentError {
    if (cause instanceof SegmentError) return cause
    return new SegmentError('corrupt', this.#segment.source.key, { detail, cause })
  }
}

/** @throws Error for `null`. */
export function required(text: string | null | undefined): string {
  if (text === null || text === undefined) throw new Error('null in a required column')
  return text
}

const COLUMN_NAMES: ReadonlySet<string> = new Set(
  Object.values(TABLES).flatMap(({ columns }) => columns.map(({ name }) => name)),
)

function isColumn(name: string): name is AnyColumn {
  return COLUMN_NAMES.has(name)
}
