import { HOUR_MS, hourOf } from './periods.ts'

/** The last instant an ECMAScript date can hold; a whole hour. */
const TIME_MS_MAX = 8_640_000_000_000_000

/** Sent times `[fromMs, toMs)`, milliseconds since the Unix epoch. */
export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

/** A range as word counts, which are kept by the hour of the sent time, can answer it: whole hours, and what is left of the range before and after them. */
export interface SplitRange {
  /** Begins and ends with an hour; empty (`fromMs >= toMs`) where the range has no whole hour. */
  readonly hours: TimeRange
  readonly parts: readonly TimeRange[]
}

/** Splits a range into whole hours and the parts of hours at its edges. */
export function splitHours(range: TimeRange): SplitRange {
  const fromMs = Math.max(range.fromMs, 0)
  const toMs = Math.min(range.toMs, TIME_MS_MAX)
  if (fromMs >= toMs) return { hours: { fromMs: 0, toMs: 0 }, parts: [] }
  const hours = { fromMs: Math.ceil(fromMs / HOUR_MS) * HOUR_MS, toMs: hourOf(toMs) }
  // Nowhere is a whole hour between the two: one read rather than two that touch.
  if (hours.fromMs >= hours.toMs) return { hours, parts: [{ fromMs, toMs }] }
  const parts = [
    { fromMs, toMs: hours.fromMs },
    { fromMs: hours.toMs, toMs },
  ]
  return { hours, parts: parts.filter((part) => part.fromMs < part.toMs) }
}

/** Whether a range holds any of the sent times `[sentMinMs, sentMaxMs]`. */
export function meets(
  { fromMs, toMs }: TimeRange,
  { sentMinMs, sentMaxMs }: { readonly sentMinMs: number; readonly sentMaxMs: number },
): boolean {
  return fromMs < toMs && sentMinMs < toMs && sentMaxMs >= fromMs
}
