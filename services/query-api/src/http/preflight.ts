import type { MiddlewareHandler } from 'hono'
import type { QueryEnv } from '../app-types.ts'

/** Answers a CORS preflight with 200, as the servers whose clients we serve do; Hono's own answer is a 204. */
export const preflightOk: MiddlewareHandler<QueryEnv> = async (c, next) => {
  await next()
  if (c.req.method !== 'OPTIONS' || c.res.status !== 204) return
  c.res = new Response(null, { status: 200, headers: c.res.headers })
}
