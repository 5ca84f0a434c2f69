import { Hono } from 'hono'
import type { QueryEnv } from '../app-types.ts'
import type { CountRouteDeps } from '../routes/words-answer.ts'
import { errorResponse } from './errors.ts'
import { addListRoutes } from './lists.ts'
import { addRowRoutes } from './logs.ts'

/**
 * The read routes of rustlog, with its texts for errors, and of justlog as far as their inputs differ.
 *
 * @see https://github.com/boring-nick/rustlog
 */
export function createRustlogApp(deps: CountRouteDeps): Hono<QueryEnv> {
  const app = new Hono<QueryEnv>()
  app.onError((error, c) => errorResponse(error, c, deps.events))
  addListRoutes(app, deps)
  addRowRoutes(app, deps)
  return app
}
