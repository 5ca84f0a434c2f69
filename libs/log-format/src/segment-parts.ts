import type { RowGroupPlace } from './footer.ts'
import { openSegment } from './open-segment.ts'
import { recordsOf } from './record-batch.ts'
import { RowGroupReader } from './row-group-reader.ts'
import type { OpenedSegment } from './row-group-reader.ts'
import { SegmentError } from './segment-error.ts'
import { canHold, selectRows } from './select-rows.ts'
import type { LogRecord, SegmentQuery, SegmentSource } from './types.ts'
import type { ReadOptions } from './read-segment.ts'

/** What decides whether a row is wanted; the first columns of a row group, so that they are one short range. */
const ROUTING_COLUMNS = ['channel_id', 'user_id', 'sent_at', 'type'] as const

/** Which rows are wanted. Their order is the segment's. */
export type PartQuery = Omit<SegmentQuery, 'order' | 'after'>

export interface PartOptions extends ReadOptions {
  /** Whether {@link PartRows.logins} will be asked for. */
  readonly hasLogins?: boolean
}

/** A row group that may hold wanted rows, as its statistics have it: at most `rows`, sent in `[sentMinMs, sentMaxMs]`. */
export interface SegmentPart {
  readonly rows: number
  readonly sentMinMs: number
  readonly sentMaxMs: number
  /** Finds the wanted rows, by one request of a few columns. Fails as `readSegment` does. */
  readonly load: () => Promise<PartRows>
}

/**
 * Lists the row groups of a by-channel or by-user segment that may hold wanted records, for whoever needs to know of
 * records and not the records themselves: when, whose, how many. Nothing but the footer is read. Fails as `readSegment`
 * does.
 */
export async function segmentParts(
  source: SegmentSource,
  query: PartQuery,
  { footers, hasLogins = false }: PartOptions = {},
): Promise<SegmentPart[]> {
  const { signal } = query
  signal?.throwIfAborted()
  const footer = await openSegment(source, { footers, signal })
  if (footer.identity.projection === 'words') {
    throw new SegmentError('corrupt', source.key, { detail: 'no segment of records' })
  }
  const segment = { source, footer }
  const wanted: SegmentQuery = { ...query, order: 'asc' }
  const groups = footer.rowGroups.filter((group) => canHold(group, wanted))
  return groups.map((group) => ({
    rows: group.rows,
    sentMinMs: group.sentMinMs,
    sentMaxMs: group.sentMaxMs,
    load: async () => loadPart(segment, group, { wanted, hasLogins }),
  }))
}

async function loadPart(
  segment: OpenedSegment,
  group: RowGroupPlace,
  { wanted, hasLogins }: { readonly wanted: SegmentQuery; readonly hasLogins: boolean },
): Promise<PartRows> {
  const { signal } = wanted
  const reader = new RowGroupReader(segment, group)
  const columns = hasLogins ? [...ROUTING_COLUMNS, 'login' as const] : ROUTING_COLUMNS
  await reader.fetchColumns(columns, signal)
  return new PartRows(reader, selectRows(reader, wanted), { key: segment.source.key, signal })
}

/** The wanted rows of a row group; each method fails as `readSegment` does. */
export class PartRows {
  readonly #reader: RowGroupReader
  readonly #rows: Int32Array
  readonly #source: { readonly key: string; readonly signal: AbortSignal | undefined }

  constructor(
    reader: RowGroupReader,
    rows: Int32Array,
    source: { readonly key: string; readonly signal: AbortSignal | undefined },
  ) {
    this.#reader = reader
    this.#rows = rows
    this.#source = source
  }

  get length(): number {
    return this.#rows.length
  }

  /** Sent times, milliseconds since the Unix epoch. */
  sentAtMs(): Float64Array {
    return this.#reader.read('sent_at', (column) => column.numbersOf(this.#rows))
  }

  channelIds(): readonly string[] {
    return this.#reader.read('channel_id', (column) =>
      column.texts(this.#rows).map((id) => id ?? ''),
    )
  }

  /** `''` where a record belongs to nobody. */
  userIds(): readonly string[] {
    return this.#reader.read('user_id', (column) => column.texts(this.#rows).map((id) => id ?? ''))
  }

  /** Nick of the source, else the `login` tag; `null` where the line has neither. */
  logins(): readonly (string | null)[] {
    return this.#reader.read('login', (column) => column.texts(this.#rows))
  }

  /** The records of some of the rows, given by their places among them in ascending order; reads their pages. */
  async records(places: readonly number[]): Promise<LogRecord[]> {
    const rows = Int32Array.from(places, (place) => this.#rows[place] ?? -1)
    await this.#reader.fetchRows(rows, this.#source.signal)
    return recordsOf(this.#reader, rows, this.#source.key)
  }
}
