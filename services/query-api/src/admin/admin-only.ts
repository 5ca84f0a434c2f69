import type { MiddlewareHandler } from 'hono'
import type { QueryContext, QueryEnv } from '../app-types.ts'
import type { Events } from '../events.ts'
import { ProblemError } from '../problem.ts'
import { nameOfKey } from './admin-keys.ts'
import type { AdminKeys } from './admin-keys.ts'

/** Where the board of the queues is. A browser looks there, which can send no header of ours: it may give the key as a password. */
export const QUEUE_BOARD_PATH = '/admin/queues'
/** rustlog's clients know its refusal by the text. */
const RUSTLOG_REFUSAL = "No, I don't think so"

/** Lets nobody pass without a right key; nobody at all where there is none. Notes the key's name. */
export function adminOnly(
  keys: AdminKeys,
  events: Pick<Events, 'adminRefused'>,
): MiddlewareHandler<QueryEnv> {
  return async (c, next) => {
    const name = adminOf(c, keys)
    if (name === undefined) {
      events.adminRefused(c.get('requestId'))
      return refusal(c, keys)
    }
    c.set('admin', name)
    await next()
    c.res.headers.set('cache-control', 'no-store')
    return undefined
  }
}

/** The name of the key that a request has; `undefined` where it has none that is good. */
export function adminOf(c: QueryContext, keys: AdminKeys): string | undefined {
  const given = c.req.header('x-api-key') ?? (isBrowsed(c) ? passwordOf(c) : undefined)
  return given === undefined ? undefined : nameOfKey(given, keys())
}

/** The problem of who asks without a key. */
export function keyProblem(keys: AdminKeys): ProblemError {
  const detail =
    keys().length === 0
      ? 'admin routes are closed: the service has no ADMIN_API_KEY'
      : 'X-Api-Key is missing or wrong'
  return new ProblemError({ status: 403, detail })
}

function refusal(c: QueryContext, keys: AdminKeys): Response {
  const headers = { 'cache-control': 'no-store' }
  const { path, method } = c.req
  if (path === '/admin/channels' && (method === 'POST' || method === 'DELETE')) {
    return c.text(RUSTLOG_REFUSAL, 403, headers)
  }
  if (isBrowsed(c) && keys().length > 0) {
    const challenge = 'Basic realm="poglog admin: any name, the key as password", charset="UTF-8"'
    return c.text('the key is missing or wrong', 401, { ...headers, 'www-authenticate': challenge })
  }
  throw keyProblem(keys)
}

function isBrowsed({ req: { path } }: QueryContext): boolean {
  return path === QUEUE_BOARD_PATH || path.startsWith(`${QUEUE_BOARD_PATH}/`)
}

/** @see https://www.rfc-editor.org/rfc/rfc7617 */
function passwordOf(c: QueryContext): string | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const at = text.indexOf(':')
  return at === -1 ? undefined : text.slice(at + 1)
}
