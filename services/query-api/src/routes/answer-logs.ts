import { DEFAULT_TYPES, foldWord } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { Answer } from '../answer.ts'
import type { QueryContext } from '../app-types.ts'
import type { Events } from '../events.ts'
import { CONTENT_TYPES, batchWriter } from '../format/formats.ts'
import type { StreamFormat } from '../format/formats.ts'
import { toMessage } from '../format/message.ts'
import type { Gate } from '../gate.ts'
import {
  PAGE_MESSAGES_DEFAULT,
  PAGE_MESSAGES_MAX,
  QUERY_TIMES,
  RETRY_AFTER_SECONDS,
} from '../limits.ts'
import type { QueryTimes } from '../limits.ts'
import { ProblemError, badParameters } from '../problem.ts'
import { acceptedFormat } from '../query/accept.ts'
import { encodeCursor } from '../query/cursor.ts'
import type { CommonQuery } from '../query/parameters.ts'
import type { HotReads, ReadDeps } from '../read/deps.ts'
import type { LogFilter } from '../read/log-query.ts'
import { routeOf } from './route-of.ts'
import type { NameReads } from './subjects.ts'

/** What the log routes need. */
export interface LogDeps extends ReadDeps {
  readonly hot: HotReads & NameReads
  readonly events: Events
  readonly gate: Gate
  /** {@link QUERY_TIMES} unless a test has less time. */
  readonly times?: QueryTimes
}

type Batches = AsyncGenerator<LogRecord[], void, undefined>

/** A log query whose parameters are valid and whose channel and user are found. */
export interface LogRequest {
  readonly query: CommonQuery
  /** Called when there is no record; throws the 404 where what was asked for is not known. */
  readonly onEmpty: (signal: AbortSignal) => Promise<void>
  readonly read: (limit: number | undefined, signal: AbortSignal) => Batches
}

/** What a query's parameters say, without `limit`, which depends on the format. */
export function filterOf(query: CommonQuery): LogFilter {
  return {
    fromMs: query.from ?? Number.MIN_SAFE_INTEGER,
    toMs: query.to ?? Number.MAX_SAFE_INTEGER,
    order: query.order,
    types: query.type ?? DEFAULT_TYPES,
    search: query.q === undefined ? undefined : foldWord(query.q),
    after: query.cursor?.position,
  }
}

/** Answers a log query in the format asked for: a page of JSON, or a stream. */
export async function answerLogs(
  c: QueryContext,
  { events, gate, times = QUERY_TIMES }: LogDeps,
  request: LogRequest,
): Promise<Response> {
  const format = request.query.format ?? acceptedFormat(c)
  if (format === 'json') checkPageLimit(request.query)
  const release = gate.tryEnter()
  if (release === undefined) {
    events.answerRefused()
    throw new ProblemError({
      status: 503,
      detail: 'too many log queries run at this moment',
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    })
  }
  const answer = new Answer({
    route: routeOf(c),
    format,
    requestId: c.get('requestId'),
    events,
    clientSignal: c.req.raw.signal,
    release,
    times,
    cutConnection: connectionCutter(c),
  })
  try {
    return format === 'json'
      ? await answerPage(request, answer)
      : await answerStream(c, format, { request, answer })
  } catch (error) {
    const { tooLong } = answer
    if (tooLong !== undefined) {
      answer.end('failed')
      throw tooLong
    }
    // A problem that the request itself has is an answer.
    const outcome = error instanceof ProblemError ? 'complete' : 'failed'
    answer.end(c.req.raw.signal.aborted ? 'aborted' : outcome)
    throw error
  }
}

function checkPageLimit({ limit }: CommonQuery): void {
  if (limit === undefined || limit <= PAGE_MESSAGES_MAX) return
  const message = `must be at most ${PAGE_MESSAGES_MAX} for format=json`
  throw badParameters([{ parameter: 'limit', message }])
}

async function answerPage({ query, read, onEmpty }: LogRequest, answer: Answer): Promise<Response> {
  const limit = query.limit ?? PAGE_MESSAGES_DEFAULT
  const records: LogRecord[] = []
  await answer.reading(async () => {
    // One more than the page shows: it says whether there is a next page.
    for await (const batch of read(limit + 1, answer.signal)) records.push(...batch)
    if (records.length === 0) await onEmpty(answer.signal)
  })
  const shown = records.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = records.length > limit && last !== undefined
  const nextCursor = hasMore ? encodeCursor(last, query.order) : null
  const body = JSON.stringify({ messages: shown.map(toMessage), nextCursor })
  answer.wrote(shown.length, Buffer.byteLength(body))
  answer.end('complete')
  return new Response(body, { headers: headersOf('json') })
}

async function answerStream(
  c: QueryContext,
  format: StreamFormat,
  { request, answer }: { readonly request: LogRequest; readonly answer: Answer },
): Promise<Response> {
  const { query, onEmpty, read } = request
  const batches = withoutEmpty(read(query.limit, answer.signal))
  const body = await answer.stream(batches, batchWriter(format), () => onEmpty(answer.signal))
  if (c.req.method === 'HEAD') {
    answer.end('complete')
    return new Response(null, { headers: headersOf(format) })
  }
  return new Response(body, { headers: headersOf(format) })
}

async function* withoutEmpty(batches: Batches): Batches {
  for await (const batch of batches) if (batch.length > 0) yield batch
}

function headersOf(format: keyof typeof CONTENT_TYPES): Record<string, string> {
  return {
    'content-type': CONTENT_TYPES[format],
    // What is hot, late or replayed can still join any range.
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    vary: 'Accept',
  }
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
