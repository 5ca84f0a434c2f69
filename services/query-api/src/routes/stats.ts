import { createRoute, z } from '@hono/zod-openapi'
import type { QueryApp } from '../app-types.ts'
import { rfc3339 } from '../format/message.ts'
import { ROW_TYPES } from '../format/row-types.ts'
import { BUSIEST_HOURS, LEADERS_DEFAULT, TOP_CHATTERS } from '../limits.ts'
import { channelStatsQuery, rangeOf, userStatsQuery } from '../query/counts.ts'
import { subject } from '../query/parameters.ts'
import { countRecords } from '../read/count-records.ts'
import { channelStats } from '../read/stats-channel.ts'
import { userStats } from '../read/stats-user.ts'
import type { Stats } from '../read/stats.ts'
import { channelStatsResponses, userStatsResponses } from './schemas.ts'
import { resolveChannel, resolveUser } from './subjects.ts'
import { answerCounts, checkCounted } from './words-answer.ts'
import type { CountRouteDeps } from './words-answer.ts'
import { namedLeaders } from './words-lists.ts'

const channelStatsRoute = createRoute({
  method: 'get',
  path: '/channel/{channel}/stats',
  summary: 'How much was said in a channel, when and by whom',
  request: {
    params: z.object({ channel: subject('The channel, by id or login') }),
    query: channelStatsQuery,
  },
  responses: channelStatsResponses,
})

const userStatsRoute = createRoute({
  method: 'get',
  path: '/user/{user}/stats',
  summary: 'How much a user said, when and where',
  request: {
    params: z.object({ user: subject('The user, by id or login') }),
    query: userStatsQuery,
  },
  responses: userStatsResponses,
})

/** `GET /channel/:channel/stats` and `GET /user/:user/stats`. */
export function addStatsRoutes(app: QueryApp, deps: CountRouteDeps): void {
  app.openapi(channelStatsRoute, async (c) => {
    const { channel } = c.req.valid('param')
    const { user, limit = TOP_CHATTERS, ...range } = c.req.valid('query')
    const found = await resolveChannel(channel, deps.hot)
    const userOf = user === undefined ? undefined : await resolveUser(user, deps.hot)
    // Of a login that somebody has, nothing counted is an answer to rustlog's clients.
    const channelOf = { ...found, isKnown: found.isKnown || channel.kind === 'login' }
    return await answerCounts(c, deps, async (signal) => {
      const whose = { channelId: channelOf.id, userId: userOf?.id, ...rangeOf(range), signal }
      const [stats, { total, byUser }] = await Promise.all([
        channelStats({ ...whose, busiest: BUSIEST_HOURS }, deps),
        countRecords({ ...whose, types: ROW_TYPES }, deps),
      ])
      await checkCounted(total, [channelOf, userOf], { deps, signal })
      const leaders = await namedLeaders(byUser, limit, deps.hot)
      return {
        channelId: channelOf.id,
        chatters: stats.byUser.size,
        ...statsJson(stats),
        messageCount: total,
        topChatters: leaders.map(({ id, login, count }) => ({
          userId: id,
          login,
          userLogin: login,
          messages: stats.byUser.get(id) ?? 0,
          messageCount: count,
        })),
      }
    })
  })
  app.openapi(userStatsRoute, async (c) => {
    const { user } = c.req.valid('param')
    const { limit = LEADERS_DEFAULT, ...range } = c.req.valid('query')
    const userOf = await resolveUser(user, deps.hot)
    return await answerCounts(c, deps, async (signal) => {
      const whose = { userId: userOf.id, ...rangeOf(range), signal }
      const stats = await userStats({ ...whose, busiest: BUSIEST_HOURS }, deps)
      await checkCounted(stats.messages, [userOf], { deps, signal })
      const leaders = await namedLeaders(stats.byChannel, limit, deps.hot)
      return {
        userId: userOf.id,
        channelCount: stats.byChannel.size,
        ...statsJson(stats),
        channels: leaders.map(({ id, login, count }) => ({
          channelId: id,
          login,
          messages: count,
        })),
      }
    })
  })
}

function statsJson({ messages, firstMs, lastMs, hoursOfDay, busiestHours }: Stats): object {
  return {
    messages,
    firstMessageAt: firstMs === undefined ? null : rfc3339(firstMs),
    lastMessageAt: lastMs === undefined ? null : rfc3339(lastMs),
    hoursOfDay,
    busiestHours: busiestHours.map((hour) => ({
      from: rfc3339(hour.hourMs),
      messages: hour.messages,
    })),
  }
}
