import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'

/** The pattern of the route that answers, as every metric names it; never a path. */
export function routeOf(c: Context): string {
  // A path may match the patterns of several routes: the first one answers.
  return matchedRoutes(c).find(({ path }) => !path.endsWith('*'))?.path ?? 'unmatched'
}
