import { DEFAULT_TYPES } from '@poglog/log-format'
import type { LogRecord, Order } from '@poglog/log-format'
import type { Answer } from '../answer.ts'
import type { QueryContext } from '../app-types.ts'
import { CONTENT_TYPES, batchWriter } from '../format/formats.ts'
import type { Format, StreamFormat } from '../format/formats.ts'
import { searchableText } from '../format/friendly-text.ts'
import { toMessage } from '../format/message.ts'
import { textTest } from '../format/text-search.ts'
import type { Gate } from '../gate.ts'
import { OPEN, closed, notModified, openWhole } from '../http/caching.ts'
import type { Caching } from '../http/caching.ts'
import { PAGE_MESSAGES_DEFAULT, PAGE_MESSAGES_MAX } from '../limits.ts'
import { badParameters } from '../problem.ts'
import { acceptedFormat } from '../query/accept.ts'
import { encodeCursor } from '../query/cursor.ts'
import type { CommonQuery } from '../query/parameters.ts'
import type { HotReads, ReadDeps } from '../read/deps.ts'
import type { LogFilter } from '../read/log-query.ts'
import { standingOf } from '../read/standing.ts'
import { runAnswer, streamAnswer } from './run-answer.ts'
import type { AnswerDeps } from './run-answer.ts'
import type { NameReads } from './subjects.ts'

/** What the log routes need. */
export interface LogDeps extends ReadDeps, AnswerDeps {
  readonly hot: HotReads & NameReads
  readonly gate: Gate
}

/** What an answer depends on beside its URL; compression adds what it looks at. */
const VARY = 'Accept'

type Batches = AsyncGenerator<LogRecord[], void, undefined>

/** A log query whose parameters are valid and whose channel and user are found. */
export interface LogRequest {
  readonly query: CommonQuery
  readonly whose: { readonly channelId?: string | undefined; readonly userId?: string | undefined }
  /** Called when there is no record and no cursor; throws the 404 where what was asked for is not known. */
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
  asked: LogRequest,
): Promise<Response> {
  // Who has a cursor was shown a record: behind the last one is an empty answer, whoever is known.
  const request =
    asked.query.cursor === undefined ? asked : { ...asked, onEmpty: async () => undefined }
  const format = request.query.format ?? acceptedFormat(c)
  if (format === 'json') checkPageLimit(request.query)
  const kind = { format, gate: deps.gate, what: 'log queries' } as const
  return await runAnswer(c, { ...deps, kind }, async (answer) => {
    const caching = await answer.reading(() => cachingOf(request, { format, answer, deps }))
    const unchanged = notModified(c, caching, VARY)
    if (unchanged !== undefined) {
      answer.end('complete')
      return unchanged
    }
    return format === 'json'
      ? await answerPage(c, caching, { request, answer })
      : await answerStream(c, { format, caching }, { request, answer })
  })
}

function checkPageLimit({ limit }: CommonQuery): void {
  if (limit === undefined || limit <= PAGE_MESSAGES_MAX) return
  const message = `must be at most ${PAGE_MESSAGES_MAX} for format=json`
  throw badParameters([{ parameter: 'limit', message }])
}

/** How the answer may be kept: known from the view of the log alone, before a segment is read. */
async function cachingOf(
  { query, whose }: LogRequest,
  { format, answer, deps }: { format: Format; answer: Answer; deps: LogDeps },
): Promise<Caching> {
  const filter = { ...filterOf(query), ...whose }
  const standing = await standingOf({ ...filter, signal: answer.signal }, deps)
  if (standing === undefined) return OPEN
  const { fromMs, toMs, order, types, after } = filter
  const range = [fromMs, toMs, order, [...types].toSorted(), query.q, after, query.limit]
  return closed(standing, ['logs', whose.channelId, whose.userId, format, ...range])
}

interface Running {
  readonly request: LogRequest
  readonly answer: Answer
}

async function answerPage(
  c: QueryContext,
  caching: Caching,
  { request, answer }: Running,
): Promise<Response> {
  const { query, read, onEmpty } = request
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
  const previousCursor = cursorBack(shown.at(0), query.order)
  const body = JSON.stringify({ messages: shown.map(toMessage), nextCursor, previousCursor })
  answer.wrote(shown.length, Buffer.byteLength(body))
  answer.end('complete')
  const whole = caching.etag === undefined ? openWhole(body) : caching
  const headers = {
    ...headersOf('json', whole),
    ...(nextCursor === null ? {} : { link: nextPageLink(c, nextCursor) }),
  }
  return notModified(c, whole, VARY) ?? new Response(body, { headers })
}

/** Where to go from a page's first record against its order; whether anything is there is not known. */
function cursorBack(first: LogRecord | undefined, order: Order): string | null {
  return first === undefined ? null : encodeCursor(first, order === 'asc' ? 'desc' : 'asc')
}

async function answerStream(
  c: QueryContext,
  { format, caching }: { readonly format: StreamFormat; readonly caching: Caching },
  { request, answer }: Running,
): Promise<Response> {
  const { query, onEmpty, read } = request
  return await streamAnswer(c, answer, {
    batches: read(query.limit, answer.signal),
    write: batchWriter(format),
    onEmpty: () => onEmpty(answer.signal),
    headers: headersOf(format, caching),
  })
}

function headersOf(format: Format, caching: Caching): Record<string, string> {
  return { 'content-type': CONTENT_TYPES[format], ...caching, vary: VARY }
}

/** RFC 8288: the same question with the cursor of the next page. */
function nextPageLink(c: QueryContext, cursor: string): string {
  const { pathname, searchParams } = new URL(c.req.url)
  searchParams.set('cursor', cursor)
  return `<${pathname}?${searchParams.toString()}>; rel="next"`
}
