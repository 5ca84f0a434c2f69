import type { RecordType } from './types.ts'

/** Every type poglog logs. */
export const RECORD_TYPES: ReadonlySet<RecordType> = new Set([
  'PRIVMSG',
  'USERNOTICE',
  'CLEARCHAT',
  'CLEARMSG',
  'NOTICE',
  'ROOMSTATE',
  'PRESENCE',
  'GAP',
])

/** The types an answer holds when nobody asked for others. */
export const DEFAULT_TYPES: ReadonlySet<RecordType> = new Set([
  'PRIVMSG',
  'USERNOTICE',
  'CLEARCHAT',
  'CLEARMSG',
])

const BY_NAME: ReadonlyMap<string, RecordType> = new Map(
  [...RECORD_TYPES].map((type) => [type, type]),
)

/** The record type of an IRC command; `undefined` for a command that is not logged. */
export function recordTypeOf(command: string): RecordType | undefined {
  return BY_NAME.get(command)
}
