import { createRoute } from '@hono/zod-openapi'
import type { QueryApp } from '../app-types.ts'
import { comeAgain } from '../problem.ts'
import { optOutCodeResponses } from './schemas.ts'

/** What the route uses of the hot store. */
export interface OptOutCodes {
  readonly optOuts: { readonly issueCode: () => Promise<string | undefined> }
}

const codeRoute = createRoute({
  method: 'post',
  path: '/optout',
  summary: 'A code to type in chat: whoever types `!poglog optout CODE` within a minute opts out',
  responses: optOutCodeResponses,
})

/** `POST /optout`: the code as a JSON string, as rustlog and justlog answer it. */
export function addOptOutRoute(app: QueryApp, { optOuts }: OptOutCodes): void {
  app.openapi(codeRoute, async (c) => {
    const code = await optOuts.issueCode()
    if (code === undefined) {
      throw comeAgain('too many codes are out')
    }
    return c.json(code, 200, { 'cache-control': 'no-store' })
  })
}
