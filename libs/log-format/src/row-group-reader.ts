import type { ByteRange } from '@poglog/object-store'
import { COLUMNS } from './columns.ts'
import type { ColumnName } from './columns.ts'
import { ColumnReader, pagesOf } from './column-reader.ts'
import type { PagePlace } from './column-reader.ts'
import { fetchBytes } from './fetch-bytes.ts'
import type { FetchedBytes } from './fetch-bytes.ts'
import type { ChunkPlace, RowGroupPlace, SegmentFooter } from './footer.ts'
import { rebuildLine } from './rebuild-line.ts'
import { recordTypeOf } from './record-types.ts'
import { SegmentError } from './segment-error.ts'
import type { LogRecord, SegmentSource } from './types.ts'

const ALL_COLUMNS: readonly ColumnName[] = COLUMNS.map(({ name }) => name)

/**
 * One row group of a segment: fetch what is needed of it, then read rows. Its memory is the bytes
 * fetched, the dictionaries and a decoded page a column.
 *
 * Every method throws {@link SegmentError} `corrupt` where the bytes make no sense.
 */
export class RowGroupReader {
  readonly place: RowGroupPlace
  readonly #source: SegmentSource
  readonly #footer: SegmentFooter
  readonly #columns = new Map<ColumnName, ColumnReader>()
  readonly #fetched: FetchedBytes[] = []

  constructor(source: SegmentSource, footer: SegmentFooter, place: RowGroupPlace) {
    this.#source = source
    this.#footer = footer
    this.place = place
  }

  /** Fetches the whole row group. */
  async fetchAll(signal: AbortSignal | undefined): Promise<void> {
    await this.#fetch([{ start: this.place.start, end: this.place.end }], signal)
  }

  /** Fetches whole columns. */
  async fetchColumns(names: readonly ColumnName[], signal: AbortSignal | undefined): Promise<void> {
    await this.#fetch(
      names.map((name) => this.#chunk(name)),
      signal,
    )
  }

  /** Fetches the pages (and dictionaries) of columns that hold these rows, given in ascending order. */
  async fetchRows(
    rows: ArrayLike<number>,
    signal: AbortSignal | undefined,
    names: readonly ColumnName[] = ALL_COLUMNS,
  ): Promise<void> {
    const ranges = names.flatMap((name) => {
      const chunk = this.#chunk(name)
      const dictionary = { start: chunk.start, end: chunk.pagesStart }
      const pages = pagesWith(rows, this.#pages(chunk))
      return dictionary.start < dictionary.end ? [dictionary, ...pages] : pages
    })
    await this.#fetch(ranges, signal)
  }

  channelId(row: number): string {
    return this.#required('channel_id', row)
  }

  userId(row: number): string {
    return this.#text('user_id', row) ?? ''
  }

  type(row: number): string {
    return this.#required('type', row)
  }

  sentAtMs(row: number): number {
    return this.#decode('sent_at', (column) => column.time(row))
  }

  key(row: number): string {
    return this.#decode('id', (column) => column.key(row))
  }

  record(row: number): LogRecord {
    const fields = {
      channelId: this.channelId(row),
      channelLogin: this.#required('channel_login', row),
      userId: this.userId(row),
      sentAtMs: this.sentAtMs(row),
      key: this.key(row),
    }
    const raw = rebuildLine(fields, {
      login: this.#text('login', row),
      displayName: this.#text('display_name', row),
      color: this.#text('color', row),
      badges: this.#text('badges', row),
      badgeInfo: this.#text('badge_info', row),
      emotes: this.#text('emotes', row),
      text: this.#text('text', row),
      tags: this.#text('tags', row),
      shape: this.#text('shape', row),
      raw: this.#text('raw', row),
    })
    if (raw === undefined) throw this.#corrupt(`the line of row ${row} cannot be rebuilt`)
    const type = recordTypeOf(this.type(row))
    if (type === undefined) {
      const detail = `record type ${this.type(row)}`
      throw new SegmentError('unsupported', this.#source.key, { detail })
    }
    const receivedAtMs = this.#decode('received_at', (column) => column.time(row))
    const { channelId, channelLogin, userId, sentAtMs, key } = fields
    return { channelId, channelLogin, userId, sentAtMs, receivedAtMs, type, key, raw }
  }

  async #fetch(ranges: readonly ByteRange[], signal: AbortSignal | undefined): Promise<void> {
    this.#fetched.push(await fetchBytes(this.#source, this.#footer.layout, { ranges, signal }))
    this.#columns.clear()
  }

  #required(name: ColumnName, row: number): string {
    const text = this.#text(name, row)
    if (text === null) throw this.#corrupt(`no ${name} in row ${row}`)
    return text
  }

  #text(name: ColumnName, row: number): string | null {
    return this.#decode(name, (column) => column.text(row))
  }

  #decode<Value>(name: ColumnName, read: (column: ColumnReader) => Value): Value {
    try {
      return read(this.#column(name))
    } catch (error) {
      if (error instanceof SegmentError) throw error
      throw this.#corrupt(`column ${name} cannot be decoded`, error)
    }
  }

  #column(name: ColumnName): ColumnReader {
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    const place = this.#chunk(name)
    const column = new ColumnReader(
      name,
      { place, pages: this.#pages(place) },
      {
        slice: (start, end) => this.#slice(start, end),
      },
    )
    this.#columns.set(name, column)
    return column
  }

  #slice(start: number, end: number): Uint8Array {
    for (const fetched of this.#fetched) {
      const bytes = fetched.slice(start, end)
      if (bytes !== undefined) return bytes
    }
    throw new Error(`bytes ${start} to ${end} were not fetched`)
  }

  #chunk(name: ColumnName): ChunkPlace {
    const chunk = this.place.chunks.get(name)
    if (chunk === undefined) throw new Error(`no column ${name}`)
    return chunk
  }

  #pages(chunk: ChunkPlace): PagePlace[] {
    try {
      return pagesOf(this.#footer, chunk, this.place.rows)
    } catch (error) {
      throw this.#corrupt('offset index', error)
    }
  }

  #corrupt(detail: string, cause?: unknown): SegmentError {
    return new SegmentError('corrupt', this.#source.key, { detail, cause })
  }
}

function pagesWith(rows: ArrayLike<number>, pages: readonly PagePlace[]): PagePlace[] {
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
