import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import type { QueryEnv } from '../app-types.ts'

const CORS_SECONDS = 86_400
/** Nothing that is answered as data may load, run or be framed, should a browser take it for a page. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
/** A page that says nothing else runs and loads only what comes from here. */
const PAGE_POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const withSecureHeaders = secureHeaders({
  // Everything may be read from everywhere.
  crossOriginResourcePolicy: 'cross-origin',
  xFrameOptions: 'DENY',
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  // Who ends TLS says that.
  strictTransportSecurity: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
  overwrite: false,
})

/** What every answer says to browsers; what a route says itself goes before. */
export function securityHeaders(): MiddlewareHandler<QueryEnv> {
  return async (c, next) => {
    await withSecureHeaders(c, next)
    const { headers } = c.res
    if (headers.has('content-security-policy')) return
    const isPage = headers.get('content-type')?.startsWith('text/html') === true
    headers.set('content-security-policy', isPage ? PAGE_POLICY : DATA_POLICY)
  }
}

const withCors = cors({
  origin: '*',
  allowMethods: ['*'],
  exposeHeaders: ['*'],
  maxAge: CORS_SECONDS,
})

/** Lets pages of every origin ask and read everything; a preflight is a 200, as other log servers answer it. */
export function openToAll(): MiddlewareHandler<QueryEnv> {
  return async (c, next) => {
    const preflight = await withCors(c, next)
    if (preflight === undefined) return undefined
    return new Response(null, { status: 200, headers: preflight.headers })
  }
}
