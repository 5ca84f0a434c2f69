import { deltaBinaryUnpack } from 'hyparquet/src/delta.js'

/** Widest bit width of dictionary entries that is believed: 16 million entries. */
const INDEX_WIDTH_MAX = 24
/** Widest bit width, and longest varint, that doubles hold exactly together with what is added to them. */
const EXACT_WIDTH_MAX = 48
const EXACT_VARINT_BYTES = 7
const MINIBLOCK_VALUES_MAX = 65_536

/** Where a decoder stands in a page. */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/**
 * Decodes Parquet's hybrid of run lengths and bit-packed values until `values` is full.
 *
 * @throws Error when the bytes end before.
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */
export function readHybrid(cursor: Cursor, width: number, values: Int32Array): void {
  if (width > INDEX_WIDTH_MAX) throw new Error(`dictionary entries of ${width} bits`)
  const { bytes } = cursor
  let filled = 0
  while (filled < values.length) {
    const header = readVarint(cursor)
    const isPacked = header % 2 === 1
    const count = isPacked ? (header - 1) * 4 : header / 2
    const wanted = Math.min(count, values.length - filled)
    if (wanted === 0) throw new Error('an empty run')
    if (isPacked) {
      const end = cursor.at + Math.ceil((wanted * width) / 8)
      if (end > bytes.length) throw new Error('bit-packed values end early')
      unpack(cursor, width, values.subarray(filled, filled + wanted))
      cursor.at = end // Only the last run can be longer than what is wanted of it.
    } else {
      let value = 0
      for (let shift = 0; shift < width; shift += 8) value |= readByte(cursor) << shift
      values.fill(value, filled, filled + wanted)
    }
    filled += wanted
  }
}

function unpack({ bytes, at }: Cursor, width: number, values: Int32Array): void {
  const mask = 2 ** width - 1
  let next = at
  let buffer = 0
  let bits = 0
  for (let index = 0; index < values.length; index += 1) {
    while (bits < width) {
      buffer |= (bytes[next] ?? 0) << bits
      next += 1
      bits += 8
    }
    values[index] = buffer & mask
    buffer >>>= width
    bits -= width
  }
}

/**
 * Decodes DELTA_BINARY_PACKED integers. In doubles, which hold every time and length; what might not be exact in them
 * goes the slow way through bigints.
 *
 * @throws Error when the bytes make no sense.
 */
export function readDeltas(cursor: Cursor, values: Float64Array): void {
  const start = cursor.at
  if (values.length === 0) return
  if (readExactDeltas(cursor, values)) return
  const { bytes } = cursor
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const reader = { view, offset: start }
  const exact = new BigInt64Array(values.length)
  deltaBinaryUnpack(reader, values.length, exact)
  for (let index = 0; index < exact.length; index += 1) values[index] = Number(exact[index])
  cursor.at = reader.offset
}

/** `false` when a number was too large to be exact. */
function readExactDeltas(cursor: Cursor, values: Float64Array): boolean {
  const blockValues = readVarint(cursor)
  const miniblocks = readVarint(cursor)
  const perMiniblock = blockValues / miniblocks
  const isSound =
    perMiniblock >= 8 && perMiniblock <= MINIBLOCK_VALUES_MAX && perMiniblock % 8 === 0
  if (!isSound) throw new Error('delta header')
  readVarint(cursor) // The count again.
  const first = readZigzag(cursor)
  if (first === undefined) return false
  values[0] = first
  let filled = 1
  while (filled < values.length) {
    const least = readZigzag(cursor)
    if (least === undefined) return false
    const widths = cursor.bytes.subarray(cursor.at, cursor.at + miniblocks)
    cursor.at += miniblocks
    for (let block = 0; block < miniblocks && filled < values.length; block += 1) {
      const width = widths[block]
      if (width === undefined) throw new Error('delta block ends early')
      if (width > EXACT_WIDTH_MAX) return false
      const end = Math.min(filled + perMiniblock, values.length)
      addDeltas(cursor, { least, width }, { values, filled, end })
      cursor.at += (perMiniblock * width) / 8
      filled = end
    }
  }
  if (cursor.at > cursor.bytes.length) throw new Error('deltas end early')
  return true
}

/** Fills `[filled, end)`, each value the one before it plus `least` plus `width` packed bits. */
function addDeltas(
  { bytes, at }: Cursor,
  { least, width }: { least: number; width: number },
  { values, filled, end }: { values: Float64Array; filled: number; end: number },
): void {
  let value = values[filled - 1] ?? 0
  const lowWidth = Math.min(width, INDEX_WIDTH_MAX)
  let bit = at * 8
  for (let index = filled; index < end; index += 1) {
    value += least
    if (width > 0) {
      value += bitsAt(bytes, bit, lowWidth)
      if (width > lowWidth) value += bitsAt(bytes, bit + lowWidth, width - lowWidth) * 2 ** lowWidth
      bit += width
    }
    values[index] = value
  }
}

/** Up to 24 bits; bits beyond the end are 0, and the caller finds that it went beyond. */
function bitsAt(bytes: Uint8Array, bit: number, width: number): number {
  const at = Math.floor(bit / 8)
  const word =
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  return (word >>> (bit % 8)) & (2 ** width - 1)
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at]
  if (byte === undefined) throw new Error('page ends early')
  cursor.at += 1
  return byte
}

/** An unsigned varint of a few bytes. */
function readVarint(cursor: Cursor): number {
  const value = readLongVarint(cursor)
  if (value === undefined || value > 0xffff_ffff) throw new Error('varint')
  return value
}

/** `undefined` for a varint that a double might not hold exactly. */
function readLongVarint(cursor: Cursor): number | undefined {
  let value = 0
  let unit = 1
  for (let length = 1; length <= EXACT_VARINT_BYTES; length += 1) {
    const byte = readByte(cursor)
    value += (byte % 128) * unit
    if (byte < 128) return value
    unit *= 128
  }
  return undefined
}

function readZigzag(cursor: Cursor): number | undefined {
  const value = readLongVarint(cursor)
  if (value === undefined) return undefined
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}
