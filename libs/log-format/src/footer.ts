import { parquetMetadata } from 'hyparquet'
import type { ColumnChunk, FileMetaData, RowGroup, SchemaElement } from 'hyparquet'
import type { SegmentLayout } from './checksums.ts'
import { COLUMNS, SCHEMA } from './columns.ts'
import type { ColumnName } from './columns.ts'
import { METADATA_KEY, readMetadata } from './segment-metadata.ts'
import type { SegmentMetadata } from './segment-metadata.ts'

/** No writer makes a larger row group; what claims more is not believed. */
const ROW_GROUP_ROWS_MAX = 65_536
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

/** One row group: what its statistics say, and where its bytes `[start, end)` and columns lie. */
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
  readonly chunks: ReadonlyMap<ColumnName, ChunkPlace>
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
  checkSchema(parquet.schema)
  const rowGroups = parquet.row_groups.map((group) => placeOf(group, dataBytes))
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
        stringFromBytes: (bytes) => Buffer.from(bytes).toString('utf8'),
      },
    })
  } catch (error) {
    throw new FooterError('corrupt', 'footer cannot be parsed', { cause: error })
  }
}

/** Columns this version does not know are let be; those it knows must be as it knows them. */
function checkSchema(schema: readonly SchemaElement[]): void {
  for (const expected of SCHEMA.slice(1)) {
    const found = schema.find(({ name }) => name === expected.name)
    const isSame =
      found?.type === expected.type &&
      found?.type_length === expected.type_length &&
      found?.repetition_type === expected.repetition_type &&
      found?.converted_type === expected.converted_type
    if (!isSame) throw new FooterError('corrupt', `column ${expected.name} is not as expected`)
  }
}

function placeOf(group: RowGroup, dataBytes: number): RowGroupPlace {
  const rows = Number(group.num_rows)
  if (!(rows > 0 && rows <= ROW_GROUP_ROWS_MAX)) {
    throw new FooterError('corrupt', `row group of ${rows} rows`)
  }
  const chunks = new Map<ColumnName, ChunkPlace>()
  let start = dataBytes
  let end = 0
  for (const spec of COLUMNS) {
    const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === spec.name)
    const place = chunkPlaceOf(chunk, dataBytes)
    chunks.set(spec.name, place)
    start = Math.min(start, place.start)
    end = Math.max(end, place.end)
  }
  const channel = bounds(group, 'channel_id')
  const sent = bounds(group, 'sent_at')
  const user = bounds(group, 'user_id')
  if (typeof channel.min !== 'string' || typeof channel.max !== 'string') {
    throw new FooterError('corrupt', 'no statistics of channel_id')
  }
  if (typeof sent.min !== 'number' || typeof sent.max !== 'number') {
    throw new FooterError('corrupt', 'no statistics of sent_at')
  }
  return {
    rows,
    start,
    end,
    channelMin: channel.min,
    channelMax: channel.max,
    sentMinMs: sent.min,
    sentMaxMs: sent.max,
    userMin: typeof user.min === 'string' ? user.min : undefined,
    userMax: typeof user.max === 'string' ? user.max : undefined,
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

function bounds(group: RowGroup, name: ColumnName): { min: unknown; max: unknown } {
  const chunk = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)
  const statistics = chunk?.meta_data?.statistics
  return { min: statistics?.min_value, max: statistics?.max_value }
}
