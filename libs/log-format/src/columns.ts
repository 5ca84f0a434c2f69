import type { Encoding, SchemaElement } from 'hyparquet'
import type { Projection } from './types.ts'

/**
 * One column of a segment. `hasPageIndex` also gives it bounds for each page; `isRandom` says that
 * compressing it is lost work.
 */
export interface ColumnSpec {
  readonly name: string
  readonly kind: 'text' | 'time' | 'uuid' | 'count'
  readonly isOptional: boolean
  readonly encoding: Encoding
  readonly hasStatistics: boolean
  readonly hasPageIndex: boolean
  readonly isRandom: boolean
}

const SORTED = { encoding: 'RLE_DICTIONARY', hasStatistics: true, hasPageIndex: true } as const

/**
 * The columns of records in file order. What decides whether a record is wanted comes first, so that it is one
 * short range of a row group.
 */
export const COLUMNS = [
  column('channel_id', 'text', {
    encoding: 'RLE_DICTIONARY',
    hasStatistics: true,
    hasPageIndex: true,
  }),
  column('user_id', 'text', { encoding: 'RLE_DICTIONARY', isOptional: true, hasStatistics: true }),
  column('sent_at', 'time', {
    encoding: 'DELTA_BINARY_PACKED',
    hasStatistics: true,
    hasPageIndex: true,
  }),
  column('type', 'text', { encoding: 'RLE_DICTIONARY' }),
  column('channel_login', 'text', { encoding: 'RLE_DICTIONARY' }),
  column('received_at', 'time', { encoding: 'DELTA_BINARY_PACKED' }),
  column('login', 'text', { encoding: 'RLE_DICTIONARY', isOptional: true }),
  column('display_name', 'text', { encoding: 'RLE_DICTIONARY', isOptional: true }),
  column('color', 'text', { encoding: 'RLE_DICTIONARY', isOptional: true }),
  column('badges', 'text', { encoding: 'RLE_DICTIONARY', isOptional: true }),
  column('badge_info', 'text', { encoding: 'RLE_DICTIONARY', isOptional: true }),
  column('emotes', 'text', { encoding: 'RLE_DICTIONARY', isOptional: true }),
  column('text', 'text', { encoding: 'DELTA_LENGTH_BYTE_ARRAY', isOptional: true }),
  column('tags', 'text', { encoding: 'DELTA_LENGTH_BYTE_ARRAY', isOptional: true }),
  column('shape', 'text', { encoding: 'RLE_DICTIONARY', isOptional: true }),
  column('raw', 'text', { encoding: 'DELTA_LENGTH_BYTE_ARRAY', isOptional: true }),
  column('id', 'uuid', { encoding: 'PLAIN', isRandom: true }),
] as const

export type ColumnName =
  | 'channel_id'
  | 'user_id'
  | 'sent_at'
  | 'type'
  | 'channel_login'
  | 'received_at'
  | 'login'
  | 'display_name'
  | 'color'
  | 'badges'
  | 'badge_info'
  | 'emotes'
  | 'text'
  | 'tags'
  | 'shape'
  | 'raw'
  | 'id'

/** The columns of a by-user segment: the same, and bounds of `user_id` for each page. */
const BY_USER_COLUMNS: readonly ColumnSpec[] = COLUMNS.map((spec) =>
  spec.name === 'user_id' ? { ...spec, hasPageIndex: true } : spec,
)

/** The columns of a words segment in file order: the sort columns, then the count. */
export const WORD_COLUMNS = [
  column('channel_id', 'text', SORTED),
  column('word_folded', 'text', SORTED),
  column('word', 'text', SORTED),
  column('hour', 'time', SORTED),
  column('user_id', 'text', SORTED),
  column('count', 'count', { encoding: 'RLE_DICTIONARY' }),
] as const

export type WordColumnName = 'channel_id' | 'word_folded' | 'word' | 'hour' | 'user_id' | 'count'

/** How the segments of one projection lie in a Parquet file. */
export interface TableSpec {
  /** In file order. */
  readonly columns: readonly ColumnSpec[]
  /** The Parquet schema, root first. */
  readonly schema: readonly SchemaElement[]
  /** Names of the columns that rows are sorted by, ascending; text as bytes. */
  readonly sortedBy: readonly string[]
}

function column<Name extends ColumnName | WordColumnName>(
  name: Name,
  kind: ColumnSpec['kind'],
  options: Partial<ColumnSpec> & Pick<ColumnSpec, 'encoding'>,
): ColumnSpec & { readonly name: Name } {
  return {
    isOptional: false,
    hasStatistics: false,
    hasPageIndex: false,
    isRandom: false,
    ...options,
    name,
    kind,
  }
}

const TYPES: Readonly<Record<ColumnSpec['kind'], Partial<SchemaElement>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  uuid: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } },
  count: { type: 'INT32' },
}

function schemaElement({ name, kind, isOptional }: ColumnSpec): SchemaElement {
  return { name, repetition_type: isOptional ? 'OPTIONAL' : 'REQUIRED', ...TYPES[kind] }
}

function schemaOf(columns: readonly ColumnSpec[]): SchemaElement[] {
  return [{ name: 'poglog', num_children: columns.length }, ...columns.map(schemaElement)]
}

/** The Parquet schema of {@link COLUMNS}, root first. */
const SCHEMA: readonly SchemaElement[] = schemaOf(COLUMNS)

/** What a segment of each projection looks like. */
export const TABLES: Readonly<Record<Projection, TableSpec>> = {
  'by-channel': {
    columns: COLUMNS,
    schema: SCHEMA,
    sortedBy: ['channel_id', 'sent_at', 'id'],
  },
  'by-user': {
    columns: BY_USER_COLUMNS,
    schema: SCHEMA,
    sortedBy: ['user_id', 'channel_id', 'sent_at', 'id'],
  },
  words: {
    columns: WORD_COLUMNS,
    schema: schemaOf(WORD_COLUMNS),
    sortedBy: ['channel_id', 'word_folded', 'word', 'hour', 'user_id'],
  },
}
