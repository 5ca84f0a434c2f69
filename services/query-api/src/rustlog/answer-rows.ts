import type { LogRecord } from '@poglog/log-format'
import type { QueryContext } from '../app-types.ts'
import { ROW_TYPES } from '../format/row-types.ts'
import { OPEN, closed, notModified } from '../http/caching.ts'
import type { Caching } from '../http/caching.ts'
import type { LogFilter } from '../read/log-query.ts'
import { readLogs } from '../read/read-logs.ts'
import { standingOf } from '../read/standing.ts'
import type { TimeRange } from '../read/words-range.ts'
import { runAnswer, streamAnswer } from '../routes/run-answer.ts'
import type { CountRouteDeps } from '../routes/words-answer.ts'
import { notFound } from './errors.ts'
import { rowWriter } from './formats.ts'
import type { LogFormat } from './formats.ts'
import type { RowParameters } from './parameters.ts'
import type { LogSubject } from './subjects.ts'

/** All that there is, sent whenever. */
export const ALWAYS: TimeRange = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }

const CLOSED_CACHE = 'public, max-age=36000'

type Batches = AsyncGenerator<LogRecord[], void, undefined>

/** The rows of a log that are asked for. */
export interface RowRequest extends LogSubject, TimeRange, RowParameters {
  readonly isWanted?: LogFilter['isWanted']
}

/** Streams the rows of a range in the format asked for; 404 where there is none. Once it has ended, caches may keep it. */
export async function answerRange(
  c: QueryContext,
  deps: CountRouteDeps,
  request: RowRequest,
): Promise<Response> {
  const { format } = request
  const caching = (signal: AbortSignal) => cachingOf(request, signal, deps)
  return await streamRows(c, deps, {
    format,
    caching,
    read: (signal) => rowsOf(request, signal, deps),
  })
}

/** Streams rows in the format asked for; 404 where there is none. Nothing is said of keeping them. */
export async function answerRows(
  c: QueryContext,
  deps: CountRouteDeps,
  request: RowRequest,
): Promise<Response> {
  const { format } = request
  return await streamRows(c, deps, { format, read: (signal) => rowsOf(request, signal, deps) })
}

/** Streams what `read` gives as rows; 404 where that is nothing. */
export async function streamRows(
  c: QueryContext,
  deps: CountRouteDeps,
  request: {
    readonly format: LogFormat
    readonly caching?: (signal: AbortSignal) => Promise<Caching>
    readonly read: (signal: AbortSignal) => Batches
  },
): Promise<Response> {
  const { format, caching, read } = request
  const kind = { format, gate: deps.gate, what: 'log queries' } as const
  return await runAnswer(c, { ...deps, kind }, async (answer) => {
    const kept = await answer.reading(async () => caching?.(answer.signal))
    const unchanged = kept === undefined ? undefined : notModified(c, kept)
    if (unchanged !== undefined) {
      answer.end('complete')
      return unchanged
    }
    const { contentType, write, end } = rowWriter(format)
    return await streamAnswer(c, answer, {
      batches: read(answer.signal),
      write,
      end,
      onEmpty: async () => {
        throw notFound()
      },
      headers: { 'content-type': contentType, ...kept },
    })
  })
}

/** rustlog's own words for how long a range may be kept; the tag of a closed one is as on the native routes. */
async function cachingOf(
  request: RowRequest,
  signal: AbortSignal,
  deps: CountRouteDeps,
): Promise<Caching> {
  const { channelId, userId, fromMs, toMs, order, format, limit, offset } = request
  if (toMs > deps.clock()) return OPEN
  const range = { channelId, userId, fromMs, toMs, types: ROW_TYPES, order, signal }
  const standing = await standingOf(range, deps)
  if (standing === undefined) return { 'cache-control': CLOSED_CACHE }
  const question = ['rustlog', channelId, userId, fromMs, toMs, order, format, limit, offset]
  return { ...closed(standing, question), 'cache-control': CLOSED_CACHE }
}

/** The rows behind the first `offset`, which are read and let go. */
async function* rowsOf(request: RowRequest, signal: AbortSignal, deps: CountRouteDeps): Batches {
  const { channelId, userId, fromMs, toMs, order, isWanted, offset } = request
  if (request.limit === 0) return
  // Beyond a safe integer there is nothing to skip to.
  const limit = request.limit === undefined ? undefined : request.limit + offset
  const query = { channelId, userId, fromMs, toMs, order, isWanted, limit, signal }
  let left = offset
  for await (const batch of readLogs({ ...query, types: ROW_TYPES }, deps)) {
    const rows = left === 0 ? batch : batch.slice(left)
    left = Math.max(0, left - batch.length)
    if (rows.length > 0) yield rows
  }
}
