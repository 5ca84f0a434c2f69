import type { QueryContext } from '../app-types.ts'
import type { Gate } from '../gate.ts'
import type { CountDeps } from '../read/words-deps.ts'
import { hasRecords } from '../read/read-logs.ts'
import type { LogDeps } from './answer-logs.ts'
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

/**
 * Answers a counting query with JSON, within the limits of time and of queries at once; `work` ends by the signal when
 * the client leaves or time is up.
 */
export async function answerCounts(
  c: QueryContext,
  deps: CountRouteDeps,
  work: (signal: AbortSignal) => Promise<object>,
): Promise<Response> {
  const kind = { format: 'counts', gate: deps.countGate, what: 'counting queries' } as const
  return await runAnswer(c, { ...deps, kind }, async (answer) => {
    const body = `${JSON.stringify(await answer.reading(() => work(answer.signal)))}\n`
    answer.wrote(0, Buffer.byteLength(body))
    answer.end('complete')
    // What is hot, late or imported can still join any range.
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache' }
    return new Response(body, { headers: { ...headers, 'x-content-type-options': 'nosniff' } })
  })
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
