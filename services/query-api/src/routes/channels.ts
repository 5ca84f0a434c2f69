import { createRoute, z } from '@hono/zod-openapi'
import { LRUCache } from 'lru-cache'
import type { QueryApp } from '../app-types.ts'
import { CHANNELS_KEPT_MS } from '../limits.ts'
import { parseLimit, parsed, text } from '../query/parameters.ts'
import { channelsResponses } from './schemas.ts'
import type { NameReads } from './subjects.ts'

/** A channel as rustlog's clients know it. */
interface Listed {
  readonly name: string
  readonly userID: string
}

/** As for rustlog, what is wrong does not matter. */
const channelsQuery = z.object({
  prefix: text()
    .transform((prefix) => prefix.toLowerCase())
    .optional()
    .catch(undefined)
    .openapi({
      type: 'string',
      description: 'Only logins that begin with this, in any case; in the order of the logins',
      example: 'for',
    }),
  limit: parsed(parseLimit, 'must be a whole number of at least 1')
    .optional()
    .catch(undefined)
    .openapi({
      type: 'integer',
      minimum: 1,
      description:
        'Channels at most; all when absent. As everywhere on this route, what is wrong or unknown is as if it were absent',
    }),
})

const channelsRoute = createRoute({
  method: 'get',
  path: '/channels',
  summary: 'The channels that are logged',
  request: { query: channelsQuery },
  responses: channelsResponses,
})

/** `GET /channels`: every registered channel whose id is known and that has not opted out. */
export function addChannelsRoute(app: QueryApp, hot: NameReads): void {
  // Who completes a name asks with every key that is typed.
  const kept = new LRUCache<'all', readonly Listed[]>({
    max: 1,
    ttl: CHANNELS_KEPT_MS,
    fetchMethod: async () => await listed(hot),
  })
  app.openapi(channelsRoute, async (c) => {
    const { prefix, limit } = c.req.valid('query')
    const isWhole = prefix === undefined && limit === undefined
    const [all, out] = await Promise.all([
      isWhole ? listed(hot) : kept.forceFetch('all'),
      hot.optOuts.view(),
    ])
    const channels = all
      .filter(({ name, userID }) => name.startsWith(prefix ?? '') && !out.channels.has(userID))
      .slice(0, limit)
    return c.json({ channels }, 200, { 'cache-control': 'public, max-age=600' })
  })
}

/** The channels whose ids are known, opted out or not, in the order of their logins. */
async function listed({ names, registry }: NameReads): Promise<Listed[]> {
  const registered = await registry.list()
  const nameless = registered.filter(({ channelId }) => channelId === undefined)
  const learnt = await names.idsOf(nameless.map(({ login }) => login))
  return registered.flatMap(({ login, channelId }) => {
    const userID = channelId ?? learnt.get(login)
    return userID === undefined ? [] : [{ name: login, userID }]
  })
}
