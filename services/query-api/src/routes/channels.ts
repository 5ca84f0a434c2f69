import { createRoute } from '@hono/zod-openapi'
import type { QueryApp } from '../app-types.ts'
import { channelsResponses } from './schemas.ts'
import type { NameReads } from './subjects.ts'

const channelsRoute = createRoute({
  method: 'get',
  path: '/channels',
  summary: 'The channels that are logged',
  responses: channelsResponses,
})

/** `GET /channels`: every registered channel whose id is known and that has not opted out. */
export function addChannelsRoute(app: QueryApp, { names, registry, optOuts }: NameReads): void {
  app.openapi(channelsRoute, async (c) => {
    const [registered, out] = await Promise.all([registry.list(), optOuts.view()])
    const nameless = registered.filter(({ channelId }) => channelId === undefined)
    const learnt = await names.idsOf(nameless.map(({ login }) => login))
    const channels = registered.flatMap(({ login, channelId }) => {
      const userID = channelId ?? learnt.get(login)
      return userID === undefined || out.channels.has(userID) ? [] : [{ name: login, userID }]
    })
    return c.json({ channels }, 200, { 'cache-control': 'public, max-age=600' })
  })
}
