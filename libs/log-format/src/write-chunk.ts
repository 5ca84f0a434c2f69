import type { ColumnChunk, Encoding, OffsetIndex, SchemaElement } from 'hyparquet'
import type { ByteWriter } from 'hyparquet-writer'
import { writePageHeader } from 'hyparquet-writer/src/datapage.js'
import type { PageColumnIndex } from 'hyparquet-writer/src/types.js'
import { unconvertMinMax } from 'hyparquet-writer/src/unconvert.js'
import { ByteSink } from './byte-sink.ts'
import { boundsOf, compareBounds } from './column-bounds.ts'
import type { Bounds } from './column-bounds.ts'
import type { ColumnSpec } from './columns.ts'
import type { ColumnValues } from './column-values.ts'
import {
  encodingOf,
  pageRowsOf,
  writeDictionary,
  writeLevels,
  writeValues,
} from './encode-pages.ts'
import type { PageRows } from './encode-pages.ts'
import { zstdCompress } from './zstd.ts'

/** Above every id: their bounds stay exact; those of long words are shortened. */
export const BOUND_BYTES_MAX = 32

/** One column of a row group as it lies in the file, with what its indexes will say. */
export interface WrittenChunk {
  readonly chunk: ColumnChunk
  readonly columnIndex?: PageColumnIndex
  readonly offsetIndex?: OffsetIndex
}

export interface ChunkTarget {
  readonly writer: ByteWriter
  readonly spec: ColumnSpec
  readonly element: SchemaElement
  /** zstd level. */
  readonly level: number
}

/** A page as it lies in the file. */
interface WrittenPage extends PageRows {
  readonly offset: number
  readonly sizeBytes: number
  readonly nulls: number
}

const levels = new ByteSink()
const body = new ByteSink()

/**
 * Writes one column of a row group: its dictionary, if it has one, and its pages.
 *
 * hyparquet-writer would do it too, but from arrays of strings and bigints, and at three times the cost; it still
 * writes the page headers, the indexes and the footer.
 */
export function writeChunk(target: ChunkTarget, values: ColumnValues): WrittenChunk {
  const { writer, spec, element } = target
  const start = writer.offset
  let plainBytes = writeDictionaryPage(target, values)
  const pagesStart = writer.offset
  const pages: WrittenPage[] = []
  for (const rows of pageRowsOf(values)) {
    const offset = writer.offset
    const page = writePage(target, values, rows)
    plainBytes += page.plainBytes
    pages.push({ ...rows, offset, sizeBytes: writer.offset - offset, nulls: page.nulls })
  }
  const hasDictionary = values.kind === 'dictionary'
  const encodings: Encoding[] = hasDictionary ? ['PLAIN', 'RLE_DICTIONARY'] : [encodingOf(values)]
  const chunk: ColumnChunk = {
    meta_data: {
      type: element.type ?? 'BYTE_ARRAY',
      encodings,
      path_in_schema: [spec.name],
      codec: codecOf(spec),
      num_values: BigInt(values.rows),
      total_compressed_size: BigInt(writer.offset - start),
      total_uncompressed_size: BigInt(plainBytes),
      data_page_offset: BigInt(pagesStart),
      ...(hasDictionary ? { dictionary_page_offset: BigInt(start) } : {}),
      ...(spec.hasStatistics ? { statistics: statisticsOf(spec, values) } : {}),
    },
    file_offset: BigInt(start),
  }
  if (pages.length === 1) return { chunk }
  const offsetIndex = offsetIndexOf(pages)
  if (!spec.hasPageIndex) return { chunk, offsetIndex }
  const columnIndex = columnIndexOf(target, values, pages)
  return columnIndex === undefined ? { chunk, offsetIndex } : { chunk, columnIndex, offsetIndex }
}

function codecOf(spec: ColumnSpec): 'ZSTD' | 'UNCOMPRESSED' {
  return spec.isRandom ? 'UNCOMPRESSED' : 'ZSTD'
}

/** Returns its bytes before compression, with the header; 0 where there is none. */
function writeDictionaryPage({ writer, spec, level }: ChunkTarget, values: ColumnValues): number {
  if (values.kind !== 'dictionary') return 0
  body.clear()
  writeDictionary(body, values, spec.kind)
  const stored = zstdCompress(body.bytes, level)
  const headerStart = writer.offset
  writePageHeader(writer, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: body.length,
    compressed_page_size: stored.length,
    dictionary_page_header: { num_values: values.entries.length, encoding: 'PLAIN' },
  })
  const headerBytes = writer.offset - headerStart
  writer.appendBytes(stored)
  return headerBytes + body.length
}

function writePage(
  { writer, spec, level }: ChunkTarget,
  values: ColumnValues,
  rows: PageRows,
): { plainBytes: number; nulls: number } {
  levels.clear()
  const nulls = spec.isOptional ? writeLevels(levels, values, rows) : 0
  body.clear()
  writeValues(body, values, rows)
  const stored = spec.isRandom ? body.bytes : zstdCompress(body.bytes, level)
  const headerStart = writer.offset
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levels.length + body.length,
    compressed_page_size: levels.length + stored.length,
    data_page_header_v2: {
      num_values: rows.end - rows.start,
      num_nulls: nulls,
      num_rows: rows.end - rows.start,
      encoding: encodingOf(values),
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: true,
    },
  })
  const headerBytes = writer.offset - headerStart
  writer.appendBytes(levels.bytes)
  writer.appendBytes(stored)
  return { plainBytes: headerBytes + levels.length + body.length, nulls }
}

function statisticsOf(spec: ColumnSpec, values: ColumnValues) {
  const bounds = boundsOf(values, 0, values.rows)
  return {
    null_count: BigInt(values.nulls),
    ...(bounds === undefined
      ? {}
      : { min_value: richOf(spec, bounds.min), max_value: richOf(spec, bounds.max) }),
  }
}

/** As hyparquet-writer takes a bound. */
function richOf({ kind }: ColumnSpec, value: string | number): string | number | bigint {
  return kind === 'time' ? BigInt(value) : value
}

function offsetIndexOf(pages: readonly WrittenPage[]): OffsetIndex {
  return {
    page_locations: pages.map(({ offset, sizeBytes, start }) => ({
      offset: BigInt(offset),
      compressed_page_size: sizeBytes,
      first_row_index: BigInt(start),
    })),
  }
}

/** `undefined` where a page has no bounds. */
function columnIndexOf(
  { spec, element }: ChunkTarget,
  values: ColumnValues,
  pages: readonly WrittenPage[],
): PageColumnIndex | undefined {
  const bounds: Bounds[] = []
  for (const { start, end } of pages) {
    const found = boundsOf(values, start, end)
    if (found === undefined) return undefined
    bounds.push(found)
  }
  const bytesOf = (value: string | number, isMax: boolean): Uint8Array => {
    const bytes = unconvertMinMax(richOf(spec, value), element, isMax, BOUND_BYTES_MAX)
    if (bytes === undefined) throw new Error(`no bounds of column ${spec.name}`)
    return bytes
  }
  return {
    null_pages: pages.map(() => false),
    min_values: bounds.map(({ min }) => bytesOf(min, false)),
    max_values: bounds.map(({ max }) => bytesOf(max, true)),
    boundary_order: isAscending(bounds) ? 'ASCENDING' : 'UNORDERED',
    null_counts: pages.map(({ nulls }) => BigInt(nulls)),
  }
}

function isAscending(bounds: readonly Bounds[]): boolean {
  return bounds.every(({ min, max }, index) => {
    const previous = bounds[index - 1]
    if (previous === undefined) return true
    return compareBounds(previous.min, min) <= 0 && compareBounds(previous.max, max) <= 0
  })
}
