import { createRoute, z } from '@hono/zod-openapi'
import type { Erasure } from '@poglog/hot-store'
import type { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { addAdminChannelRoutes } from '../admin/admin-channels.ts'
import type { AdminChannelStore } from '../admin/admin-channels.ts'
import { NO_ADMIN_KEYS } from '../admin/admin-keys.ts'
import type { AdminKeys } from '../admin/admin-keys.ts'
import { addAdminReplicaRoute } from '../admin/admin-replicas.ts'
import type { AdminReplicaStore } from '../admin/admin-replicas.ts'
import { adminOnly, QUEUE_BOARD_PATH } from '../admin/admin-only.ts'
import { addAdminOptOutRoutes } from '../admin/admin-opt-outs.ts'
import type { AdminOptOutStore } from '../admin/admin-opt-outs.ts'
import type { QueryApp, QueryContext } from '../app-types.ts'
import type { Events } from '../events.ts'
import { rfc3339 } from '../format/message.ts'
import { ADMIN_BODY_BYTES_MAX, RETENTION_DAYS_MAX } from '../limits.ts'
import { ProblemError } from '../problem.ts'
import { subject } from '../query/parameters.ts'
import {
  eraseResponses,
  erasureResponses,
  retentionResponses,
  retentionsResponses,
} from './schemas.ts'
import { findChannel, findUser } from './subjects.ts'

/** What the admin routes use of the hot store. */
export type AdminStore = AdminChannelStore &
  AdminOptOutStore &
  AdminReplicaStore & {
    readonly erasures: {
      readonly request: (userId: string) => Promise<Erasure>
      readonly find: (userId: string) => Promise<Erasure | undefined>
    }
    readonly retention: {
      readonly set: (channelId: string, days: number | undefined) => Promise<void>
      readonly all: () => Promise<ReadonlyMap<string, number>>
    }
  }

/** What the admin routes need. Without a key they answer 403. */
export interface AdminDeps {
  readonly hot: AdminStore
  readonly events: Pick<Events, 'adminRefused' | 'adminDone'>
  /** None when absent: the admin routes are closed. */
  readonly adminKeys?: AdminKeys
  /** The page that shows the archiver's queues. */
  readonly queueBoard?: Hono | undefined
}

const security = [{ apiKey: [] }]
const userParams = z.object({ user: subject('The user, by id or login') })
const channelParams = z.object({ channel: subject('The channel, by id or login') })

const eraseRoute = createRoute({
  method: 'delete',
  path: '/admin/users/{user}/data',
  summary: 'Erases what a user has said until now, from every store',
  security,
  request: { params: userParams },
  responses: eraseResponses,
})

const erasureRoute = createRoute({
  method: 'get',
  path: '/admin/users/{user}/data',
  summary: 'How far the erasure of a user has come',
  security,
  request: { params: userParams },
  responses: erasureResponses,
})

const setRetentionRoute = createRoute({
  method: 'put',
  path: '/admin/channels/{channel}/retention',
  summary: "For how many days a channel's records are kept",
  security,
  request: {
    params: channelParams,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            days: z.int().min(1).max(RETENTION_DAYS_MAX).openapi({ example: 365 }),
          }),
        },
      },
    },
  },
  responses: retentionResponses,
})

const endRetentionRoute = createRoute({
  method: 'delete',
  path: '/admin/channels/{channel}/retention',
  summary: "Keeps a channel's records for ever",
  security,
  request: { params: channelParams },
  responses: retentionResponses,
})

const retentionsRoute = createRoute({
  method: 'get',
  path: '/admin/retention',
  summary: 'The channels whose records are not kept for ever',
  security,
  responses: retentionsResponses,
})

/** Channels, replicas, opt-outs, erasure and retention, for whoever has a key. */
export function addAdminRoutes(app: QueryApp, deps: AdminDeps): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Api-Key',
  })
  app.use('/admin/*', adminOnly(deps.adminKeys ?? NO_ADMIN_KEYS, deps.events))
  app.use(
    '/admin/*',
    bodyLimit({
      maxSize: ADMIN_BODY_BYTES_MAX,
      onError: () => {
        const detail = `the body must have at most ${ADMIN_BODY_BYTES_MAX} bytes`
        throw new ProblemError({ status: 413, detail })
      },
    }),
  )
  if (deps.queueBoard !== undefined) app.route(QUEUE_BOARD_PATH, deps.queueBoard)
  addAdminChannelRoutes(app, deps)
  addAdminOptOutRoutes(app, deps)
  addAdminReplicaRoute(app, deps.hot)
  addErasure(app, deps)
  addRetention(app, deps)
}

function addErasure(app: QueryApp, { hot, events }: AdminDeps): void {
  app.openapi(eraseRoute, async (c) => {
    const { id } = await findUser(c.req.valid('param').user, hot)
    const erasure = erasureJson(await hot.erasures.request(id))
    events.adminDone({ action: 'erase-user', subject: id, ...whoOf(c) })
    return c.json(erasure, 202, { location: erasure.status })
  })
  app.openapi(erasureRoute, async (c) => {
    const { id } = await findUser(c.req.valid('param').user, hot)
    const erasure = await hot.erasures.find(id)
    if (erasure === undefined) {
      throw new ProblemError({ status: 404, detail: `nobody asked to erase user ${id}` })
    }
    return c.json(erasureJson(erasure), 200)
  })
}

function addRetention(app: QueryApp, { hot, events }: AdminDeps): void {
  const set = async (channelId: string, days: number | undefined, c: QueryContext) => {
    await hot.retention.set(channelId, days)
    events.adminDone({ action: 'set-retention', subject: channelId, ...whoOf(c), days })
    return { channelId, days: days ?? null }
  }
  app.openapi(setRetentionRoute, async (c) => {
    const { id } = await findChannel(c.req.valid('param').channel, hot)
    return c.json(await set(id, c.req.valid('json').days, c), 200)
  })
  app.openapi(endRetentionRoute, async (c) => {
    const { id } = await findChannel(c.req.valid('param').channel, hot)
    return c.json(await set(id, undefined, c), 200)
  })
  app.openapi(retentionsRoute, async (c) => {
    const retention = await hot.retention.all()
    const logins = await hot.names.loginsOf([...retention.keys()])
    const channels = [...retention].map(([channelId, days]) => {
      return { channelId, login: logins.get(channelId) ?? null, days }
    })
    return c.json({ channels }, 200)
  })
}

const whoOf = (c: QueryContext) => ({ admin: c.get('admin'), requestId: c.get('requestId') })

function erasureJson({ userId, state, requestedAtMs, beforeMs, report }: Erasure) {
  return {
    userId,
    state,
    requestedAt: rfc3339(requestedAtMs),
    before: rfc3339(beforeMs),
    report: report === undefined ? null : parsedReport(report),
    status: `/admin/users/${userId}/data`,
  }
}

/** A report is JSON; one that is not is shown as it is. */
function parsedReport(report: string): unknown {
  try {
    return JSON.parse(report)
  } catch (error) {
    if (error instanceof SyntaxError) return report
    throw error
  }
}
