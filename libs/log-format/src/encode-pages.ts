import type { Encoding } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer'
import { deltaBinaryPack } from 'hyparquet-writer/src/delta.js'
import { DELTA_SPREAD_MAX, bitsFor, writeDeltas, writeHybrid } from './bit-packing.ts'
import type { ByteSink } from './byte-sink.ts'
import type { ColumnSpec } from './columns.ts'
import type { ColumnValues, DictionaryValues, TextValues } from './column-values.ts'

const PAGE_BYTES = 65_536
const KEY_BYTES = 16
const INDEX_BYTES = 4
const TIME_BYTES = 8

/** Rows `[start, end)` of a column, which become one page. */
export interface PageRows {
  readonly start: number
  readonly end: number
}

/** Where a column is cut into pages of about 64 KiB. */
export function pageRowsOf(values: ColumnValues): PageRows[] {
  switch (values.kind) {
    case 'dictionary':
      return evenPages(values.rows, PAGE_BYTES / INDEX_BYTES)
    case 'time':
      return evenPages(values.rows, PAGE_BYTES / TIME_BYTES)
    case 'uuid':
      return evenPages(values.rows, PAGE_BYTES / KEY_BYTES)
    case 'text':
      return textPages(values)
  }
}

/** Writes 0 for each row without a value and 1 for the others, as Parquet's definition levels. */
export function writeLevels(
  sink: ByteSink,
  values: ColumnValues,
  { start, end }: PageRows,
): number {
  const levels = new Int32Array(end - start).fill(1)
  const nulls = values.nulls === 0 ? 0 : markNulls(levels, marksOf(values), start)
  writeHybrid(sink, levels, 1)
  return nulls
}

/** Writes the values of a page, without those that are null. */
export function writeValues(sink: ByteSink, values: ColumnValues, { start, end }: PageRows): void {
  switch (values.kind) {
    case 'dictionary':
      writeIndexes(sink, withoutNulls(values.indexes.subarray(start, end), values.nulls))
      return
    case 'time':
      writeTimes(sink, values.times.subarray(start, end))
      return
    case 'uuid':
      sink.append(values.bytes.subarray(start * KEY_BYTES, end * KEY_BYTES))
      return
    case 'text':
      writeTexts(sink, values, { start, end })
  }
}

/** The entries of a dictionary, one after the other: texts with their length, numbers in the column's width. */
export function writeDictionary(
  sink: ByteSink,
  { entries }: DictionaryValues,
  kind: ColumnSpec['kind'],
): void {
  for (const entry of entries) {
    if (typeof entry === 'string') writeEntry(sink, entry)
    else {
      sink.u32(entry % 2 ** 32)
      if (kind === 'time') sink.u32(Math.floor(entry / 2 ** 32))
    }
  }
}

export function encodingOf(values: ColumnValues): Encoding {
  switch (values.kind) {
    case 'dictionary':
      return 'RLE_DICTIONARY'
    case 'time':
      return 'DELTA_BINARY_PACKED'
    case 'uuid':
      return 'PLAIN'
    case 'text':
      return 'DELTA_LENGTH_BYTE_ARRAY'
  }
}

function evenPages(rows: number, pageRows: number): PageRows[] {
  const pages: PageRows[] = []
  for (let start = 0; start < rows; start += pageRows) {
    pages.push({ start, end: Math.min(start + pageRows, rows) })
  }
  return pages
}

function textPages({ lengths, rows }: TextValues): PageRows[] {
  const pages: PageRows[] = []
  let start = 0
  let sizeBytes = 0
  for (let row = 0; row < rows; row += 1) {
    const length = Math.max(lengths[row] ?? 0, 0)
    if (sizeBytes + length >= PAGE_BYTES && row > start) {
      pages.push({ start, end: row })
      start = row
      sizeBytes = 0
    }
    sizeBytes += length
  }
  pages.push({ start, end: rows })
  return pages
}

function marksOf(values: ColumnValues): Int32Array {
  if (values.kind === 'dictionary') return values.indexes
  if (values.kind === 'text') return values.lengths
  throw new Error(`null in a column of ${values.kind}`)
}

/** Sets 0 for each row from `start` on that is marked as null; returns how many. */
function markNulls(levels: Int32Array, marks: Int32Array, start: number): number {
  let nulls = 0
  for (let row = 0; row < levels.length; row += 1) {
    if (marks[start + row] !== -1) continue
    levels[row] = 0
    nulls += 1
  }
  return nulls
}

/** In one pass: `filter` with a call-back takes five times as long. */
function withoutNulls(marks: Int32Array, nulls: number): Int32Array {
  if (nulls === 0) return marks
  const present = new Int32Array(marks.length)
  let count = 0
  for (let row = 0; row < marks.length; row += 1) {
    const mark = marks[row] ?? -1
    if (mark === -1) continue
    present[count] = mark
    count += 1
  }
  return present.subarray(0, count)
}

function writeIndexes(sink: ByteSink, indexes: Int32Array): void {
  let max = 0
  for (const index of indexes) if (index > max) max = index
  const bits = bitsFor(max)
  sink.byte(bits)
  writeHybrid(sink, indexes, bits)
}

function writeTimes(sink: ByteSink, times: Float64Array): void {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const time of times) {
    if (time < min) min = time
    if (time > max) max = time
  }
  // A difference is at most `max - min` either way, so they spread by twice as much.
  if (2 * (max - min) < DELTA_SPREAD_MAX) writeDeltas(sink, times)
  else {
    const writer = new ByteWriter()
    deltaBinaryPack(writer, [...times].map(BigInt), 'INT64')
    sink.append(writer.getBytes())
  }
}

function writeTexts(sink: ByteSink, values: TextValues, { start, end }: PageRows): void {
  const { lengths, bytes, nulls } = values
  writeDeltas(sink, withoutNulls(lengths.subarray(start, end), nulls))
  let from = 0
  for (let row = 0; row < start; row += 1) from += Math.max(lengths[row] ?? 0, 0)
  let to = from
  for (let row = start; row < end; row += 1) to += Math.max(lengths[row] ?? 0, 0)
  sink.append(bytes.subarray(from, to))
}

function writeEntry(sink: ByteSink, text: string): void {
  const bytesMax = text.length * 3
  const at = sink.length
  sink.u32(0)
  const memory = sink.reserve(bytesMax)
  const view = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength)
  const written = view.write(text, at + 4)
  view.writeUInt32LE(written, at)
  sink.skip(written)
}
