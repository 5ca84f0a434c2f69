import type { Encoding, SchemaElement } from 'hyparquet'

/**
 * One column of a by-channel segment. `hasPageIndex` also gives it bounds for each page; `isRandom`
 * says that compressing it is lost work.
 */
export interface ColumnSpec {
  readonly name: string
  readonly kind: 'text' | 'time' | 'uuid'
  readonly isOptional: boolean
  readonly encoding: Encoding
  readonly hasStatistics: boolean
  readonly hasPageIndex: boolean
  readonly isRandom: boolean
}

/**
 * The columns in file order. What decides whether a record is wanted comes first, so that it is one
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

function column<Name extends ColumnName>(
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
}

function schemaElement({ name, kind, isOptional }: ColumnSpec): SchemaElement {
  return { name, repetition_type: isOptional ? 'OPTIONAL' : 'REQUIRED', ...TYPES[kind] }
}

/** The Parquet schema of {@link COLUMNS}, root first. */
export const SCHEMA: readonly SchemaElement[] = [
  { name: 'poglog', num_children: COLUMNS.length },
  ...COLUMNS.map(schemaElement),
]
