import * as z from 'zod/mini'

/** Records that are late, and clocks that are wrong, may change what is said of the past for so long. */
const SETTLED_MS = 2 * 3_600_000
const SETTLED_FRESH_MS = 3_600_000
const OPEN_FRESH_MS = 60_000

/** `[fromMs, toMs)` in milliseconds since the Unix epoch; until now where `toMs` is absent. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs?: number | undefined
}

/** The range as the API's parameters. */
export const rangeQuery = ({
  fromMs,
  toMs,
}: TimeRange): { from: string; to: string | undefined } => ({
  from: apiTime(fromMs),
  to: toMs === undefined ? undefined : apiTime(toMs),
})

/** For how long an answer about a range needs not be asked for again: what is over changes hardly ever. */
export function freshMs({ toMs }: TimeRange): number {
  return toMs !== undefined && toMs + SETTLED_MS < Date.now() ? SETTLED_FRESH_MS : OPEN_FRESH_MS
}

/** A time of an answer, in milliseconds since the Unix epoch. */
export const timeSchema = z.pipe(
  z.iso.datetime(),
  z.transform((text) => Date.parse(text)),
)

const apiTime = (timeMs: number): string => new Date(timeMs).toISOString()
