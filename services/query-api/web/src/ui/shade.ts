/** Steps of one hue from little to much; 0 is none. The colours are in shade.css. */
export const SHADES_MAX = 5

/**
 * How dark something is shown: by the root of its share of {@link mostOf}, so that little is told apart as well as much.
 */
export function shadeOf(count: number, most: number): number {
  if (count <= 0 || most <= 0) return 0
  return Math.min(SHADES_MAX, Math.max(1, Math.ceil(Math.sqrt(count / most) * SHADES_MAX)))
}

/** This share of counts is told apart; what is above it is as dark as it gets. */
const TOLD_APART = 0.97

/**
 * The count from which on everything is shown as most. It is not the highest one: after a single raid all other days
 * would look alike.
 */
export function mostOf(counts: Iterable<number>): number {
  const sorted = [...counts].filter((count) => count > 0).toSorted((left, right) => left - right)
  return sorted[Math.ceil(sorted.length * TOLD_APART) - 1] ?? 0
}
