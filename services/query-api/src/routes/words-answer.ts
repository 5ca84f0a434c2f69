import type { QueryContext } from '../app-types.ts'
import type { Gate } from '../gate.ts'
import type { Answer } from '../answer.ts'
import { OPEN, closed, notModified, openWhole } from '../http/caching.ts'
import type { Caching } from '../http/caching.ts'
import type { CountDeps } from '../read/words-deps.ts'
import { hasRecords } from '../read/read-logs.ts'
import { standingOf } from '../read/standing.ts'
import type { StandingQuery } from '../read/standing.ts'
import { SPOKEN_TYPES } from '../read/words-inputs.ts'
import type { LogDeps } from './answer-logs.ts'
import { routeOf } from './route-of.ts'
import { runAnswer } from './run-answer.ts'
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

/** A counting query, and what its answer depends on. */
export interface Count {
  /** Whose records are counted, of which range; absent where the answer depends on more than them, such as logins. */
  readonly of?: Pick<StandingQuery, 'channelId' | 'userId' | 'fromMs' | 'toMs'> | undefined
  /** Ends by the signal when the client leaves or time is up. */
  readonly work: (signal: AbortSignal) => Promise<object>
}

/** Answers a counting query as {@link answerCount} does; its answer depends on more than the records of a range. */
export async function answerCounts(
  c: QueryContext,
  deps: CountRouteDeps,
  work: Count['work'],
): Promise<Response> {
  return await answerCount(c, deps, { work })
}

/** Answers a counting query with JSON, within the limits of time and of queries at once. */
export async function answerCount(
  c: QueryContext,
  deps: CountRouteDeps,
  { of, work }: Count,
): Promise<Response> {
  const kind = { format: 'counts', gate: deps.countGate, what: 'counting queries' } as const
  return await runAnswer(c, { ...deps, kind }, async (answer) => {
    const caching = await answer.reading(() => cachingOf(c, of, { answer, deps }))
    const unchanged = notModified(c, caching)
    if (unchanged !== undefined) {
      answer.end('complete')
      return unchanged
    }
    const body = `${JSON.stringify(await answer.reading(() => work(answer.signal)))}\n`
    answer.wrote(0, Buffer.byteLength(body))
    answer.end('complete')
    const whole = caching.etag === undefined ? openWhole(body) : caching
    const headers = { 'content-type': 'application/json', ...whole }
    return notModified(c, whole) ?? new Response(body, { headers })
  })
}

/** How the answer may be kept: known from the view of the log alone, before anything is counted. */
async function cachingOf(
  c: QueryContext,
  of: Count['of'],
  { answer, deps }: { readonly answer: Answer; readonly deps: CountRouteDeps },
): Promise<Caching> {
  if (of === undefined) return OPEN
  const query = { ...of, types: SPOKEN_TYPES, order: 'asc', signal: answer.signal } as const
  const standing = await standingOf(query, deps)
  if (standing === undefined) return OPEN
  const { channelId, userId, fromMs, toMs } = of
  // Ids and times as they were understood; the rest of the question as it was asked.
  return closed(standing, [routeOf(c), channelId, userId, fromMs, toMs, c.req.query()])
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
