import type { QueryApp, QueryContext } from '../app-types.ts'
import { notModified, openWhole } from '../http/caching.ts'
import { acceptedEncoding } from '../http/encodings.ts'
import { encodedTag } from '../http/entity-tag.ts'
import { problemResponse } from '../problem.ts'
import { prefersHtml } from '../query/accept.ts'
import { isPagePath } from '../rustlog/paths.ts'
import type { Page, PageFile } from './read-page.ts'

/** Where the files are that the page loads, as its build names them. */
export const ASSETS_ROUTE = '/assets/:file'
const POINTERS = {
  name: 'poglog query API',
  docs: '/docs',
  openapi: '/openapi.json',
  channels: '/channels',
  channelLogs: '/channel/{channel}/logs',
  userLogs: '/user/{user}/logs',
  channelWords: '/channel/{channel}/words?word={word}',
  topWords: '/channel/{channel}/words/top',
  channelStats: '/channel/{channel}/stats',
  channelActivity: '/channel/{channel}/activity',
  userWords: '/user/{user}/words?word={word}',
  userStats: '/user/{user}/stats',
  userActivity: '/user/{user}/activity',
}
/** Everything comes from here but the pictures of emotes, and nothing is written into the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https://static-cdn.jtvnw.net",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')
/** An asset never changes: its name has a hash of it. */
const FOR_EVER = 'public, max-age=31536000, immutable'
const VARY = 'Accept'

/** `/`: the page for browsers, paths by name for all others; and what the page loads. */
export function addPageRoutes(app: QueryApp, page: Page | undefined): void {
  app.get('/', (c) => {
    // justlog's links to its reference.
    if (c.req.query('swagger') !== undefined) return c.redirect('/docs')
    if (!prefersHtml(c)) {
      return c.json(POINTERS, 200, { 'cache-control': 'no-cache', vary: VARY })
    }
    if (page !== undefined) return indexResponse(c, page)
    const detail = 'the web page is not built; run `npm run build` and start the service again'
    return problemResponse({ status: 503, detail }, c.req.path)
  })
  if (page === undefined) return
  app.get(ASSETS_ROUTE, (c) => {
    const file = page.assets.get(c.req.param('file'))
    return file === undefined ? c.notFound() : fileResponse(c, file, { 'cache-control': FOR_EVER })
  })
}

/**
 * The page at a path that no route has: its links may name any, as rustlog's do.
 *
 * @returns `undefined` for whoever does not look with a browser, and for paths of the API: an answer to a program is never
 *   HTML.
 */
export function unmatchedPage(c: QueryContext, page: Page | undefined): Response | undefined {
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
  if (page === undefined || !isRead || !isPagePath(c.req.path) || !prefersHtml(c)) return undefined
  return indexResponse(c, page)
}

function indexResponse(c: QueryContext, { index }: Page): Response {
  const caching = openWhole(index.plain)
  const response =
    notModified(c, caching, VARY) ?? fileResponse(c, index, { ...caching, vary: VARY })
  // With a 304 too: a browser takes what it says over into its copy.
  response.headers.set('content-security-policy', POLICY)
  return response
}

/** A file as the build has compressed it, where the client takes that; compressed on the way or plain otherwise. */
function fileResponse(
  c: QueryContext,
  { type, plain, encoded }: PageFile,
  headers: Readonly<Record<string, string>>,
): Response {
  const encoding = acceptedEncoding(c.req.header('accept-encoding'), [...encoded.keys()])
  const body = encoding === undefined ? undefined : encoded.get(encoding)
  if (encoding === undefined || body === undefined) {
    return c.body(plain, 200, { ...headers, 'content-type': type })
  }
  const { vary, etag } = headers
  return c.body(body, 200, {
    ...headers,
    ...(etag === undefined ? {} : { etag: encodedTag(etag, encoding) }),
    vary: vary === undefined ? 'Accept-Encoding' : `${vary}, Accept-Encoding`,
    'content-type': type,
    'content-encoding': encoding,
  })
}
