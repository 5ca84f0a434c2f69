const DATE = /^\d{4}-\d{2}-\d{2}$/

/** The day of `2026-11-21`, ms since the Unix epoch, UTC; `undefined` for a day that no calendar has. */
export function dayMsOf(date: string): number | undefined {
  const dayMs = DATE.test(date) ? Date.parse(date) : Number.NaN
  // `Date.parse` takes 30 February for 2 March.
  const isReal = !Number.isNaN(dayMs) && new Date(dayMs).toISOString().startsWith(date)
  return isReal ? dayMs : undefined
}
