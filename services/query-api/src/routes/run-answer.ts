import { Answer } from '../answer.ts'
import type { StreamOptions } from '../answer.ts'
import type { QueryContext } from '../app-types.ts'
import type { Events } from '../events.ts'
import type { Gate } from '../gate.ts'
import { QUERY_TIMES } from '../limits.ts'
import type { QueryTimes } from '../limits.ts'
import { comeAgain } from '../problem.ts'
import type { readLogs } from '../read/read-logs.ts'
import { mapError } from './errors.ts'
import { routeOf } from './route-of.ts'

/** What every query takes. */
export interface AnswerDeps {
  readonly events: Events
  /** {@link QUERY_TIMES} unless a test has less time. */
  readonly times?: QueryTimes
}

/** Which queries one is counted among. */
export interface AnswerKind {
  readonly format: string
  readonly gate: Gate
  /** What there are too many of, when it is not let in. */
  readonly what: 'log queries' | 'counting queries'
}

/**
 * Runs a query within the limits of time and of queries at once. `work` ends its answer when it is complete; whatever
 * it throws ends it too.
 *
 * @throws {ProblemError} 503 when too many run, or when it takes too long.
 */
export async function runAnswer(
  c: QueryContext,
  { events, times = QUERY_TIMES, kind }: AnswerDeps & { readonly kind: AnswerKind },
  work: (answer: Answer) => Promise<Response>,
): Promise<Response> {
  const release = kind.gate.tryEnter()
  if (release === undefined) {
    events.answerRefused()
    throw comeAgain(`too many ${kind.what} run at this moment`)
  }
  const answer = new Answer({
    route: routeOf(c),
    format: kind.format,
    requestId: c.get('requestId'),
    events,
    clientSignal: c.req.raw.signal,
    release,
    onEnd: c.get('answerEnded'),
    times,
    cutConnection: connectionCutter(c),
  })
  try {
    return await work(answer)
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

/** Answers with a stream of records; nobody is sent the body of an answer to HEAD. */
export async function streamAnswer(
  c: QueryContext,
  answer: Answer,
  {
    batches,
    headers,
    ...options
  }: StreamOptions & {
    readonly batches: ReturnType<typeof readLogs>
    readonly headers: Record<string, string>
  },
): Promise<Response> {
  const body = await answer.stream(withoutEmpty(batches), options)
  if (c.req.method !== 'HEAD') return new Response(body, { headers })
  answer.end('complete')
  return new Response(null, { headers })
}

async function* withoutEmpty(batches: ReturnType<typeof readLogs>): ReturnType<typeof readLogs> {
  for await (const batch of batches) if (batch.length > 0) yield batch
}

/**
 * A body that ends early must not look complete: the connection is reset, where there is one.
 */
function connectionCutter(c: QueryContext): (() => void) | undefined {
  const outgoing = c.env?.outgoing
  if (outgoing === undefined) return undefined
  return () => {
    outgoing.socket?.resetAndDestroy()
    outgoing.destroy()
  }
}
