import { crc32 } from 'node:zlib'
import type { ColumnReader } from './column-reader.ts'
import type { ColumnSpec } from './columns.ts'
import type { ColumnValues } from './column-values.ts'

/** CRC-32s of what a column holds: of its different values or bytes, and of what each row has of them. */
export interface ColumnSum {
  readonly values: number
  readonly rows: number
}

/** The sum of a column that is about to be written, from its values and not from their encoding. */
export function sumOfValues(column: ColumnValues): ColumnSum {
  switch (column.kind) {
    case 'dictionary':
      return { values: sumOfEntries(column.entries), rows: crc32(column.indexes) }
    case 'time':
      return { values: crc32(column.times), rows: column.rows }
    case 'uuid':
      return { values: crc32(column.bytes), rows: column.rows }
    case 'text':
      return { values: crc32(column.bytes), rows: crc32(column.lengths) }
  }
}

/**
 * The same sum of a column that was read back, from its values as readers decode them.
 *
 * @throws Error when it cannot be decoded.
 */
export function sumOfColumn(
  column: ColumnReader,
  { kind, rows }: { readonly kind: ColumnSpec['kind']; readonly rows: number },
): ColumnSum {
  let values = 0
  let lengthSum = 0
  let indexSum: number | undefined
  for (const { firstRow } of column.pages) {
    const { entries, numbers, places, bytes } = column.page(firstRow)
    if (entries !== undefined) indexSum = crc32(entries, indexSum ?? 0)
    else if (numbers !== undefined) values = crc32(numbers, values)
    else if (places !== undefined) {
      const texts = textsOf(places)
      values = crc32(bytes.subarray(texts.start, texts.end), values)
      lengthSum = crc32(texts.lengths, lengthSum)
    }
  }
  if (indexSum !== undefined) return { values: sumOfDictionary(column, kind), rows: indexSum }
  return { values, rows: kind === 'text' ? lengthSum : rows }
}

function sumOfEntries(entries: readonly (string | number)[]): number {
  let sum = 0
  for (const entry of entries) sum = crc32(`${entry}\n`, sum)
  return sum
}

function sumOfDictionary(column: ColumnReader, kind: ColumnSpec['kind']): number {
  if (kind !== 'text') return sumOfEntries([...column.numbers()])
  const dictionary = column.dictionary()
  let sum = 0
  for (let index = 0; index < dictionary.size; index += 1) {
    sum = crc32(`${dictionary.text(index)}\n`, sum)
  }
  return sum
}

/** Where the texts of a page lie, one right behind the other, and how long each is; -1 for null. */
function textsOf(places: Int32Array): { start: number; end: number; lengths: Int32Array } {
  const lengths = new Int32Array(places.length / 2).fill(-1)
  let start = 0
  let end = -1
  for (let row = 0; row < lengths.length; row += 1) {
    const from = places[row * 2] ?? -1
    const to = places[row * 2 + 1] ?? -1
    if (from === -1) continue
    if (end === -1) start = from
    else if (from !== end) throw new Error('texts do not follow each other')
    end = to
    lengths[row] = to - from
  }
  return { start, end: Math.max(end, start), lengths }
}
