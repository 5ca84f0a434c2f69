import { createRoute, z } from '@hono/zod-openapi'
import type { QueryApp } from '../app-types.ts'
import { rfc3339 } from '../format/message.ts'
import { channelActivityQuery, rangeOf, userActivityQuery } from '../query/counts.ts'
import { subject } from '../query/parameters.ts'
import { channelActivity, userActivity } from '../read/activity.ts'
import type { Activity } from '../read/activity.ts'
import { channelActivityResponses, userActivityResponses } from './schemas.ts'
import { resolveChannel, resolveUser } from './subjects.ts'
import { answerCount, checkCounted } from './words-answer.ts'
import type { CountRouteDeps } from './words-answer.ts'

const channelActivityRoute = createRoute({
  method: 'get',
  path: '/channel/{channel}/activity',
  summary: 'How much was said in a channel, by hour or day',
  request: {
    params: z.object({ channel: subject('The channel, by id or login') }),
    query: channelActivityQuery,
  },
  responses: channelActivityResponses,
})

const userActivityRoute = createRoute({
  method: 'get',
  path: '/user/{user}/activity',
  summary: 'How much a user said over all channels or in one, by hour or day',
  request: {
    params: z.object({ user: subject('The user, by id or login') }),
    query: userActivityQuery,
  },
  responses: userActivityResponses,
})

/** `GET /channel/:channel/activity` and `GET /user/:user/activity`. */
export function addActivityRoutes(app: QueryApp, deps: CountRouteDeps): void {
  app.openapi(channelActivityRoute, async (c) => {
    const { channel } = c.req.valid('param')
    const { by, user, ...range } = c.req.valid('query')
    const channelOf = await resolveChannel(channel, deps.hot)
    const userOf = user === undefined ? undefined : await resolveUser(user, deps.hot)
    const of = { channelId: channelOf.id, userId: userOf?.id, ...rangeOf(range) }
    const work = async (signal: AbortSignal): Promise<object> => {
      const activity = await channelActivity({ ...of, by, signal }, deps)
      await checkCounted(activity.total, [channelOf, userOf], { deps, signal })
      return { channelId: channelOf.id, by, ...activityJson(activity) }
    }
    return await answerCount(c, deps, { of, work })
  })
  app.openapi(userActivityRoute, async (c) => {
    const { user } = c.req.valid('param')
    const { by, channel, ...range } = c.req.valid('query')
    const userOf = await resolveUser(user, deps.hot)
    const channelOf = channel === undefined ? undefined : await resolveChannel(channel, deps.hot)
    const of = { userId: userOf.id, channelId: channelOf?.id, ...rangeOf(range) }
    const work = async (signal: AbortSignal): Promise<object> => {
      const { channelId, ...whose } = { ...of, by, signal }
      const activity =
        channelId === undefined
          ? await userActivity(whose, deps)
          : await channelActivity({ ...whose, channelId }, deps)
      await checkCounted(activity.total, [userOf, channelOf], { deps, signal })
      return { userId: userOf.id, by, ...activityJson(activity) }
    }
    return await answerCount(c, deps, { of, work })
  })
}

function activityJson({ total, byPeriod }: Activity): object {
  const periods = [...byPeriod].toSorted(([left], [right]) => left - right)
  return {
    total,
    buckets: periods.map(([startMs, messages]) => ({ from: rfc3339(startMs), messages })),
  }
}
