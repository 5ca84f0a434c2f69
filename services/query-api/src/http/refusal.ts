import type { QueryContext } from '../app-types.ts'
import { problemResponse } from '../problem.ts'
import type { ProblemOptions } from '../problem.ts'
import { routeOf } from '../routes/route-of.ts'

const NATIVE = /^\/channel\/:[^/]+\/(?:logs|words|words\/top|stats|coverage|live)$/
/** Routes of other log servers, which tell errors in plain text. */
const DIALECT = /^\/(?:channel|channelid|list|namehistory|optout|capabilities|api\/v2)(?:\/|$)/

/**
 * Turns a client away before its route is asked: a problem document, or plain text where clients of others ask. Headers
 * that were set before stay.
 */
export function refusal(c: QueryContext, options: ProblemOptions): Response {
  const route = routeOf(c)
  const { status, detail, headers } = options
  if (DIALECT.test(route) && !NATIVE.test(route)) {
    const type = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
    return c.newResponse(detail, { status, headers: { ...type, ...headers } })
  }
  const problem = problemResponse(options, c.req.path)
  return c.newResponse(problem.body, problem)
}
