import { parquetMetadata } from 'hyparquet'
import type { ColumnChunk, FileMetaData, RowGroup, SchemaElement } from 'hyparquet'
import type { SegmentLayout } from './checksums.ts'
import { TABLES } from './columns.ts'
import type { TableSpec } from './columns.ts'
import { METADATA_KEY, readMetadata } from './segment-metadata.ts'
import type { SegmentMetadata } from './segment-metadata.ts'

/** No writer makes a larger row group; what claims more is not believed. */
const ROW_GROUP_ROWS_MAX = 262_144
const FILE_MAGIC_BYTES = 4

/** Where one column of a row group lies: `[start, pagesStart)` its dictionary, `[pagesStart, end)` its pages. */
export interface ChunkPlace {
  readonly start: number
  readonly pagesStart: number
  readonly end: number
  /** Its offset index; both 0 when the column has a single page. */
  readonly indexStart: number
  readonly indexEnd: number
  readonly isCompressed: boolean
}

/**
 * One row group: what its statistics say, and where its bytes `[start, end)` and columns lie. In a words segment the
 * sent times are the hours. Bounds of text are byte strings (a character a byte), so that `<` compares as Parquet does.
 */
export interface RowGroupPlace {
  readonly rows: number
  readonly start: number
  readonly end: number
  readonly channelMin: string
  readonly channelMax: string
  readonly sentMinMs: number
  readonly sentMaxMs: number
  /** `undefined` when the group has no user at all. */
  readonly userMin: string | undefined
  readonly userMax: string | undefined
  /** Of the folded words; may be cut short, but stay bounds. `undefined` where nothing is known. */
  readonly wordMin: string | undefined
  readonly wordMax: string | undefined
  readonly chunks: ReadonlyMap<string, ChunkPlace>
}

/** All that is known of a segment once it has been opened; immutable, so it can be kept. */
export interface SegmentFooter extends SegmentMetadata {
  readonly sizeBytes: number
  readonly layout: SegmentLayout
  readonly rowGroups: readonly RowGroupPlace[]
  /** The page indexes, which begin at `indexesStart`. */
  readonly indexesStart: number
  readonly indexes: Uint8Array
  /** About what it takes in memory. */
  readonly memoryBytes: number
}

export type ParsedFooter = Pick<
  SegmentFooter,
  'identity' | 'summary' | 'rowGroups' | 'indexesStart'
>

/** Why a footer whose checksum is right cannot be used. */
export class FooterError extends Error {
  override readonly name = 'FooterError'
  readonly kind: 'corrupt' | 'unsupported'

  constructor(kind: 'corrupt' | 'unsupported', detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.kind = kind
  }
}

/**
 * Reads a Parquet footer (with its length and `PAR1`) and believes none of its numbers: each place
 * must lie within the data, and the row counts must add up.
 *
 * @throws {FooterError}
 */
export function parseFooter(footer: Uint8Array, { dataBytes }: SegmentLayout): ParsedFooter {
  const parquet = parseParquet(footer)
  const json = parquet.key_value_metadata?.find(({ key }) => key === METADATA_KEY)?.value
  const metadata = readMetadata(json ?? '')
  if (metadata === undefined) throw new FooterError('corrupt', 'no poglog metadata')
  if (metadata === 'unsupported') throw new FooterError('unsupported', 'a newer format version')
  const table = TABLES[metadata.identity.projection]
  checkSchema(parquet.schema, table)
  const timeColumn = metadata.identity.projection === 'words' ? 'hour' : 'sent_at'
  const rowGroups = parquet.row_groups.map((group) =>
    placeOf(group, { table, timeColumn, dataBytes }),
  )
  let rows = 0
  let end = FILE_MAGIC_BYTES
  for (const group of rowGroups) {
    if (group.start < end) throw new FooterError('corrupt', 'row groups overlap')
    rows += group.rows
    end = group.end
  }
  if (rows !== metadata.summary.records) throw new FooterError('corrupt', 'row counts differ')
  return { ...metadata, rowGroups, indexesStart: end }
}

function parseParquet(footer: Uint8Array): FileMetaData {
  try {
    return parquetMetadata(footer, {
      geoparquet: false,
      parsers: {
        timestampFromMilliseconds: Number,
        stringFromBytes: (bytes) => Buffer.from(bytes).toString('latin1'),
      },
    })
  } catch (error) {
    throw new FooterError('corrupt', 'footer cannot be parsed', { cause: error })
  }
}

/** Columns this version does not know are let be; those it knows must be as it knows them. */
function checkSchema(schema: readonly SchemaElement[], table: TableSpec): void {
  for (const expected of table.schema.slice(1)) {
    const found = schema.find(({ name }) => name === expected.name)
    const isSame =
      found?.type === expected.type &&
      found?.type_length === expected.type_length &&
      found?.repetition_type === expected.repetition_type &&
      found?.converted_type === expected.converted_type
    if (!isSame) throw new FooterError('corrupt', `column ${expected.name} is not as expected`)
  }
}

function placeOf(
  group: RowGroup,
  segment: { readonly table: TableSpec; readonly timeColumn: string; readonly dataBytes: number },
): RowGroupPlace {
  const rows = Number(group.num_rows)
  if (!(rows > 0 && rows <= ROW_GROUP_ROWS_MAX)) {
    throw new FooterError('corrupt', `row group of ${rows} rows`)
  }
  const columns = new Map(
    group.columns.map((chunk) => [chunk.meta_data?.path_in_schema[0] ?? '', chunk]),
  )
  const chunks = new Map<string, ChunkPlace>()
  let start = segment.dataBytes
  let end = 0
  for (const { name } of segment.table.columns) {
    const place = chunkPlaceOf(columns.get(name), segment.dataBytes)
    chunks.set(name, place)
    start = Math.min(start, place.start)
    end = Math.max(end, place.end)
  }
  const channel = requiredBounds(columns, 'channel_id')
  const sent = bounds(columns, segment.timeColumn)
  if (typeof sent.min !== 'number' || typeof sent.max !== 'number') {
    throw new FooterError('corrupt', `no statistics of ${segment.timeColumn}`)
  }
  const user = textBounds(columns, 'user_id')
  const word = textBounds(columns, 'word_folded')
  return {
    rows,
    start,
    end,
    channelMin: channel.min,
    channelMax: channel.max,
    sentMinMs: sent.min,
    sentMaxMs: sent.max,
    userMin: user.min,
    userMax: user.max,
    wordMin: word.min,
    wordMax: word.max,
    chunks,
  }
}

function chunkPlaceOf(chunk: ColumnChunk | undefined, dataBytes: number): ChunkPlace {
  const data = chunk?.meta_data
  if (chunk === undefined || data === undefined)
    throw new FooterError('corrupt', 'a column is gone')
  const pagesStart = Number(data.data_page_offset)
  const start = Number(data.dictionary_page_offset ?? data.data_page_offset)
  const end = start + Number(data.total_compressed_size)
  const indexStart = Number(chunk.offset_index_offset ?? 0)
  const indexEnd = indexStart + (chunk.offset_index_length ?? 0)
  const isInData = start >= FILE_MAGIC_BYTES && pagesStart >= start && end > pagesStart
  const isIndexInData = indexStart >= 0 && indexEnd >= indexStart && indexEnd <= dataBytes
  if (!isInData || end > dataBytes || !isIndexInData) {
    throw new FooterError('corrupt', 'a column lies outside of the data')
  }
  if (data.codec !== 'ZSTD' && data.codec !== 'UNCOMPRESSED') {
    throw new FooterError('corrupt', `codec ${data.codec}`)
  }
  return { start, pagesStart, end, indexStart, indexEnd, isCompressed: data.codec === 'ZSTD' }
}

type Columns = ReadonlyMap<string, ColumnChunk>

function bounds(columns: Columns, name: string): { min: unknown; max: unknown } {
  const statistics = columns.get(name)?.meta_data?.statistics
  return { min: statistics?.min_value, max: statistics?.max_value }
}

function textBounds(
  columns: Columns,
  name: string,
): { min: string | undefined; max: string | undefined } {
  const { min, max } = bounds(columns, name)
  return {
    min: typeof min === 'string' ? min : undefined,
    max: typeof max === 'string' ? max : undefined,
  }
}

function requiredBounds(columns: Columns, name: string): { min: string; max: string } {
  const { min, max } = textBounds(columns, name)
  if (min === undefined || max === undefined) {
    throw new FooterError('corrupt', `no statistics of ${name}`)
  }
  return { min, max }
}
