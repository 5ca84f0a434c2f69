import { finished } from 'node:stream'
import type { OpenSpan, Tracing } from '@poglog/service-kit'
import type { MiddlewareHandler } from 'hono'
import type { QueryEnv } from '../app-types.ts'
import type { AnswerEvent } from '../events.ts'
import { routeOf } from '../routes/route-of.ts'

/** From here on it is our fault. */
const STATUS_FAILED = 500

/**
 * Makes each request a trace. It lasts until its last byte was given to the system, or until the connection ended, so that
 * a stream is in it whole; `poglog.outcome` says how it ended.
 */
export function traceRequests(tracing: Tracing): MiddlewareHandler<QueryEnv> {
  return async (c, next) => {
    const span = tracing.open(c.req.method, { kind: 'server' })
    let answer: AnswerEvent | undefined
    c.set('answerEnded', (event) => {
      answer = event
    })
    try {
      await span.run(next)
    } catch (error) {
      span.end('failed')
      throw error
    }
    const { method } = c.req
    const { status } = c.res
    const route = routeOf(c)
    const known = { 'http.route': route, 'http.request.method': method }
    span.note({ ...known, 'http.response.status_code': status }, `${method} ${route}`)
    const outgoing = c.env?.outgoing
    if (outgoing === undefined) endSpan(span, { status, answer, isWhole: true })
    else {
      finished(outgoing, (error) => {
        endSpan(span, { status, answer, isWhole: error === undefined || error === null })
      })
    }
  }
}

interface End {
  readonly status: number
  /** Of requests that are queries. */
  readonly answer: AnswerEvent | undefined
  /** Whether the connection took everything. */
  readonly isWhole: boolean
}

function endSpan(span: OpenSpan, { status, answer, isWhole }: End): void {
  const hasFailed = status >= STATUS_FAILED || answer?.outcome === 'failed'
  const left = isWhole ? 'complete' : 'aborted'
  span.note({ 'poglog.outcome': answer?.outcome === 'failed' ? 'failed' : left })
  if (answer !== undefined) {
    span.note({
      'poglog.format': answer.format,
      'poglog.records': answer.records,
      'poglog.bytes': answer.sizeBytes,
      'poglog.first_byte_ms': answer.firstByteMs,
      'poglog.store_requests': answer.storeRequests,
    })
  }
  span.end(hasFailed ? 'failed' : 'done')
}
