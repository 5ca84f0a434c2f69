import type { ColumnSum } from './column-sums.ts'
import type { ColumnName, WordColumnName } from './columns.ts'

/** Of every so many rows of a row group, the first is in {@link RowGroupProof.sample}. */
export const SAMPLE_EVERY = 64

/** What one row group was encoded from. */
export interface RowGroupProof {
  readonly rows: number
  readonly columns: ReadonlyMap<ColumnName | WordColumnName, ColumnSum>
  /** The digest of every {@link SAMPLE_EVERY}th row, from the rows as they were given. */
  readonly sample: string
}

/** What a segment was encoded from, in sums: enough for `verifyStored` to compare the stored one with it. */
export interface SegmentProof {
  /** The CRC-32 of each block of the body. */
  readonly table: Uint32Array
  /** The footer's metadata. */
  readonly metadata: string
  readonly rowGroups: readonly RowGroupProof[]
}
