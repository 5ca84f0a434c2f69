import { DEFAULT_TYPES } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { Answer } from '../answer.ts'
import type { QueryContext } from '../app-types.ts'
import { CONTENT_TYPES, batchWriter } from '../format/formats.ts'
import type { StreamFormat } from '../format/formats.ts'
import { searchableText } from '../format/friendly-text.ts'
import { toMessage } from '../format/message.ts'
import { textTest } from '../format/text-search.ts'
import type { Gate } from '../gate.ts'
import { PAGE_MESSAGES_DEFAULT, PAGE_MESSAGES_MAX } from '../limits.ts'
import { badParameters } from '../problem.ts'
import { acceptedFormat } from '../query/accept.ts'
import { encodeCursor } from '../query/cursor.ts'
import type { CommonQuery } from '../query/parameters.ts'
import type { HotReads, ReadDeps } from '../read/deps.ts'
import type { LogFilter } from '../read/log-query.ts'
import { runAnswer, streamAnswer } from './run-answer.ts'
import type { AnswerDeps } from './run-answer.ts'
import type { NameReads } from './subjects.ts'

/** What the log routes need. */
export interface LogDeps extends ReadDeps, AnswerDeps {
  readonly hot: HotReads & NameReads
  readonly gate: Gate
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
    isWanted: query.q === undefined ? undefined : textTest(query.q, searchableText),
    after: query.cursor?.position,
  }
}

/** Answers a log query in the format asked for: a page of JSON, or a stream. */
export async function answerLogs(
  c: QueryContext,
  deps: LogDeps,
  request: LogRequest,
): Promise<Response> {
  const format = request.query.format ?? acceptedFormat(c)
  if (format === 'json') checkPageLimit(request.query)
  const kind = { format, gate: deps.gate, what: 'log queries' } as const
  return await runAnswer(c, { ...deps, kind }, async (answer) =>
    format === 'json'
      ? await answerPage(request, answer)
      : await answerStream(c, format, { request, answer }),
  )
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
  return await streamAnswer(c, answer, {
    batches: read(query.limit, answer.signal),
    write: batchWriter(format),
    onEmpty: () => onEmpty(answer.signal),
    headers: headersOf(format),
  })
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
