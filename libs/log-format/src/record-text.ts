import { parseRouting, rawTag } from '@poglog/irc-parser'
import { millisText, uuidOfKey } from './field-text.ts'
import { SegmentRecord, plainFields } from './record-batch.ts'
import { isOddShape, shapeTag, tagValueAt } from './shape-tags.ts'
import type { Field } from './template.ts'
import type { LogRecord } from './types.ts'

/** What a record's line says, decoded from its columns where it comes from a segment, else parsed from `raw`. */
export interface SpokenText {
  /** Nick of the source, else the `login` tag; `''` where there is none. */
  readonly login: string
  /** The trailing parameter as sent (an ACTION still wrapped), `undefined` where there is none. */
  readonly text: string | undefined
}

/** Login and text of a record without rebuilding its line. */
export function spokenText(record: LogRecord): SpokenText {
  if (record instanceof SegmentRecord && !isOdd(record)) {
    return { login: record.login ?? '', text: record.text ?? undefined }
  }
  const routing = parseRouting(record.raw)
  return { login: routing?.login ?? '', text: routing?.text }
}

/** Whether the columns do not tell: a tag stands twice, or the login is one that a tag has escaped. */
function isOdd({ shape, login }: SegmentRecord): boolean {
  return shape !== null && (isOddShape(shape) || login?.includes('\\') === true)
}

/**
 * The raw, still escaped value of a tag; `''` for a tag without a value, `undefined` where the line has none. Of a tag
 * that stands twice the last value holds. Does not rebuild the line either, but where its shape is an odd one.
 */
export function recordTag(record: LogRecord, name: string): string | undefined {
  if (record instanceof SegmentRecord && record.shape !== null) {
    const place = shapeTag(record.shape, name)
    if (place === undefined) return undefined
    if (place.kind === 'value') return place.value
    if (place.kind === 'tags') return tagValueAt(record.columns().tags, place.index) ?? undefined
    if (place.kind === 'field') return fieldOf(record, place.field) ?? undefined
  }
  return rawTag(record.raw, name)
}

/**
 * A record as a plain object with all its fields. Those of a segment make `key` and `raw` when asked for, so spread,
 * `structuredClone`, `v8.serialize` and the equality of test frameworks do not see them; `JSON.stringify` does.
 */
export function plainRecord(record: LogRecord): LogRecord {
  return record instanceof SegmentRecord ? plainFields(record) : record
}

function fieldOf(record: SegmentRecord, field: Exclude<Field, 'tags'>): string | null {
  switch (field) {
    case 'key':
      return uuidOfKey(record.key)
    case 'sentAtMs':
      return millisText(record.sentAtMs)
    case 'channelId':
    case 'channelLogin':
    case 'userId':
      return record[field]
    case 'login':
      return record.login
    case 'text':
      return record.text
    case 'displayName':
    case 'color':
    case 'badges':
    case 'badgeInfo':
    case 'emotes':
      return record.columns()[field]
  }
}
