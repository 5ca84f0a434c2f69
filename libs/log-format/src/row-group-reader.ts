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
  readonly #whole = new Set<ColumnName>()
  #all: Record<ColumnName, ColumnReader> | undefined

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
    for (const name of names) this.#whole.add(name)
  }

  /**
   * Fetches the pages (and dictionaries) of columns that hold these rows, given in ascending order.
   * Columns that were fetched before are there already.
   */
  async fetchRows(
    rows: ArrayLike<number>,
    signal: AbortSignal | undefined,
    names: readonly ColumnName[] = ALL_COLUMNS,
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

  channelId(row: number): string {
    return this.#decode('channel_id', (column) => required(column.text(row)))
  }

  userId(row: number): string {
    return this.#decode('user_id', (column) => column.text(row)) ?? ''
  }

  /** The rows of a user, ascending. */
  rowsOfUser(userId: string): number[] {
    return this.#decode('user_id', (column) => column.rowsWith(userId))
  }

  type(row: number): string {
    return this.#decode('type', (column) => required(column.text(row)))
  }

  sentAtMs(row: number): number {
    return this.#decode('sent_at', (column) => column.time(row))
  }

  key(row: number): string {
    return this.#decode('id', (column) => column.key(row))
  }

  record(row: number): LogRecord {
    try {
      return this.#record(row, (this.#all ??= this.#openAll()))
    } catch (error) {
      if (error instanceof SegmentError) throw error
      throw this.#corrupt(`row ${row} cannot be decoded`, error)
    }
  }

  #record(row: number, columns: Record<ColumnName, ColumnReader>): LogRecord {
    const fields = {
      channelId: required(columns.channel_id.text(row)),
      channelLogin: required(columns.channel_login.text(row)),
      userId: columns.user_id.text(row) ?? '',
      sentAtMs: columns.sent_at.time(row),
      key: columns.id.key(row),
    }
    const raw = rebuildLine(fields, {
      login: columns.login.text(row),
      displayName: columns.display_name.text(row),
      color: columns.color.text(row),
      badges: columns.badges.text(row),
      badgeInfo: columns.badge_info.text(row),
      emotes: columns.emotes.text(row),
      text: columns.text.text(row),
      tags: columns.tags.text(row),
      shape: columns.shape.text(row),
      raw: columns.raw.text(row),
    })
    if (raw === undefined) throw this.#corrupt(`the line of row ${row} cannot be rebuilt`)
    const typeName = required(columns.type.text(row))
    const type = recordTypeOf(typeName)
    if (type === undefined) {
      const detail = `record type ${typeName}`
      throw new SegmentError('unsupported', this.#source.key, { detail })
    }
    const receivedAtMs = columns.received_at.time(row)
    const { channelId, channelLogin, userId, sentAtMs, key } = fields
    return { channelId, channelLogin, userId, sentAtMs, receivedAtMs, type, key, raw }
  }

  #openAll(): Record<ColumnName, ColumnReader> {
    const open = (name: ColumnName): ColumnReader => this.#column(name)
    return {
      channel_id: open('channel_id'),
      user_id: open('user_id'),
      sent_at: open('sent_at'),
      type: open('type'),
      channel_login: open('channel_login'),
      received_at: open('received_at'),
      login: open('login'),
      display_name: open('display_name'),
      color: open('color'),
      badges: open('badges'),
      badge_info: open('badge_info'),
      emotes: open('emotes'),
      text: open('text'),
      tags: open('tags'),
      shape: open('shape'),
      raw: open('raw'),
      id: open('id'),
    }
  }

  async #fetch(ranges: readonly ByteRange[], signal: AbortSignal | undefined): Promise<void> {
    this.#fetched.push(await fetchBytes(this.#source, this.#footer.layout, { ranges, signal }))
    this.#columns.clear()
    this.#all = undefined
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

function required(text: string | null): string {
  if (text === null) throw new Error('null in a required column')
  return text
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
