import type { QueryContext } from '../app-types.ts'
import { problemResponse } from '../problem.ts'
import type { ProblemOptions } from '../problem.ts'
import { RecentMessagesError, failureResponse } from '../recent-messages/answers.ts'
import { isRustlogPath } from '../rustlog/paths.ts'

/** The routes of recent-messages and its mirrors. */
const RECENT_MESSAGES = /^\/(?:api\/v2|recent-messages|rm)\//

/** Whether a path is one of other log servers, whose clients expect errors of their own form. */
export function isDialectPath(path: string): boolean {
  return isRustlogPath(path) || RECENT_MESSAGES.test(path)
}

/**
 * Turns a client away before its route is asked, as one that asks too much: a problem document, or what clients of others
 * expect where they ask. Headers that were set before stay.
 */
export function refusal(
  c: QueryContext,
  options: ProblemOptions & { readonly status: 429 },
): Response {
  const { path } = c.req
  const { status, detail, headers } = options
  if (RECENT_MESSAGES.test(path)) {
    const failure = failureResponse(new RecentMessagesError('too_many_requests', detail), headers)
    return c.newResponse(failure.body, failure)
  }
  if (isRustlogPath(path)) {
    const type = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
    return c.newResponse(detail, { status, headers: { ...type, ...headers } })
  }
  const problem = problemResponse(options, path)
  return c.newResponse(problem.body, problem)
}
