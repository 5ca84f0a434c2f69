import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { ColumnName, ColumnSpec, TableSpec, WordColumnName } from './columns.ts'
import type { ColumnValues } from './column-values.ts'
import { BOUND_BYTES_MAX, writeChunk } from './write-chunk.ts'

const FOOTER_END_BYTES = 8
const CREATED_BY = 'poglog version 1'

/** The values of one row group by the name of their column. */
export type ColumnData = Readonly<Partial<Record<ColumnName | WordColumnName, ColumnValues>>>

/** A Parquet file written row group by row group, each handed out as soon as it is encoded. */
export class SegmentFile {
  readonly #bytes = new ByteWriter(1 << 20)
  readonly #parquet: ParquetWriter
  readonly #table: TableSpec
  readonly #level: number

  /** @param level zstd's. */
  constructor(table: TableSpec, level: number) {
    this.#table = table
    this.#level = level
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: [...table.schema],
      statisticsTruncateLength: BOUND_BYTES_MAX,
      createdBy: CREATED_BY,
    })
  }

  /** The magic number that opens the file; to be taken before the first row group. */
  start(): Uint8Array {
    return this.#drain()
  }

  /** @throws Error when a column is missing or has another number of rows. */
  writeRowGroup(data: ColumnData, rows: number): Uint8Array {
    const start = this.#bytes.offset
    const chunks = this.#table.columns.map((spec) => this.#writeColumn(spec, data, rows))
    const sizes = chunks.map(({ chunk }) => chunk.meta_data?.total_uncompressed_size ?? 0n)
    this.#parquet.num_rows += BigInt(rows)
    this.#parquet.row_groups.push({
      columns: chunks.map(({ chunk }) => chunk),
      total_byte_size: sizes.reduce((sum, size) => sum + size, 0n),
      num_rows: BigInt(rows),
      total_compressed_size: BigInt(this.#bytes.offset - start),
      sorting_columns: this.#table.sortedBy.map((name) => ({
        column_idx: this.#table.columns.findIndex((spec) => spec.name === name),
        descending: false,
        nulls_first: false,
      })),
    })
    this.#parquet.pendingIndexes.push(...chunks)
    return this.#drain()
  }

  /** The page indexes, which follow the last row group, and the footer that ends the file. */
  finish(metadata: ReadonlyMap<string, string>): { indexes: Uint8Array; footer: Uint8Array } {
    this.#parquet.kvMetadata = [...metadata].map(([key, value]) => ({ key, value }))
    // It is synchronous: the writer has no flush to wait for.
    void this.#parquet.finish()
    const rest = this.#drain()
    const lengthAt = rest.length - FOOTER_END_BYTES
    const footerLength = new DataView(rest.buffer, rest.byteOffset).getUint32(lengthAt, true)
    const footerAt = lengthAt - footerLength
    return { indexes: rest.subarray(0, footerAt), footer: rest.subarray(footerAt) }
  }

  #writeColumn(spec: ColumnSpec, data: ColumnData, rows: number) {
    const values = new Map<string, ColumnValues>(Object.entries(data)).get(spec.name)
    const element = this.#table.schema.find(({ name }) => name === spec.name)
    if (values?.rows !== rows || element === undefined) {
      throw new Error(`column ${spec.name} has ${values?.rows} of ${rows} rows`)
    }
    if (values.nulls > 0 && !spec.isOptional) throw new Error(`null in column ${spec.name}`)
    return writeChunk({ writer: this.#bytes, spec, element, level: this.#level }, values)
  }

  #drain(): Uint8Array {
    const bytes = this.#bytes.getBytes().slice()
    this.#bytes.index = 0
    return bytes
  }
}
