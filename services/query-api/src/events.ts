import type { OnCall } from '@poglog/hot-store'
import type { OnStoreRequest } from '@poglog/object-store'
import { createMetrics, redisCallMetrics, storeRequestMetrics } from '@poglog/service-kit'
import type { Logger, Metrics } from '@poglog/service-kit'
import type { AdminKeyEvents } from './admin/admin-keys.ts'
import { liveEvents } from './live/live-events.ts'
import type { LiveEvents } from './live/live-events.ts'

/** One answered request. `route` is a route's pattern or `unmatched`, never a path. */
export interface RequestEvent {
  readonly route: string
  readonly method: string
  readonly status: number
  readonly durationMs: number
}

/** One streamed or paged answer that ended. */
export interface AnswerEvent {
  readonly route: string
  readonly format: string
  readonly outcome: 'complete' | 'aborted' | 'failed'
  readonly records: number
  readonly sizeBytes: number
  readonly firstByteMs: number
  readonly durationMs: number
  /** Requests to the object store. */
  readonly storeRequests: number
}

/** What an admin had done: a line of audit, which never holds a key. */
export interface AdminEvent {
  readonly action:
    | 'erase-user'
    | 'set-retention'
    | 'add-channels'
    | 'remove-channels'
    | `opt-${'out' | 'in'}-${'users' | 'channels'}`
  /** The name of the key. */
  readonly admin: string
  readonly requestId: string
  /** The id of a user or channel. */
  readonly subject?: string | undefined
  readonly logins?: readonly string[] | undefined
  /** Channels asked for whose login nobody was seen with. */
  readonly unknownIds?: readonly string[] | undefined
  /** Of a retention; absent where records are kept for ever. */
  readonly days?: number | undefined
}

/** The only place of the service that logs or counts. */
export interface Events extends AdminKeyEvents, LiveEvents {
  readonly registry: Metrics['registry']
  readonly redisCalled: OnCall
  readonly storeAsked: OnStoreRequest
  /** Something was looked for in a cache of this process. */
  readonly cacheLookedUp: (cache: 'footers' | 'page-bounds', outcome: 'hit' | 'miss') => void
  readonly started: (url: string) => void
  /** There is no web page to show. */
  readonly pageNotBuilt: (dir: string) => void
  readonly requestAnswered: (event: RequestEvent) => void
  readonly requestFailed: (error: unknown, requestId: string) => void
  readonly answerBegun: () => void
  readonly answerEnded: (event: AnswerEvent) => void
  readonly answerFailed: (error: unknown, requestId: string) => void
  readonly answerRefused: () => void
  readonly equalKeys: (count: number) => void
  /** A proxy, or a client that makes it up, says who asks, and the settings say that there is no proxy. */
  readonly forwardedIgnored: () => void
  /** A client was turned away: it asks too often, or is taking too many answers. */
  readonly clientRefused: (reason: 'rate' | 'in-flight') => void
  /** A request was let in uncounted. `isNew`: the one before was counted. */
  readonly rateNotCounted: (error: unknown, isNew: boolean) => void
  /** A channel was asked for that is not logged, and no more may be logged on demand. */
  readonly joinOnDemandFull: () => void
  /** A request to an admin route that may not be answered. */
  readonly adminRefused: (requestId: string) => void
  /** The Redis of the queues does not answer; told once a minute at most. */
  readonly queueBoardFailed: (error: unknown) => void
  /** Something an admin asked for was done. */
  readonly adminDone: (event: AdminEvent) => void
}

/** What happens again and again is told so often. */
const TELL_MS = 60_000
const SECONDS_BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** A stream of a large range may take minutes. */
const WHOLE_SECONDS_BUCKETS = [...SECONDS_BUCKETS, 120, 300]
/** A closed month of a user takes 1 warm, a day of a channel some; hundreds are a month that was not compacted. */
const STORE_REQUESTS_BUCKETS = [0, 1, 2, 3, 5, 10, 25, 50, 100, 250, 1000]
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'])

export function createEvents(log: Logger): Events {
  const metrics = createMetrics('poglog_query_')
  const lookUps = metrics.counter({
    name: 'cache_lookups_total',
    help: 'Look-ups of footers of segments, and of sent times of hot pages, by whether they were there',
    labelNames: ['cache', 'outcome'],
  })
  return {
    ...liveEvents(log, metrics),
    registry: metrics.registry,
    redisCalled: redisCallMetrics(metrics),
    storeAsked: storeRequestMetrics(metrics),
    cacheLookedUp: (cache, outcome) => lookUps.inc({ cache, outcome }),
    started(url) {
      log.info({ url }, 'query api started')
    },
    pageNotBuilt(dir) {
      log.warn({ dir }, 'the web page is not built: npm run build makes it')
    },
    ...requestEvents(log, requestMetrics(metrics)),
    ...answerEvents(log, answerMetrics(metrics)),
    ...clientEvents(log, clientMetrics(metrics)),
    ...adminEvents(log, adminMetrics(metrics)),
  }
}

function requestEvents(
  log: Logger,
  requests: ReturnType<typeof requestMetrics>,
): Pick<Events, 'requestAnswered' | 'requestFailed'> {
  return {
    requestAnswered({ route, method, status, durationMs }) {
      const labels = {
        route,
        method: METHODS.has(method) ? method : 'other',
        status: String(status),
      }
      requests.total.inc(labels)
      requests.seconds.observe({ route }, durationMs / 1000)
      log.debug({ ...labels, durationMs }, 'request answered')
    },
    requestFailed(err, requestId) {
      log.error({ err, requestId }, 'request failed')
    },
  }
}

function answerEvents(
  log: Logger,
  answers: ReturnType<typeof answerMetrics>,
): Pick<
  Events,
  | 'answerBegun'
  | 'answerEnded'
  | 'answerFailed'
  | 'answerRefused'
  | 'equalKeys'
  | 'joinOnDemandFull'
> {
  return {
    answerBegun() {
      answers.running.inc()
    },
    answerEnded(event) {
      const { route, format, outcome } = event
      answers.running.dec()
      answers.total.inc({ route, format, outcome })
      answers.records.inc({ format }, event.records)
      answers.bytes.inc({ format }, event.sizeBytes)
      answers.firstByteSeconds.observe({ route }, event.firstByteMs / 1000)
      answers.seconds.observe({ route }, event.durationMs / 1000)
      answers.storeRequests.observe({ route }, event.storeRequests)
      log.debug(event, 'answer ended')
    },
    answerFailed(err, requestId) {
      log.error({ err, requestId }, 'answer cut off')
    },
    answerRefused() {
      answers.refused.inc()
    },
    equalKeys(count) {
      answers.equalKeys.inc(count)
      log.warn({ count }, 'equal keys collapsed')
    },
    joinOnDemandFull() {
      answers.joinsRefused.inc()
    },
  }
}

function clientEvents(
  log: Logger,
  clients: ReturnType<typeof clientMetrics>,
): Pick<Events, 'forwardedIgnored' | 'clientRefused' | 'rateNotCounted'> {
  return {
    forwardedIgnored() {
      log.warn(
        'x-forwarded-for is not used: behind a proxy of yours set TRUSTED_PROXY_HOPS, or all clients share one limit',
      )
    },
    clientRefused(reason) {
      clients.refused.inc({ reason })
    },
    rateNotCounted(err, isNew) {
      clients.notCounted.inc()
      if (isNew) log.warn({ err }, 'requests are not counted, everybody is let in')
    },
  }
}

function adminEvents(
  log: Logger,
  admin: ReturnType<typeof adminMetrics>,
): AdminKeyEvents & Pick<Events, 'adminRefused' | 'adminDone' | 'queueBoardFailed'> {
  let boardToldMs = Number.NEGATIVE_INFINITY
  return {
    queueBoardFailed(err) {
      if (performance.now() < boardToldMs + TELL_MS) return
      boardToldMs = performance.now()
      log.warn({ err }, 'the redis of the queues does not answer')
    },
    adminKeysChanged(keys) {
      log.info({ keys }, 'admin keys changed')
    },
    adminKeysUnreadable(problem) {
      log.error({ problem }, 'admin keys not read, the last ones are used')
    },
    adminRefused(requestId) {
      admin.refused.inc()
      log.warn({ requestId }, 'admin request refused')
    },
    adminDone(event) {
      admin.actions.inc({ action: event.action })
      log.info(event, 'admin request done')
    },
  }
}

function requestMetrics(metrics: Metrics) {
  return {
    total: metrics.counter({
      name: 'http_requests_total',
      help: 'Requests answered',
      labelNames: ['route', 'method', 'status'],
    }),
    seconds: metrics.histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from a request to the start of its answer',
      labelNames: ['route'],
      buckets: SECONDS_BUCKETS,
    }),
  }
}

function answerMetrics(metrics: Metrics) {
  return {
    running: metrics.gauge({ name: 'answers_running', help: 'Log queries that run now' }),
    total: metrics.counter({
      name: 'answers_total',
      help: 'Log queries ended, by how',
      labelNames: ['route', 'format', 'outcome'],
    }),
    refused: metrics.counter({
      name: 'answers_refused_total',
      help: 'Log queries refused because too many ran',
    }),
    records: metrics.counter({
      name: 'records_total',
      help: 'Records in answers',
      labelNames: ['format'],
    }),
    bytes: metrics.counter({
      name: 'bytes_total',
      help: 'Bytes of answers, before compression',
      labelNames: ['format'],
    }),
    firstByteSeconds: metrics.histogram({
      name: 'first_byte_seconds',
      help: 'Time from a log query to its first records',
      labelNames: ['route'],
      buckets: SECONDS_BUCKETS,
    }),
    seconds: metrics.histogram({
      name: 'answer_seconds',
      help: 'Time from a log query to the end of its answer',
      labelNames: ['route'],
      buckets: WHOLE_SECONDS_BUCKETS,
    }),
    storeRequests: metrics.histogram({
      name: 'answer_store_requests',
      help: 'Requests to the object store that a log query made',
      labelNames: ['route'],
      buckets: STORE_REQUESTS_BUCKETS,
    }),
    joinsRefused: metrics.counter({
      name: 'joins_on_demand_refused_total',
      help: 'Channels asked for that were not registered because JOIN_ON_DEMAND_MAX are',
    }),
    equalKeys: metrics.counter({
      name: 'equal_keys_collapsed_total',
      help: 'Records found in two places and answered once; stays 0 in health',
    }),
  }
}

function clientMetrics(metrics: Metrics) {
  const refused = metrics.counter({
    name: 'clients_refused_total',
    help: 'Requests refused to an address that asks too often (rate) or is taking too many answers (in-flight)',
    labelNames: ['reason'],
  })
  // From the start: Prometheus sees no rise in a series that begins with it.
  for (const reason of ['rate', 'in-flight'] as const) refused.inc({ reason }, 0)
  return {
    refused,
    notCounted: metrics.counter({
      name: 'rate_not_counted_total',
      help: 'Requests let in uncounted because Redis was away',
    }),
  }
}

function adminMetrics(metrics: Metrics) {
  return {
    refused: metrics.counter({
      name: 'admin_refused_total',
      help: 'Requests to admin routes without the right key',
    }),
    actions: metrics.counter({
      name: 'admin_actions_total',
      help: 'What admins had done, by kind',
      labelNames: ['action'],
    }),
  }
}
