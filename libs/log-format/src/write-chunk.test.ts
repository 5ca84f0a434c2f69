import * as fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { DictionaryValues, TextValues, TimeValues, UuidValues } from './column-values.ts'
import type { ColumnSpec, TableSpec } from './columns.ts'
import { SegmentFile } from './write-parquet.ts'
import { zstdDecompress } from './zstd.ts'

const COMMON = { isOptional: false, hasStatistics: true, hasPageIndex: true, isRandom: false }
const COLUMNS: readonly ColumnSpec[] = [
  { ...COMMON, name: 'word', kind: 'text', encoding: 'RLE_DICTIONARY', isOptional: true },
  { ...COMMON, name: 'hour', kind: 'time', encoding: 'RLE_DICTIONARY' },
  { ...COMMON, name: 'time', kind: 'time', encoding: 'DELTA_BINARY_PACKED' },
  {
    ...COMMON,
    name: 'text',
    kind: 'text',
    encoding: 'DELTA_LENGTH_BYTE_ARRAY',
    isOptional: true,
    hasStatistics: false,
    hasPageIndex: false,
  },
  { ...COMMON, name: 'id', kind: 'uuid', encoding: 'PLAIN', isRandom: true, hasPageIndex: false },
  { ...COMMON, name: 'count', kind: 'count', encoding: 'RLE_DICTIONARY', hasStatistics: false },
]
const TABLE: TableSpec = {
  columns: COLUMNS,
  schema: [
    { name: 'test', num_children: COLUMNS.length },
    { name: 'word', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    {
      name: 'hour',
      repetition_type: 'REQUIRED',
      type: 'INT64',
      converted_type: 'TIMESTAMP_MILLIS',
    },
    {
      name: 'time',
      repetition_type: 'REQUIRED',
      type: 'INT64',
      converted_type: 'TIMESTAMP_MILLIS',
    },
    { name: 'text', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    {
      name: 'id',
      repetition_type: 'REQUIRED',
      type: 'FIXED_LEN_BYTE_ARRAY',
      type_length: 16,
      logical_type: { type: 'UUID' },
    },
    { name: 'count', repetition_type: 'REQUIRED', type: 'INT32' },
  ],
  sortedBy: [],
}

interface Row {
  readonly word: string | null
  readonly hour: number
  readonly time: number
  readonly text: string | null
  readonly id: string
  readonly count: number
}

function columns() {
  return {
    word: new DictionaryValues(),
    hour: new DictionaryValues(),
    time: new TimeValues(),
    text: new TextValues(),
    id: new UuidValues(),
    count: new DictionaryValues(),
  }
}

/** Writes row groups with one set of columns, and reads them with hyparquet. */
async function written(groups: readonly (readonly Row[])[]): Promise<Row[]> {
  const file = new SegmentFile(TABLE, 1)
  const parts = [file.start()]
  const values = columns()
  for (const rows of groups) {
    for (const row of rows) {
      values.word.push(row.word)
      values.hour.push(row.hour)
      values.time.push(row.time)
      values.text.push(row.text)
      values.id.push(row.id)
      values.count.push(row.count)
    }
    parts.push(file.writeRowGroup(values, rows.length))
    for (const column of Object.values(values)) column.clear()
  }
  const { indexes, footer } = file.finish(new Map())
  const bytes = Uint8Array.from(Buffer.concat([...parts, indexes, footer])).buffer
  const found = await parquetReadObjects({ file: bytes, compressors: { ZSTD: zstdDecompress } })
  return found.map((row: Record<string, unknown>) => ({
    word: textOf(row['word']),
    hour: Number(row['hour']),
    time: Number(row['time']),
    text: textOf(row['text']),
    id: String(row['id']).replaceAll('-', ''),
    count: Number(row['count']),
  }))
}

describe('a row group', () => {
  const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 5 }))
  const row = fc.record({
    word: fc.oneof(fc.constantFrom('a', 'b', null), text),
    hour: fc.integer({ min: 0, max: 5 }).map((hours) => hours * 3_600_000),
    time: fc.oneof(
      fc.integer({ min: 1.7e12, max: 1.7e12 + 1e6 }),
      fc.integer({ min: 0, max: 4e12 }),
      fc.integer({ min: 0, max: 8.64e15 }),
    ),
    text,
    id: fc.stringMatching(/^[0-9a-f]{32}$/),
    count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
  })

  it('is read by others as it was written', async () => {
    const repeated = fc
      .tuple(row, fc.integer({ min: 1, max: 40 }))
      .map(([one, times]) => Array.from({ length: times }, () => one))
    const rows = fc.array(repeated, { minLength: 1, maxLength: 20 }).map((parts) => parts.flat())
    await fc.assert(
      fc.asyncProperty(rows, rows, async (first, second) => {
        expect(await written([first, second])).toEqual([...first, ...second])
      }),
      { numRuns: 60 },
    )
  })

  it('is read whole when it has many pages, wide differences and only nulls', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => ({
      word: null,
      hour: index * 3_600_000,
      time: (index * 7_919_000_017) % 2 ** 43,
      text: index % 3 === 0 ? null : 'x'.repeat(index % 50),
      id: index.toString(16).padStart(32, '0'),
      count: index + 1,
    }))
    const found = await written([rows])
    expect(
      found.findIndex((one, index) => JSON.stringify(one) !== JSON.stringify(rows[index])),
    ).toBe(-1)
    expect(found).toHaveLength(rows.length)
  })

  it('is refused when its columns have not all its rows', () => {
    const file = new SegmentFile(TABLE, 1)
    expect(() => file.writeRowGroup(columns(), 1)).toThrow('has 0 of 1 rows')
    const values = columns()
    for (const column of [values.word, values.hour, values.count]) column.push(null)
    values.time.push(1)
    values.text.push(null)
    values.id.push('no uuid')
    expect(() => file.writeRowGroup(values, 1)).toThrow('null in column hour')
  })
})

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
