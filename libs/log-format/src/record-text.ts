import type { LogRecord } from './types.ts'

/** What a record's line says, decoded from its columns where it comes from a segment, else parsed from `raw`. */
export interface SpokenText {
  /** Nick of the source, else the `login` tag; `''` where there is none. */
  readonly login: string
  /** The trailing parameter as sent (an ACTION still wrapped), `undefined` where there is none. */
  readonly text: string | undefined
}

/** Login and text of a record without rebuilding its line. */
export function spokenText(_record: LogRecord): SpokenText {
  throw new Error('not built yet')
}

/** The raw, still escaped value of a tag; `undefined` where the line has none. Does not rebuild the line either. */
export function recordTag(_record: LogRecord, _name: string): string | undefined {
  throw new Error('not built yet')
}
