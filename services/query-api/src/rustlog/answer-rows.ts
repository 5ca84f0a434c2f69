import type { LogRecord } from '@poglog/log-format'
import type { QueryContext } from '../app-types.ts'
import { ROW_TYPES } from '../format/row-types.ts'
import type { LogFilter } from '../read/log-query.ts'
import { readLogs } from '../read/read-logs.ts'
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
  readonly cacheControl?: string
}

/** What caches may do with a range: once it has ended, keep it. */
export function cacheControlOf({ toMs }: TimeRange, nowMs: number): string {
  return toMs > nowMs ? 'no-cache' : CLOSED_CACHE
}

/** Streams rows in the format asked for; 404 where there is none. */
export async function answerRows(
  c: QueryContext,
  deps: CountRouteDeps,
  request: RowRequest,
): Promise<Response> {
  return await streamRows(c, deps, {
    ...request,
    read: (signal) => rowsOf(request, signal, deps),
  })
}

/** Streams what `read` gives as rows; 404 where that is nothing. */
export async function streamRows(
  c: QueryContext,
  deps: CountRouteDeps,
  request: {
    readonly format: LogFormat
    readonly cacheControl?: string
    readonly read: (signal: AbortSignal) => Batches
  },
): Promise<Response> {
  const { format, cacheControl, read } = request
  const kind = { format, gate: deps.gate, what: 'log queries' } as const
  return await runAnswer(c, { ...deps, kind }, async (answer) => {
    const { contentType, write, end } = rowWriter(format)
    return await streamAnswer(c, answer, {
      batches: read(answer.signal),
      write,
      end,
      onEmpty: async () => {
        throw notFound()
      },
      headers: {
        'content-type': contentType,
        'x-content-type-options': 'nosniff',
        ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
      },
    })
  })
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
