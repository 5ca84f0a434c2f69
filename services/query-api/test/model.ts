import { comparePositions } from '@poglog/log-format'
import type { LogRecord, Order } from '@poglog/log-format'
import { z } from 'zod'
import type { QueryApp } from '../src/app-types.ts'
import { searchableText } from '../src/format/friendly-text.ts'

/** A query as a test says it; what is absent is not asked for. */
export interface ModelQuery {
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  readonly order: Order
  readonly channelId?: string | undefined
  readonly userId?: string | undefined
  readonly type?: string | undefined
  readonly q?: string | undefined
}

/** The right answer, by the plainest means. */
export function expected(records: readonly LogRecord[], query: ModelQuery): string[] {
  const sorted = records.filter((record) => isWanted(record, query)).toSorted(comparePositions)
  return (query.order === 'asc' ? sorted : sorted.toReversed()).map(({ raw }) => raw)
}

/** Where the question is put. */
export function pathOf(query: ModelQuery, route: 'channel' | 'user'): string {
  const parameters = new URLSearchParams({ order: query.order })
  if (query.fromMs !== undefined) parameters.set('from', milliseconds(query.fromMs))
  if (query.toMs !== undefined) parameters.set('to', milliseconds(query.toMs))
  if (query.type !== undefined) parameters.set('type', query.type)
  if (query.q !== undefined) parameters.set('q', query.q)
  if (route === 'channel') {
    if (query.userId !== undefined) parameters.set('user', query.userId)
    return `/channel/${query.channelId ?? ''}/logs?${parameters.toString()}`
  }
  if (query.channelId !== undefined) parameters.set('channel', query.channelId)
  return `/user/${query.userId ?? ''}/logs?${parameters.toString()}`
}

/** The lines of a raw stream; an unknown id has none. */
export async function rawLines(app: QueryApp, path: string): Promise<string[]> {
  const response = await app.request(`${path}&format=raw`)
  const body = await response.text()
  if (response.status === 404) return []
  if (response.status !== 200) throw new Error(`${response.status} for ${path}: ${body}`)
  return body.split('\n').slice(0, -1)
}

const pageSchema = z.object({
  messages: z.array(z.object({ raw: z.string() })),
  nextCursor: z.string().nullable(),
})

/** Follows the cursors of JSON pages to the end; `between` is called after each page. */
export async function pagedLines(
  app: QueryApp,
  path: string,
  { limit, between }: { limit: number; between?: () => Promise<void> },
): Promise<string[]> {
  const lines: string[] = []
  let cursor = ''
  for (;;) {
    const response = await app.request(`${path}&limit=${limit}${cursor}`)
    if (response.status === 404) return lines
    if (response.status !== 200) throw new Error(`${response.status} for ${path}`)
    const page = pageSchema.parse(await response.json())
    if (page.messages.length > limit) throw new Error('a page is longer than its limit')
    lines.push(...page.messages.map(({ raw }) => raw))
    if (page.nextCursor === null) return lines
    cursor = `&cursor=${page.nextCursor}`
    await between?.()
  }
}

function isWanted(record: LogRecord, query: ModelQuery): boolean {
  const { fromMs = 0, toMs = Number.POSITIVE_INFINITY, channelId, userId, type, q } = query
  return (
    record.sentAtMs >= fromMs &&
    record.sentAtMs < toMs &&
    (channelId === undefined || record.channelId === channelId) &&
    (userId === undefined || record.userId === userId) &&
    (type === undefined || type.split(',').includes(record.type)) &&
    (q === undefined || searchableText(record).toLowerCase().includes(q.toLowerCase()))
  )
}

/** RFC 3339, because small numbers of digits would be seconds. */
function milliseconds(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
