import { queryClient } from '../api/query-client.ts'
import { askPage } from './log-page.ts'
import type { LogPage, PageAsked } from './log-page.ts'
import type { LogQuery } from './log-query.ts'
import { LOG_LIMITS } from './log-window.ts'
import type { LogReaderDeps } from './log-reader.ts'

/** A day is asked for once in a while only: when a log began changes with imports alone. */
const FIRST_FRESH_MS = 10 * 60_000

/** Reads from the API; retries are the query client's. */
export const API_LOG: LogReaderDeps = {
  askPage: (query, asked) =>
    queryClient.fetchQuery({
      queryKey: ['page', query, asked.direction, asked.edge, asked.limit],
      queryFn: () => askPage(query, asked),
      // The window holds it; a second copy would only take room.
      staleTime: 0,
      gcTime: 0,
    }),
  askFirstMs: (query, signal) =>
    queryClient.fetchQuery({
      queryKey: ['first', query.channel, query.user],
      queryFn: () => askFirstMs(query, signal),
      staleTime: FIRST_FRESH_MS,
    }),
  now: Date.now,
  limits: LOG_LIMITS,
}

async function askFirstMs(query: LogQuery, signal: AbortSignal): Promise<number> {
  const { lines } = await askOne({ ...query, search: '', types: '' }, signal)
  return lines[0]?.sentMs ?? 0
}

function askOne(query: LogQuery, signal: AbortSignal): Promise<LogPage> {
  const asked: PageAsked = {
    direction: 'newer',
    edge: { kind: 'time', timeMs: 0 },
    limit: 1,
    firstMs: 0,
    nowMs: 0,
    signal,
  }
  return askPage(query, asked)
}
