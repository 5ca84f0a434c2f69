import { useQuery } from '@tanstack/preact-query'
import * as z from 'zod/mini'
import { askJson, pathOf } from './ask.ts'
import { freshMs, rangeQuery, timeSchema } from './range.ts'
import type { TimeRange } from './range.ts'
import { whosePath } from './whose.ts'
import type { Whose } from './whose.ts'

const activitySchema = z.object({
  total: z.number(),
  buckets: z.array(z.object({ from: timeSchema, messages: z.number() })),
})
const edgeSchema = z.object({ messages: z.array(z.object({ timestamp: timeSchema })) })

/** Hours or days, UTC. */
export type Period = 'hour' | 'day'

/** How much was said: only the hours or days with messages, the first one first. */
export type Activity = z.output<typeof activitySchema>

interface ActivityQuery extends TimeRange {
  readonly by: Period
  /** Asked only when it is. */
  readonly isWanted?: boolean
}

/** How much was said in a range, by hour or day. */
export function useActivity(whose: Whose, { by, isWanted = true, ...range }: ActivityQuery) {
  const { path, narrowed } = whosePath(whose, 'activity')
  return useQuery({
    queryKey: ['activity', whose.channel, whose.user, by, range.fromMs, range.toMs],
    queryFn: async ({ signal }) => {
      const asked = pathOf(path, { by, ...rangeQuery(range), ...narrowed })
      return await askJson({ path: asked, signal }, activitySchema)
    },
    enabled: isWanted,
    staleTime: freshMs(range),
  })
}

/** When the first or the newest message was sent; `null` where there is none. */
export function useEdge(whose: Whose, edge: 'first' | 'newest', isWanted: boolean) {
  const { path, narrowed } = whosePath(whose, 'logs')
  return useQuery({
    queryKey: ['edge', whose.channel, whose.user, edge],
    queryFn: async ({ signal }) => {
      const order = edge === 'first' ? 'asc' : 'desc'
      const asked = pathOf(path, { order, limit: 1, format: 'json', ...narrowed })
      const { messages } = await askJson({ path: asked, signal }, edgeSchema)
      return messages[0]?.timestamp ?? null
    },
    enabled: isWanted,
  })
}
