import type { ColumnChunk, OffsetIndex } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { ColumnSource } from 'hyparquet-writer'
import type { ColumnName, ColumnSpec, TableSpec } from './columns.ts'
import { zstdCompress } from './zstd.ts'

const PAGE_BYTES = 65_536
const FOOTER_END_BYTES = 8
const CREATED_BY = 'poglog version 1'

/** The values of one row group of records, column by column. Times are bigints, ids and free text bytes. */
export type RowGroupColumns = { readonly [Name in ColumnName]: unknown[] }

/** The values of one row group by the name of their column. */
export type ColumnData = Readonly<Record<string, unknown[]>>

/** One row group as it was written: its bytes, where they lie in the file, and the layout of each column. */
export interface WrittenRowGroup {
  readonly bytes: Uint8Array
  readonly fileOffset: number
  readonly rows: number
  readonly chunks: readonly { chunk: ColumnChunk; offsetIndex: OffsetIndex | undefined }[]
}

/** A Parquet file written row group by row group, each handed out as soon as it is encoded. */
export class SegmentFile {
  readonly #bytes = new ByteWriter(1 << 20)
  readonly #parquet: ParquetWriter
  readonly #table: TableSpec

  constructor(table: TableSpec, level: number) {
    this.#table = table
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: [...table.schema],
      codec: 'ZSTD',
      compressors: { ZSTD: (bytes) => zstdCompress(bytes, level) },
      statistics: false,
      statisticsTruncateLength: 32, // Above every id: their bounds stay exact; those of long words are shortened.
      createdBy: CREATED_BY,
    })
  }

  /** The magic number that opens the file; to be taken before the first row group. */
  start(): Uint8Array {
    return this.#drain()
  }

  writeRowGroup(data: ColumnData, rows: number): WrittenRowGroup {
    const { columns, sortedBy } = this.#table
    const fileOffset = this.#bytes.offset
    // It is synchronous: the writer has no flush to wait for.
    void this.#parquet.write({
      columnData: columns.map((spec) => columnSource(spec, data[spec.name])),
      rowGroupSize: rows,
      pageSize: PAGE_BYTES,
    })
    const group = this.#parquet.row_groups.at(-1)
    if (group === undefined) throw new Error('no row group was written')
    group.sorting_columns = sortedBy.map((name) => ({
      column_idx: columns.findIndex((spec) => spec.name === name),
      descending: false,
      nulls_first: false,
    }))
    const chunks = this.#parquet.pendingIndexes
      .slice(-columns.length)
      .map(({ chunk, offsetIndex }) => ({ chunk, offsetIndex }))
    return { bytes: this.#drain(), fileOffset, rows, chunks }
  }

  /** The page indexes, which follow the last row group, and the footer that ends the file. */
  finish(metadata: ReadonlyMap<string, string>): { indexes: Uint8Array; footer: Uint8Array } {
    this.#parquet.kvMetadata = [...metadata].map(([key, value]) => ({ key, value }))
    void this.#parquet.finish()
    const rest = this.#drain()
    const lengthAt = rest.length - FOOTER_END_BYTES
    const footerLength = new DataView(rest.buffer, rest.byteOffset).getUint32(lengthAt, true)
    const footerAt = lengthAt - footerLength
    return { indexes: rest.subarray(0, footerAt), footer: rest.subarray(footerAt) }
  }

  #drain(): Uint8Array {
    const bytes = this.#bytes.getBytes().slice()
    this.#bytes.index = 0
    return bytes
  }
}

function columnSource(spec: ColumnSpec, data: unknown[] | undefined): ColumnSource {
  if (data === undefined) throw new Error(`no values for column ${spec.name}`)
  return {
    name: spec.name,
    data,
    encoding: spec.encoding,
    codec: spec.isRandom ? 'UNCOMPRESSED' : 'ZSTD',
    statistics: spec.hasStatistics,
    columnIndex: spec.hasPageIndex,
  }
}
