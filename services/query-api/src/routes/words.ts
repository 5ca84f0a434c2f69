import { createRoute, z } from '@hono/zod-openapi'
import type { QueryApp } from '../app-types.ts'
import { rfc3339 } from '../format/message.ts'
import { LEADERS_DEFAULT, TOP_WORDS_DEFAULT } from '../limits.ts'
import { channelWordsQuery, rangeOf, topWordsQuery, userWordsQuery } from '../query/counts.ts'
import { subject } from '../query/parameters.ts'
import { countWord } from '../read/count-words.ts'
import { countUserWord } from '../read/words-user.ts'
import { topWords } from '../read/words-top.ts'
import { channelWordsResponses, topWordsResponses, userWordsResponses } from './schemas.ts'
import { resolveChannel, resolveUser } from './subjects.ts'
import { answerCount, answerCounts, checkCounted } from './words-answer.ts'
import type { CountRouteDeps } from './words-answer.ts'
import { namedLeaders, topRange } from './words-lists.ts'

const channelWordsRoute = createRoute({
  method: 'get',
  path: '/channel/{channel}/words',
  summary: 'How often a word was said in a channel, when and by whom',
  request: {
    params: z.object({ channel: subject('The channel, by id or login') }),
    query: channelWordsQuery,
  },
  responses: channelWordsResponses,
})

const topWordsRoute = createRoute({
  method: 'get',
  path: '/channel/{channel}/words/top',
  summary: 'The words said most in a channel',
  request: {
    params: z.object({ channel: subject('The channel, by id or login') }),
    query: topWordsQuery,
  },
  responses: topWordsResponses,
})

const userWordsRoute = createRoute({
  method: 'get',
  path: '/user/{user}/words',
  summary: 'How often a user said a word, over all channels',
  request: {
    params: z.object({ user: subject('The user, by id or login') }),
    query: userWordsQuery,
  },
  responses: userWordsResponses,
})

/** `GET /channel/:channel/words`, its `/top`, and `GET /user/:user/words`. */
export function addWordRoutes(app: QueryApp, deps: CountRouteDeps): void {
  addChannelWords(app, deps)
  addTopWords(app, deps)
  addUserWords(app, deps)
}

function addChannelWords(app: QueryApp, deps: CountRouteDeps): void {
  app.openapi(channelWordsRoute, async (c) => {
    const { channel } = c.req.valid('param')
    const { user, word, match, by, limit, ...range } = c.req.valid('query')
    const channelOf = await resolveChannel(channel, deps.hot)
    const userOf = user === undefined ? undefined : await resolveUser(user, deps.hot)
    const of = { channelId: channelOf.id, userId: userOf?.id, ...rangeOf(range) }
    const work = async (signal: AbortSignal): Promise<object> => {
      const whose = { ...of, signal }
      const period = by === 'user' ? undefined : by
      const tally = await countWord({ ...whose, word, match, by: period }, deps)
      await checkCounted(tally.total, [channelOf, userOf], { deps, signal })
      const answer = {
        channelId: channelOf.id,
        word,
        match,
        total: tally.total,
        users: tally.byUser.size,
        by,
      }
      if (by === 'user') {
        const leaders = await namedLeaders(tally.byUser, limit ?? LEADERS_DEFAULT, deps.hot)
        return {
          ...answer,
          leaders: leaders.map(({ id, login, count }) => ({ userId: id, login, count })),
        }
      }
      const periods = [...tally.byPeriod].toSorted(([left], [right]) => left - right)
      return {
        ...answer,
        buckets: periods.map(([startMs, count]) => ({ from: rfc3339(startMs), count })),
      }
    }
    // Leaders have logins, which users change.
    return await answerCount(c, deps, { of: by === 'user' ? undefined : of, work })
  })
}

function addTopWords(app: QueryApp, deps: CountRouteDeps): void {
  app.openapi(topWordsRoute, async (c) => {
    const { channel } = c.req.valid('param')
    const { user, match, limit = TOP_WORDS_DEFAULT, ...range } = c.req.valid('query')
    const { fromMs, toMs } = topRange(range, deps.clock())
    const channelOf = await resolveChannel(channel, deps.hot)
    const userOf = user === undefined ? undefined : await resolveUser(user, deps.hot)
    const of = { channelId: channelOf.id, userId: userOf?.id, fromMs, toMs }
    const work = async (signal: AbortSignal): Promise<object> => {
      const words = await topWords({ ...of, signal, match, limit }, deps)
      await checkCounted(words.length, [channelOf, userOf], { deps, signal })
      return { channelId: channelOf.id, match, from: rfc3339(fromMs), to: rfc3339(toMs), words }
    }
    return await answerCount(c, deps, { of, work })
  })
}

function addUserWords(app: QueryApp, deps: CountRouteDeps): void {
  app.openapi(userWordsRoute, async (c) => {
    const { user } = c.req.valid('param')
    const { word, match, limit = LEADERS_DEFAULT, ...range } = c.req.valid('query')
    const userOf = await resolveUser(user, deps.hot)
    return await answerCounts(c, deps, async (signal) => {
      const whose = { userId: userOf.id, ...rangeOf(range), signal }
      const { total, byChannel } = await countUserWord({ ...whose, word, match }, deps)
      await checkCounted(total, [userOf], { deps, signal })
      const leaders = await namedLeaders(byChannel, limit, deps.hot)
      return {
        userId: userOf.id,
        word,
        match,
        total,
        channelCount: byChannel.size,
        channels: leaders.map(({ id, login, count }) => ({ channelId: id, login, count })),
      }
    })
  })
}
