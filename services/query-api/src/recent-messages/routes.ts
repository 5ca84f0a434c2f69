import { Hono } from 'hono'
import { Answer } from '../answer.ts'
import type { QueryApp, QueryContext, QueryEnv } from '../app-types.ts'
import { RECENT_LIMITS } from '../limits.ts'
import { RETRY_LATER } from '../problem.ts'
import type { RecentLimits } from '../limits.ts'
import type { LogDeps } from '../routes/answer-logs.ts'
import { mapError } from '../routes/errors.ts'
import { routeOf } from '../routes/route-of.ts'
import { RecentMessagesError, failureResponse, messagesBody, messagesResponse } from './answers.ts'
import { ChannelStates } from './channel-state.ts'
import type { ChannelStore } from './channel-state.ts'
import { exportLines } from './export-lines.ts'
import { readRecent } from './read-recent.ts'
import { readLogin, readParameters } from './request.ts'

/** What the routes need beside the reading of logs. */
export interface RecentMessagesDeps extends LogDeps {
  readonly hot: LogDeps['hot'] & ChannelStore
  /** How many channels may be logged only because somebody asked for their messages; none when absent. */
  readonly joinOnDemandMax?: number | undefined
  /** {@link RECENT_LIMITS} unless a test has less time. */
  readonly recentLimits?: RecentLimits
}

type Dialect = Hono<QueryEnv>

/**
 * `GET /api/v2/recent-messages/:login`, and at the paths that mirrors of it have. Errors are of its own form; what else is
 * below `/api/v2` is not found.
 */
export function addRecentMessages(app: QueryApp, deps: RecentMessagesDeps): void {
  const { joinOnDemandMax = 0, recentLimits = RECENT_LIMITS } = deps
  const states = new ChannelStates({ ...deps, joinOnDemandMax, recentLimits })
  const request = { ...deps, recentLimits, states }
  const answer = (c: QueryContext): Promise<Response> => answerRecent(c, request)

  const api = dialectOf(deps)
  addRoute(api, '/recent-messages/:login', answer)
  api.all('/*', () => {
    throw new RecentMessagesError('not_found')
  })
  app.route('/api/v2', api)

  const mirrors = dialectOf(deps)
  for (const path of ['/recent-messages/:login', '/rm/:login']) addRoute(mirrors, path, answer)
  app.route('/', mirrors)
}

function addRoute(
  dialect: Dialect,
  path: string,
  answer: (c: QueryContext) => Promise<Response>,
): void {
  dialect.get(path, answer)
  dialect.all(path, () => {
    throw new RecentMessagesError('method_not_allowed')
  })
}

function dialectOf({ events }: Pick<LogDeps, 'events'>): Dialect {
  const dialect: Dialect = new Hono<QueryEnv>()
  dialect.onError((error, c) => {
    if (error instanceof RecentMessagesError) return failureResponse(error, headersOf(error))
    const { problem, isReported } = mapError(error)
    // A client that has gone away is no failure of ours.
    if (isReported && !c.req.raw.signal.aborted) events.requestFailed(error, c.get('requestId'))
    const isPassing = problem.status === 503
    const code = isPassing ? 'service_unavailable' : 'internal_server_error'
    return failureResponse(new RecentMessagesError(code), problem.headers)
  })
  return dialect
}

function headersOf({ code }: RecentMessagesError): Record<string, string> {
  if (code === 'method_not_allowed') return { allow: 'GET, HEAD' }
  return code === 'service_unavailable' ? RETRY_LATER : {}
}

interface RecentRequestDeps extends RecentMessagesDeps {
  readonly recentLimits: RecentLimits
  readonly states: ChannelStates
}

async function answerRecent(c: QueryContext, deps: RecentRequestDeps): Promise<Response> {
  const { recentLimits, states } = deps
  const { pathname, searchParams } = new URL(c.req.url)
  const { limit, beforeMs, afterMs, ...options } = readParameters(searchParams)
  const login = readLogin(pathname.split('/').findLast((segment) => segment !== '') ?? '')
  const timeout = AbortSignal.timeout(recentLimits.answerMsMax)
  const signal = AbortSignal.any([c.req.raw.signal, timeout])
  try {
    // Waiting for a channel to be joined takes no place from those who read.
    const { channelId, isJoined } = await untilAborted(states.find(login, signal), signal)
    if (channelId === undefined) return messagesResponse(messagesBody([], isJoined))
    const answer = openAnswer(c, deps)
    try {
      const read = () => readRecent({ channelId, limit, beforeMs, afterMs, signal }, deps)
      const received = await untilAborted(answer.reading(read), signal)
      const lines = exportLines(received, options)
      const body = messagesBody(lines, isJoined)
      answer.wrote(lines.length, Buffer.byteLength(body))
      answer.end('complete')
      return messagesResponse(body)
    } finally {
      answer.end(c.req.raw.signal.aborted ? 'aborted' : 'failed')
    }
  } catch (error) {
    if (!timeout.aborted) throw error
    throw new RecentMessagesError('request_timeout', undefined, { cause: error })
  }
}

function openAnswer(c: QueryContext, { events, gate, recentLimits }: RecentRequestDeps): Answer {
  const release = gate.tryEnter()
  if (release === undefined) {
    events.answerRefused()
    throw new RecentMessagesError('service_unavailable')
  }
  const { answerMsMax } = recentLimits
  return new Answer({
    route: routeOf(c),
    format: 'recent-messages',
    requestId: c.get('requestId'),
    events,
    clientSignal: c.req.raw.signal,
    release,
    onEnd: c.get('answerEnded'),
    times: { firstByteMsMax: answerMsMax, wholeMsMax: answerMsMax },
  })
}

/** Does not wait for what goes on after the signal. */
async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
