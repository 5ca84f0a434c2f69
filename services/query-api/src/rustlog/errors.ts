import type { QueryContext } from '../app-types.ts'
import { HotStoreError } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import type { Events } from '../events.ts'
import { ProblemError } from '../problem.ts'
import { mapError } from '../routes/errors.ts'

const TEXT = 'text/plain; charset=utf-8'

export function notFound(): ProblemError {
  return new ProblemError({ status: 404, detail: 'Not found' })
}

export function optedOut(kind: 'channel' | 'user'): ProblemError {
  return new ProblemError({
    status: 403,
    detail: `The requested ${kind} has opted out of being logged`,
  })
}

export function badRequest(detail: string): ProblemError {
  return new ProblemError({ status: 400, detail })
}

/** An error body of rustlog: a text, nothing else. */
export function textResponse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(text, {
    status,
    headers: { 'content-type': TEXT, 'cache-control': 'no-store', ...headers },
  })
}

/** What a failed request is answered with; the status is that of the native routes. */
export function errorResponse(error: unknown, c: QueryContext, events: Events): Response {
  const { problem, isReported } = mapError(error)
  if (isReported && !c.req.raw.signal.aborted) events.requestFailed(error, c.get('requestId'))
  const text = isReported ? failureText(error) : problem.detail
  return textResponse(problem.status, text, problem.headers)
}

function failureText(error: unknown): string {
  const isOfStore =
    error instanceof HotStoreError ||
    error instanceof ObjectStoreError ||
    error instanceof SegmentError
  return isOfStore ? 'Database error' : 'Internal error'
}
