import { OpenAPIHono } from '@hono/zod-openapi'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { getPath } from 'hono/utils/url'
import { NO_TRACING } from '@poglog/service-kit'
import type { Tracing } from '@poglog/service-kit'
import { acrossChannels } from './admin/across-channels.ts'
import { NO_ADMIN_KEYS } from './admin/admin-keys.ts'
import type { AcrossChannels } from './admin/across-channels.ts'
import type { QueryApp, QueryEnv } from './app-types.ts'
import { clientAddress } from './http/client-address.ts'
import { compress } from './http/compress.ts'
import { openToAll, securityHeaders } from './http/headers.ts'
import { limitInFlight } from './http/in-flight.ts'
import { rateLimit } from './http/rate-limit.ts'
import type { RateLimitDeps } from './http/rate-limit.ts'
import { traceRequests } from './http/trace-requests.ts'
import { problemResponse } from './problem.ts'
import { COUNT_LIMITS, COUNTS_MAX, LIVE_LIMITS, REQUEST_ID_CHARACTERS_MAX } from './limits.ts'
import type { CountLimits, LiveLimits } from './limits.ts'
import { LiveHub } from './live/hub.ts'
import { addLiveRoutes } from './live/live-routes.ts'
import type { TailOpener } from './live/shard-tail.ts'
import { Gate } from './gate.ts'
import { addPageRoutes, unmatchedPage } from './page/page-routes.ts'
import type { Page } from './page/read-page.ts'
import { readUncovered } from './read/read-uncovered.ts'
import { addRecentMessages } from './recent-messages/routes.ts'
import type { RecentMessagesDeps } from './recent-messages/routes.ts'
import { addActivityRoutes } from './routes/activity.ts'
import { addAdminRoutes } from './routes/admin.ts'
import type { AdminDeps } from './routes/admin.ts'
import { addChannelsRoute } from './routes/channels.ts'
import { addCoverageRoute } from './routes/coverage.ts'
import type { CoverageDeps } from './routes/coverage.ts'
import { mapError } from './routes/errors.ts'
import { addLogRoutes } from './routes/logs.ts'
import { addOptOutRoute } from './routes/opt-out.ts'
import type { OptOutCodes } from './routes/opt-out.ts'
import { routeOf } from './routes/route-of.ts'
import { addServiceRoutes } from './routes/service.ts'
import type { ServiceDeps } from './routes/service.ts'
import { addStatsRoutes } from './routes/stats.ts'
import { rejectInvalid } from './routes/validation.ts'
import { addWordRoutes } from './routes/words.ts'
import { describeRustlogRoutes } from './rustlog/describe.ts'
import { capabilities } from './rustlog/headers.ts'
import { countStoreRequests } from './store-requests.ts'
import { isRustlogPath, unmatchedResponse } from './rustlog/paths.ts'
import { createRustlogApp } from './rustlog/rustlog-app.ts'

/** What nginx logs for a client that left before its answer; nobody is sent it. */
const CLIENT_GONE_STATUS = 499

/** Everything the application needs; nothing in it opens a connection by itself. */
export type AppDeps = RecentMessagesDeps &
  ServiceDeps &
  AdminDeps &
  CountSettings &
  PrivacySettings &
  HttpSettings &
  PageSettings &
  LiveSettings &
  Pick<CoverageDeps, 'hot'> & {
    readonly hot: { readonly clientHits: RateLimitDeps['hits'] } & OptOutCodes
  }

/** What is shown to whom. */
export interface PrivacySettings {
  /** Everybody when absent. */
  readonly acrossChannels?: AcrossChannels
}

/** What is only about HTTP. */
export interface HttpSettings {
  /** Each request is a trace; none where it is absent. */
  readonly tracing?: Tracing
  /** Proxies of our own before the service; 0 when absent. */
  readonly trustedProxyHops?: number
  /** Hits a minute of one address; any number when 0 or absent. */
  readonly rateLimitPerMinute?: number
  /** Answers that one address may be taking at a time; any number when 0 or absent. */
  readonly streamsPerAddress?: number
}

/** What is shown to browsers. */
export interface PageSettings {
  /** The web page; where it is absent a browser is told how to build it. */
  readonly page?: Page | undefined
}

/** What live tails take beside the reading of logs. */
export interface LiveSettings {
  readonly hot: TailOpener
  /** {@link LIVE_LIMITS} unless told otherwise. */
  readonly liveLimits?: LiveLimits
}

/** What counting takes beside the reading of logs; a test may want other limits, gate or time. */
export interface CountSettings {
  readonly countLimits?: CountLimits
  readonly countGate?: Gate
  readonly clock?: () => number
}

/**
 * Builds the HTTP application: the native routes, probes, metrics, their OpenAPI description, and the web page.
 *
 * Errors are RFC 9457 problem documents. Slashes at the end of a path and doubled ones do not matter.
 */
export function createApp(given: AppDeps): QueryApp {
  const deps = { ...given, cold: countStoreRequests(given.cold) }
  const app: QueryApp = new OpenAPIHono<QueryEnv>({
    getPath: (request) => collapseSlashes(getPath(request)),
    defaultHook: rejectInvalid,
  })
  addMiddleware(app, deps)
  app.use(
    '/user/*',
    acrossChannels(deps.acrossChannels ?? 'public', deps.adminKeys ?? NO_ADMIN_KEYS),
  )
  addLogRoutes(app, deps)
  const counting = countRouteDeps(deps)
  addWordRoutes(app, counting)
  addStatsRoutes(app, counting)
  addActivityRoutes(app, counting)
  addCoverageRoute(app, counting)
  addChannelsRoute(app, deps.hot)
  addOptOutRoute(app, deps.hot)
  addLiveRoutes(app, { ...deps, hub: liveHub(deps) })
  addAdminRoutes(app, deps)
  addRecentMessages(app, deps)
  addServiceRoutes(app, deps)
  addPageRoutes(app, deps.page)
  app.route('/', createRustlogApp(counting))
  describeRustlogRoutes(app)
  app.notFound(
    (c) =>
      unmatchedResponse(c) ??
      unmatchedPage(c, deps.page) ??
      problemResponse({ status: 404, detail: 'there is no such route' }, c.req.path),
  )
  app.onError((error, c) => {
    const { problem, isReported } = mapError(error)
    // A client that has gone away is no failure of ours.
    if (isReported && !c.req.raw.signal.aborted)
      deps.events.requestFailed(error, c.get('requestId'))
    return problemResponse(problem, c.req.path)
  })
  return app
}

function liveHub({ hot, liveLimits = LIVE_LIMITS, events, stopping }: AppDeps): LiveHub {
  const { liveAway: onAway, liveBack: onBack } = events
  const hub = new LiveHub({ hot, limits: liveLimits, onAway, onBack })
  stopping?.addEventListener('abort', () => {
    hub.stop()
  })
  return hub
}

function countRouteDeps(deps: AppDeps): CoverageDeps {
  const { countLimits = COUNT_LIMITS, countGate = new Gate(COUNTS_MAX), clock = Date.now } = deps
  return { ...deps, readUncovered, countLimits, countGate, clock }
}

function addMiddleware(app: QueryApp, deps: AppDeps): void {
  const {
    events,
    tracing = NO_TRACING,
    trustedProxyHops = 0,
    rateLimitPerMinute = 0,
    streamsPerAddress = 0,
  } = deps
  app.use(requestId({ limitLength: REQUEST_ID_CHARACTERS_MAX }))
  app.use(clientAddress(trustedProxyHops, events.forwardedIgnored))
  if (tracing.isOn) app.use(traceRequests(tracing))
  app.use(async (c, next) => {
    const startedMs = performance.now()
    let status = 500
    try {
      await next()
      status = c.res.status
    } finally {
      events.requestAnswered({
        route: routeOf(c),
        method: c.req.method,
        status: c.req.raw.signal.aborted ? CLIENT_GONE_STATUS : status,
        durationMs: performance.now() - startedMs,
      })
    }
  })
  app.use(capabilities)
  app.use(securityHeaders())
  app.use(openToAll())
  const rate = { hits: deps.hot.clientHits, events, perMinute: rateLimitPerMinute }
  for (const limit of rateLimit(rate)) app.use(limit)
  app.use(limitInFlight({ events, perAddress: streamsPerAddress }))
  app.use(compress())
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const headers = { allow: methods.join(', ') }
        if (isRustlogPath(c.req.path)) return new Response(null, { status: 405, headers })
        const detail = `only ${methods.join(', ')} may be asked here`
        return problemResponse({ status: 405, detail, headers }, c.req.path)
      },
    }),
  )
}

function collapseSlashes(path: string): string {
  return path === '/' ? path : `/${path.split('/').filter(Boolean).join('/')}`
}
