import { Answer } from '../answer.ts'
import type { QueryContext } from '../app-types.ts'
import type { Gate } from '../gate.ts'
import { QUERY_TIMES, RETRY_AFTER_SECONDS } from '../limits.ts'
import { ProblemError } from '../problem.ts'
import type { CountDeps } from '../read/words-deps.ts'
import { hasRecords } from '../read/read-logs.ts'
import type { LogDeps } from './answer-logs.ts'
import { mapError } from './errors.ts'
import { routeOf } from './route-of.ts'
import { unknownSubject } from './subjects.ts'
import type { Resolved } from './subjects.ts'

/** What the counting routes need. */
export interface CountRouteDeps extends LogDeps, CountDeps {
  readonly hot: LogDeps['hot']
  /** Lets counting queries in; log queries have their own. */
  readonly countGate: Gate
  /** Now, in milliseconds since the Unix epoch. */
  readonly clock: () => number
}

/**
 * Answers a counting query with JSON, within the limits of time and of queries at once; `work` ends by the signal when
 * the client leaves or time is up.
 */
export async function answerCounts(
  c: QueryContext,
  { events, countGate, times = QUERY_TIMES }: CountRouteDeps,
  work: (signal: AbortSignal) => Promise<object>,
): Promise<Response> {
  const release = countGate.tryEnter()
  if (release === undefined) {
    events.answerRefused()
    throw new ProblemError({
      status: 503,
      detail: 'too many counting queries run at this moment',
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    })
  }
  const answer = new Answer({
    route: routeOf(c),
    format: 'counts',
    requestId: c.get('requestId'),
    events,
    clientSignal: c.req.raw.signal,
    release,
    times,
  })
  try {
    const body = `${JSON.stringify(await answer.reading(() => work(answer.signal)))}\n`
    answer.wrote(0, Buffer.byteLength(body))
    answer.end('complete')
    // What is hot, late or imported can still join any range.
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache' }
    return new Response(body, { headers: { ...headers, 'x-content-type-options': 'nosniff' } })
  } catch (error) {
    const { tooLong } = answer
    if (tooLong !== undefined) {
      answer.end('failed')
      throw tooLong
    }
    // A problem that the request itself has is an answer.
    const outcome = mapError(error).isReported ? 'failed' : 'complete'
    answer.end(c.req.raw.signal.aborted ? 'aborted' : outcome)
    throw error
  }
}

/**
 * Tells that nothing was counted from a question about nobody.
 *
 * @throws {ProblemError} 404 that names what is not known.
 */
export async function checkCounted(
  counted: number,
  subjects: readonly (Resolved | undefined)[],
  { deps, signal }: { readonly deps: CountRouteDeps; readonly signal: AbortSignal },
): Promise<void> {
  if (counted > 0) return
  for (const resolved of subjects) {
    if (resolved === undefined || resolved.isKnown) continue
    const { kind, id, asked } = resolved
    const isFound = kind === 'channel' && (await hasRecords(id, deps, signal))
    if (!isFound) throw unknownSubject(kind, asked)
  }
}
