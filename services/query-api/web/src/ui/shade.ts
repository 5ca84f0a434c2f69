/** Steps of one hue from little to much; 0 is none. The colours are in shade.css. */
export const SHADES_MAX = 5

/**
 * How dark something is shown: by the root of its share of the most, so that the usual is told apart although chat has
 * peaks many times as high.
 */
export function shadeOf(count: number, most: number): number {
  if (count <= 0 || most <= 0) return 0
  return Math.min(SHADES_MAX, Math.max(1, Math.ceil(Math.sqrt(count / most) * SHADES_MAX)))
}
