import * as z from 'zod/mini'
import { askJson } from '../api/ask.ts'
import { lineOf } from '../chat/line.ts'
import type { Line } from '../chat/line.ts'
import { messageSchema } from '../chat/message-schema.ts'
import { DAY_MS } from '../place/time.ts'
import { logPath } from './log-query.ts'
import type { LogQuery } from './log-query.ts'

export type Direction = 'older' | 'newer'

/**
 * How a log goes on beyond its loaded part.
 *
 * - `end`: not at all, as of the time it was asked. `cursor`: from this record. `time`: from this time.
 * - `bound`: a search looks at one span of time after the other, so that one for a rare word tells how far it is; this is
 *   where the present span ends.
 */
export type Edge =
  | { readonly kind: 'end' }
  | { readonly kind: 'cursor'; readonly cursor: string; readonly bound?: SpanEnd }
  | { readonly kind: 'time'; readonly timeMs: number; readonly spanMs?: number }

interface SpanEnd {
  readonly timeMs: number
  readonly spanMs: number
}

/** A part of a log, the oldest line first, and how it goes on at both ends. */
export interface LogPage {
  readonly lines: readonly Line[]
  readonly older: Edge
  readonly newer: Edge
}

/** What asking for a page takes. */
export interface PageAsked {
  readonly direction: Direction
  readonly edge: Exclude<Edge, { readonly kind: 'end' }>
  readonly limit: number
  /** Nothing of the log is older, or newer; a search goes no further. */
  readonly firstMs: number
  readonly nowMs: number
  readonly signal: AbortSignal
}

/** A search looks at so much time at first, and at twice as much each time that it found too little and was quick. */
export const SEARCH_SPAN_MS = DAY_MS
const SEARCH_SPAN_MS_MAX = 32 * DAY_MS
/** An answer that took longer says that the span is long enough: what it holds depends on the channel. */
const QUICK_MS_MAX = 3000

const pageSchema = z.object({
  messages: z.array(messageSchema),
  nextCursor: z.nullable(z.string()),
  previousCursor: z.nullable(z.string()),
})

/** Asks for what lies beyond an edge. Fails as `askJson` does. */
export async function askPage(query: LogQuery, asked: PageAsked): Promise<LogPage> {
  const { direction, edge, limit, signal } = asked
  const span = spanOf(asked)
  const isOlder = direction === 'older'
  const path = logPath(query, 'logs', {
    order: isOlder ? 'desc' : 'asc',
    limit,
    ...(isOlder
      ? { from: span?.timeMs, to: startOf(edge) }
      : { from: startOf(edge), to: span?.timeMs }),
    cursor: edge.kind === 'cursor' ? edge.cursor : undefined,
  })
  const startedMs = performance.now()
  const { messages, nextCursor, previousCursor } = await askJson({ path, signal }, pageSchema)
  const isQuick = performance.now() - startedMs <= QUICK_MS_MAX
  const lines = messages.map(lineOf)
  const on = nextCursor === null ? edgeBehind(span, isQuick, asked) : edgeAt(nextCursor, span)
  const back =
    previousCursor === null ? edge : ({ kind: 'cursor', cursor: previousCursor } as const)
  return isOlder
    ? { lines: lines.toReversed(), older: on, newer: back }
    : { lines, older: back, newer: on }
}

/** A cursor says itself where to go on. */
function startOf(edge: PageAsked['edge']): number | undefined {
  return edge.kind === 'time' ? edge.timeMs : undefined
}

/** Where the span that is looked at ends; `undefined` where nothing is searched and all is one span. */
function spanOf({ direction, edge }: PageAsked): SpanEnd | undefined {
  if (edge.kind === 'cursor') return edge.bound
  if (edge.spanMs === undefined) return undefined
  const reachMs = direction === 'older' ? -edge.spanMs : edge.spanMs
  return { timeMs: edge.timeMs + reachMs, spanMs: edge.spanMs }
}

function edgeAt(cursor: string, bound: SpanEnd | undefined): Edge {
  return { kind: 'cursor', cursor, ...(bound === undefined ? {} : { bound }) }
}

/** Where a search goes on behind a span that it has looked at. */
function edgeBehind(
  span: SpanEnd | undefined,
  isQuick: boolean,
  { direction, firstMs, nowMs }: PageAsked,
): Edge {
  if (span === undefined) return { kind: 'end' }
  const { timeMs, spanMs } = span
  const isThere = direction === 'older' ? timeMs <= firstMs : timeMs > nowMs
  if (isThere) return { kind: 'end' }
  return {
    kind: 'time',
    timeMs,
    spanMs: isQuick ? Math.min(2 * spanMs, SEARCH_SPAN_MS_MAX) : spanMs,
  }
}
