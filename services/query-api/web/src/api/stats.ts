import { useQuery } from '@tanstack/preact-query'
import * as z from 'zod/mini'
import type { Subject } from '../place/subject.ts'
import { askJson, pathOf } from './ask.ts'
import { freshMs, rangeQuery, timeSchema } from './range.ts'
import type { TimeRange } from './range.ts'
import { whosePath } from './whose.ts'
import type { Whose } from './whose.ts'

/** Lists of users or channels: more rows are not read. */
const LEADERS_MAX = 20

const said = {
  messages: z.number(),
  busiestHours: z.array(z.object({ from: timeSchema, messages: z.number() })),
}
const login = z.nullable(z.string())
const channelStatsSchema = z.object({
  ...said,
  chatters: z.number(),
  topChatters: z.array(z.object({ userId: z.string(), login, messages: z.number() })),
})
const userStatsSchema = z.object({
  ...said,
  channelCount: z.number(),
  channels: z.array(z.object({ channelId: z.string(), login, messages: z.number() })),
})

export type ChannelStats = z.output<typeof channelStatsSchema>
export type UserStats = z.output<typeof userStatsSchema>

/** How much was said in a channel, at which hours most, and by whom. */
export function useChannelStats(whose: Whose, range: TimeRange) {
  return useQuery(statsQuery(channelStatsSchema, whose, range))
}

/** How much a user said, at which hours most, and in which channels. */
export function useUserStats(user: Subject, range: TimeRange) {
  return useQuery(statsQuery(userStatsSchema, { user }, range))
}

function statsQuery<Schema extends z.core.$ZodType>(
  schema: Schema,
  whose: Whose,
  range: TimeRange,
) {
  const { path, narrowed } = whosePath(whose, 'stats')
  const asked = pathOf(path, { limit: LEADERS_MAX, ...rangeQuery(range), ...narrowed })
  return {
    queryKey: ['stats', asked],
    queryFn: async ({ signal }: { readonly signal: AbortSignal }) =>
      await askJson({ path: asked, signal }, schema),
    staleTime: freshMs(range),
  }
}
