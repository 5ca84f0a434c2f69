import type { parquetHeader } from 'hyparquet/src/column.js'
import { readDeltas, readHybrid } from './page-encodings.ts'
import type { Cursor } from './page-encodings.ts'
import { zstdDecompress } from './zstd.ts'

/** Pages are cut at 64 KiB; a single value can be larger. What claims more is not believed. */
export const PAGE_BYTES_MAX = 67_108_864

/** What a column's values are, as its schema says. */
export type ValueKind = 'text' | 'time' | 'uuid' | 'count'

/** Bytes of a plain value of fixed length. */
export const PLAIN_BYTES = { time: 8, uuid: 16, count: 4 } as const

/**
 * The values of a page, one for each row. One of the three is there, by the page's encoding.
 *
 * - `entries`: indexes into the column's dictionary, -1 for null.
 * - `numbers`: times and counts.
 * - `places`: for text and ids, where in `bytes` each value begins and, at the next index of the same array, where it
 *   ends: value `row` is `[places[2 * row], places[2 * row + 1])`; begin -1 for null.
 */
export interface PageValues {
  readonly entries: Int32Array | undefined
  readonly numbers: Float64Array | undefined
  readonly places: Int32Array | undefined
  readonly bytes: Buffer
}

const NO_BYTES = Buffer.alloc(0)

type DataPageHeaderV2 = NonNullable<ReturnType<typeof parquetHeader>['data_page_header_v2']>

/**
 * Decodes the body of a data page (v2).
 *
 * @throws Error when it makes no sense.
 */
export function decodePage(
  body: Uint8Array,
  header: DataPageHeaderV2 & { readonly sizeBytes: number; readonly isCompressed: boolean },
  kind: ValueKind,
): PageValues {
  const { num_rows: rows, num_nulls: nulls, sizeBytes, isCompressed } = header
  const levelBytes = header.definition_levels_byte_length
  if (header.repetition_levels_byte_length !== 0) throw new Error('repetition levels')
  if (!(nulls >= 0 && nulls <= rows && levelBytes >= 0 && levelBytes <= body.length)) {
    throw new Error('page header')
  }
  const levels = nulls === 0 ? undefined : new Int32Array(rows)
  if (levels !== undefined) readHybrid({ bytes: body.subarray(0, levelBytes), at: 0 }, 1, levels)
  const packed = body.subarray(levelBytes)
  const isPlain = !isCompressed || header.is_compressed === false
  const bytes = isPlain ? packed : zstdDecompress(packed, sizeBytes - levelBytes)
  const cursor = { bytes, at: 0 }
  const values = rows - nulls
  const { encoding } = header
  if (encoding === 'RLE_DICTIONARY') return spreadEntries(entriesOf(cursor, values), levels)
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') {
    return placesPage(bytes, deltaLengthPlaces(cursor, values), levels)
  }
  if (encoding === 'DELTA_BINARY_PACKED') {
    const numbers = new Float64Array(values)
    readDeltas(cursor, numbers)
    return numbersPage(numbers, levels)
  }
  if (encoding === 'PLAIN') return plainPage(bytes, { kind, values }, levels)
  throw new Error(`encoding ${encoding}`)
}

function entriesOf(cursor: Cursor, count: number): Int32Array {
  const entries = new Int32Array(count)
  const width = cursor.bytes[0]
  if (count === 0) return entries
  if (width === undefined) throw new Error('no dictionary entries')
  cursor.at = 1
  if (width > 0) readHybrid(cursor, width, entries)
  return entries
}

function spreadEntries(entries: Int32Array, levels: Int32Array | undefined): PageValues {
  const spread = levels === undefined ? entries : new Int32Array(levels.length).fill(-1)
  if (levels !== undefined) {
    let next = 0
    for (let row = 0; row < levels.length; row += 1) {
      if (levels[row] !== 1) continue
      spread[row] = entries[next] ?? -1
      next += 1
    }
    if (next !== entries.length) throw new Error('definition levels')
  }
  return { entries: spread, numbers: undefined, places: undefined, bytes: NO_BYTES }
}

function numbersPage(numbers: Float64Array, levels: Int32Array | undefined): PageValues {
  if (levels !== undefined) throw new Error('null in a column of numbers')
  return { entries: undefined, numbers, places: undefined, bytes: NO_BYTES }
}

function deltaLengthPlaces(cursor: Cursor, count: number): Int32Array {
  const lengths = new Float64Array(count)
  readDeltas(cursor, lengths)
  const places = new Int32Array(count * 2)
  let at = cursor.at
  for (let index = 0; index < count; index += 1) {
    const length = lengths[index] ?? -1
    if (!(length >= 0)) throw new Error('length of a text')
    places[index * 2] = at
    at += length
    if (at > cursor.bytes.length) throw new Error('texts end early')
    places[index * 2 + 1] = at
  }
  return places
}

function placesPage(
  bytes: Uint8Array,
  places: Int32Array,
  levels: Int32Array | undefined,
): PageValues {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (levels === undefined) {
    return { entries: undefined, numbers: undefined, places, bytes: buffer }
  }
  const spread = new Int32Array(levels.length * 2).fill(-1)
  let next = 0
  for (let row = 0; row < levels.length; row += 1) {
    if (levels[row] !== 1) continue
    spread[row * 2] = places[next] ?? -1
    spread[row * 2 + 1] = places[next + 1] ?? -1
    next += 2
  }
  if (next !== places.length) throw new Error('definition levels')
  return { entries: undefined, numbers: undefined, places: spread, bytes: buffer }
}

function plainPage(
  bytes: Uint8Array,
  { kind, values }: { kind: ValueKind; values: number },
  levels: Int32Array | undefined,
): PageValues {
  if (kind === 'text') return placesPage(bytes, plainTextPlaces(bytes, values), levels)
  if (bytes.length < values * PLAIN_BYTES[kind]) throw new Error('plain values end early')
  if (kind === 'uuid') {
    const places = new Int32Array(values * 2)
    for (let index = 0; index < places.length; index += 1) places[index] = ((index + 1) >> 1) * 16
    return placesPage(bytes, places, levels)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const numbers = Float64Array.from({ length: values }, (_, index) =>
    kind === 'time' ? Number(view.getBigInt64(index * 8, true)) : view.getInt32(index * 4, true),
  )
  return numbersPage(numbers, levels)
}

function plainTextPlaces(bytes: Uint8Array, count: number): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (count * 4 > bytes.length) throw new Error('plain texts end early')
  const places = new Int32Array(count * 2)
  let at = 0
  for (let index = 0; index < count; index += 1) {
    places[index * 2] = at + 4
    at += 4 + view.getUint32(at, true) // Throws beyond the end.
    if (at > bytes.length) throw new Error('plain texts end early')
    places[index * 2 + 1] = at
  }
  return places
}
