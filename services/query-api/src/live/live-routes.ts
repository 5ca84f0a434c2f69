import { createRoute, z } from '@hono/zod-openapi'
import { DEFAULT_TYPES } from '@poglog/log-format'
import { NO_TRACING } from '@poglog/service-kit'
import type { Tracing } from '@poglog/service-kit'
import type { QueryApp, QueryContext } from '../app-types.ts'
import { clientAddressOf } from '../http/client-address.ts'
import { comeAgain } from '../problem.ts'
import { subject } from '../query/parameters.ts'
import type { LogDeps } from '../routes/answer-logs.ts'
import { checkKnown } from '../routes/logs.ts'
import { liveResponses } from '../routes/schemas.ts'
import { resolveChannel, resolveUser } from '../routes/subjects.ts'
import type { Resolved } from '../routes/subjects.ts'
import { ChannelListener } from './channel-listener.ts'
import type { LiveHub } from './hub.ts'
import type { ListenerOptions } from './listener.ts'
import type { LiveQuery } from './live-query.ts'
import { channelLiveQuery, liveHeaders, userLiveQuery } from './live-query.ts'
import { Places } from './places.ts'
import type { Progress } from './progress.ts'
import { onClosed, responseSink } from './sink.ts'
import type { Sink } from './sink.ts'
import { UserListener, clocksOf } from './user-listener.ts'

export interface LiveDeps extends LogDeps {
  readonly hub: LiveHub
  readonly tracing?: Tracing
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // What nginx would otherwise keep until a buffer is full.
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const

const channelLiveRoute = createRoute({
  method: 'get',
  path: '/channel/{channel}/live',
  summary: 'What is said and done in a channel, as it comes',
  request: {
    params: z.object({ channel: subject('The channel, by id or login') }),
    query: channelLiveQuery,
    headers: liveHeaders,
  },
  responses: liveResponses,
})

const userLiveRoute = createRoute({
  method: 'get',
  path: '/user/{user}/live',
  summary: 'What a user says, and what is done to them, over all channels, as it comes',
  request: {
    params: z.object({ user: subject('The user, by id or login') }),
    query: userLiveQuery,
    headers: liveHeaders,
  },
  responses: liveResponses,
})

/** Makes a listener of a connection, and runs until the client has gone. */
type Listen = (options: ListenerOptions) => Promise<void>

/** `GET /channel/:channel/live` and `GET /user/:user/live`. */
export function addLiveRoutes(app: QueryApp, deps: LiveDeps): void {
  const { limits } = deps.hub
  const perAddressMax = limits.listenersPerAddressMax
  const places = new Places({ max: limits.listenersMax, perAddressMax })
  const userPlaces = new Places({ max: limits.userListenersMax, perAddressMax })

  app.openapi(channelLiveRoute, async (c) => {
    const { user, ...query } = c.req.valid('query')
    const channel = await resolveChannel(c.req.valid('param').channel, deps.hot)
    const userOf = user === undefined ? undefined : await resolveUser(user, deps.hot)
    return await answer(c, deps, {
      query,
      subjects: [channel],
      header: c.req.valid('header')['last-event-id'],
      places: [places],
      prepare: async () => inChannel(channel.id, userOf?.id, deps),
    })
  })
  app.openapi(userLiveRoute, async (c) => {
    const { channel, ...query } = c.req.valid('query')
    const user = await resolveUser(c.req.valid('param').user, deps.hot)
    const channelOf = channel === undefined ? undefined : await resolveChannel(channel, deps.hot)
    return await answer(c, deps, {
      query,
      subjects: [user, channelOf],
      header: c.req.valid('header')['last-event-id'],
      places: channelOf === undefined ? [places, userPlaces] : [places],
      prepare: async () =>
        channelOf === undefined ? ofUser(user.id, deps) : inChannel(channelOf.id, user.id, deps),
    })
  })
}

interface LiveRequest {
  readonly query: LiveQuery
  readonly subjects: readonly (Resolved | undefined)[]
  readonly header: Progress | undefined
  /** Where the listener counts. */
  readonly places: readonly Places[]
  /** Does all that may fail before there is an answer. */
  readonly prepare: () => Promise<Listen>
}

async function answer(c: QueryContext, deps: LiveDeps, request: LiveRequest): Promise<Response> {
  const { hub, events, tracing = NO_TRACING } = deps
  // A channel that is followed already is known; looking for its records would cost each who comes back.
  const unsure = request.subjects.filter(
    (each) => each?.kind !== 'channel' || !hub.isFollowed(each.id),
  )
  await checkKnown(unsure, deps, c.req.raw.signal)
  if (hub.isStopping) throw comeAgain('the server stops')
  const outgoing = c.env?.outgoing
  if (c.req.method === 'HEAD' || outgoing === undefined)
    return new Response(null, { headers: HEADERS })
  const release = enter(request.places, clientAddressOf(c), events.liveRefused)
  let sink: Sink
  let listen: Listen
  try {
    // It reads for all who listen, and for hours.
    listen = await tracing.apart(request.prepare)
    // What the middleware would have added to an answer.
    sink = responseSink(outgoing, { ...Object.fromEntries(c.res.headers), ...HEADERS })
  } catch (error) {
    release()
    throw error
  }
  events.liveBegun()
  onClosed(sink, () => {
    release()
    events.liveEnded()
  })
  const { query, header } = request
  const { from, type = DEFAULT_TYPES, lastEventId } = query
  const options = { hub, read: deps, events, sink, types: type, fromMs: from }
  const listening = tracing.apart(() => listen({ ...options, progress: header ?? lastEventId }))
  listening.catch((error: unknown) => {
    events.answerFailed(error, c.get('requestId'))
  })
  // The middleware and the metrics see an answer; the server sees that it is on its way.
  return new Response(null, { headers: HEADERS })
}

async function inChannel(
  channelId: string,
  userId: string | undefined,
  { hub }: LiveDeps,
): Promise<Listen> {
  const feed = await hub.open(channelId)
  return (options) => new ChannelListener(feed, { ...options, channelId, userId }).run()
}

async function ofUser(userId: string, deps: LiveDeps): Promise<Listen> {
  const release = deps.hub.followClocks(deps.hot.shards)
  try {
    const clocks = await deps.hub.answered(clocksOf({ hub: deps.hub, read: deps }))
    return async (options) => {
      try {
        await new UserListener(clocks, { ...options, userId }).run(clocks)
      } finally {
        release()
      }
    }
  } catch (error) {
    release()
    throw error
  }
}

/** @throws {ProblemError} 429 where the client has too many already, 503 where all have. */
function enter(
  places: readonly Places[],
  address: string,
  onRefused: (limit: 'all' | 'address') => void,
): () => void {
  const entered: (() => void)[] = []
  const leave = (): void => {
    for (const release of entered) release()
  }
  for (const each of places) {
    const release = each.tryEnter(address)
    if (typeof release === 'function') {
      entered.push(release)
      continue
    }
    leave()
    onRefused(release === 'full' ? 'all' : 'address')
    throw release === 'full'
      ? comeAgain('too many listen at this moment')
      : comeAgain('too many listeners of this address', 429)
  }
  return leave
}
