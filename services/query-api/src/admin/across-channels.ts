import type { MiddlewareHandler } from 'hono'
import type { QueryEnv } from '../app-types.ts'
import { ProblemError } from '../problem.ts'
import { adminOf, keyProblem } from './admin-only.ts'
import type { AdminKeys } from './admin-keys.ts'

/** Who may see what a user said over all channels: everybody, who has a key, or nobody. */
export const ACROSS_CHANNELS = ['public', 'admin', 'off'] as const
export type AcrossChannels = (typeof ACROSS_CHANNELS)[number]

/** Guards the routes of a user over all channels. In one channel a user's records are shown as ever. */
export function acrossChannels(
  policy: AcrossChannels,
  keys: AdminKeys,
): MiddlewareHandler<QueryEnv> {
  return async (c, next) => {
    if (policy === 'off') {
      const detail = 'this service does not show what users said over all channels'
      throw new ProblemError({ status: 403, detail })
    }
    if (policy === 'admin' && adminOf(c, keys) === undefined) throw keyProblem(keys)
    await next()
    if (policy === 'admin') c.res.headers.set('cache-control', 'no-store')
  }
}
