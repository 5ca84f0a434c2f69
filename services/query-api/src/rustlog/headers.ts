import type { MiddlewareHandler } from 'hono'
import type { QueryEnv } from '../app-types.ts'
import { CAPABILITIES } from './lists.ts'

const METRICS = '/metrics'

/** Tells on every answer what rustlog's clients may ask of us. */
export const capabilities: MiddlewareHandler<QueryEnv> = async (c, next) => {
  await next()
  if (c.req.path !== METRICS) c.header('x-rustlog-capabilities', CAPABILITIES.join(','))
}
