import { createRoute, z } from '@hono/zod-openapi'
import { hasRecords, readLogs } from '../read/read-logs.ts'
import { readUserLogs } from '../read/read-user-logs.ts'
import type { QueryApp } from '../app-types.ts'
import { channelLogsQuery, subject, userLogsQuery } from '../query/parameters.ts'
import { answerLogs, filterOf } from './answer-logs.ts'
import type { LogDeps } from './answer-logs.ts'
import { logsResponses } from './schemas.ts'
import { resolveChannel, resolveUser, unknownSubject } from './subjects.ts'
import type { Resolved } from './subjects.ts'

const channelLogsRoute = createRoute({
  method: 'get',
  path: '/channel/{channel}/logs',
  summary: 'What was said and done in a channel',
  request: {
    params: z.object({ channel: subject('The channel, by id or login') }),
    query: channelLogsQuery,
  },
  responses: logsResponses,
})

const userLogsRoute = createRoute({
  method: 'get',
  path: '/user/{user}/logs',
  summary: 'What a user said, and what was done to them, over all channels',
  request: {
    params: z.object({ user: subject('The user, by id or login') }),
    query: userLogsQuery,
  },
  responses: logsResponses,
})

/** `GET /channel/:channel/logs` and `GET /user/:user/logs`. */
export function addLogRoutes(app: QueryApp, deps: LogDeps): void {
  app.openapi(channelLogsRoute, async (c) => {
    const { user, ...query } = c.req.valid('query')
    const { channel } = c.req.valid('param')
    const channelOf = await resolveChannel(channel, deps.hot)
    const userOf = user === undefined ? undefined : await resolveUser(user, deps.hot)
    const whose = { channelId: channelOf.id, userId: userOf?.id }
    return answerLogs(c, deps, {
      query,
      whose,
      onEmpty: (signal) => checkKnown([channelOf], deps, signal),
      read: (limit, signal) => readLogs({ ...filterOf(query), limit, signal, ...whose }, deps),
    })
  })
  app.openapi(userLogsRoute, async (c) => {
    const { channel, ...query } = c.req.valid('query')
    const { user } = c.req.valid('param')
    const userOf = await resolveUser(user, deps.hot)
    const channelOf = channel === undefined ? undefined : await resolveChannel(channel, deps.hot)
    const whose = { userId: userOf.id, channelId: channelOf?.id }
    return answerLogs(c, deps, {
      query,
      whose,
      onEmpty: (signal) => checkKnown([userOf, channelOf], deps, signal),
      read: (limit, signal) => readUserLogs({ ...filterOf(query), limit, signal, ...whose }, deps),
    })
  })
}

/**
 * Tells an empty answer from a question about nobody. A channel that is no longer registered is known by
 * any record it has.
 *
 * @throws {ProblemError} 404 that names what is not known.
 */
export async function checkKnown(
  subjects: readonly (Resolved | undefined)[],
  deps: LogDeps,
  signal: AbortSignal,
): Promise<void> {
  for (const resolved of subjects) {
    if (resolved === undefined || resolved.isKnown) continue
    const { kind, id, asked } = resolved
    const isFound = kind === 'channel' && (await hasRecords(id, deps, signal))
    if (!isFound) throw unknownSubject(kind, asked)
  }
}
