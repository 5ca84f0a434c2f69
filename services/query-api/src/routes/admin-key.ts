import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { QueryEnv } from '../app-types.ts'
import type { Events } from '../events.ts'
import { ProblemError } from '../problem.ts'

/** Lets nobody pass without the right `X-Api-Key`; nobody at all where there is no key. */
export function adminOnly(
  key: string | undefined,
  events: Pick<Events, 'adminRefused'>,
): MiddlewareHandler<QueryEnv> {
  return async (c, next) => {
    const given = c.req.header('x-api-key')
    if (key === undefined || given === undefined || !isEqual(given, key)) {
      events.adminRefused(c.get('requestId'))
      const detail =
        key === undefined
          ? 'admin routes are closed: the service has no ADMIN_API_KEY'
          : 'X-Api-Key is missing or wrong'
      throw new ProblemError({ status: 403, detail })
    }
    await next()
    c.res.headers.set('cache-control', 'no-store')
  }
}

/** Takes the same time wherever two texts differ, and whatever their lengths. */
function isEqual(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
