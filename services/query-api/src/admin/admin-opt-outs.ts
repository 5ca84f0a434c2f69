import { createRoute, z } from '@hono/zod-openapi'
import { HotStoreError } from '@poglog/hot-store'
import type { OptOut, OptOutChange, OptOutKind } from '@poglog/hot-store'
import type { QueryApp } from '../app-types.ts'
import type { Events } from '../events.ts'
import { rfc3339 } from '../format/message.ts'
import { ProblemError } from '../problem.ts'
import { subject } from '../query/parameters.ts'
import { findChannel, findUser } from '../routes/subjects.ts'
import type { NameReads } from '../routes/subjects.ts'
import { optOutResponses, optOutsResponses } from './schemas.ts'

/** What the routes of opt-outs use of the hot store. */
export interface AdminOptOutStore extends NameReads {
  readonly optOuts: NameReads['optOuts'] & {
    readonly set: (change: OptOutChange) => Promise<boolean>
    readonly list: (kind: OptOutKind) => Promise<readonly OptOut[]>
  }
}

interface Deps {
  readonly hot: AdminOptOutStore
  readonly events: Pick<Events, 'adminDone'>
}

const security = [{ apiKey: [] }]
const params = z.object({ subject: subject('By id or login') })

const changeRoute = (kind: OptOutKind, method: 'put' | 'delete') =>
  createRoute({
    method,
    path: `/admin/${kind}/{subject}/opt-out`,
    summary:
      method === 'put'
        ? `Neither stores nor shows one of the ${kind} from now on`
        : `Stores and shows one of the ${kind} again, with what was stored before`,
    security,
    request: { params },
    responses: optOutResponses,
  })

const listRoute = createRoute({
  method: 'get',
  path: '/admin/opt-outs',
  summary: 'Who has opted out, since when',
  security,
  responses: optOutsResponses,
})

/** Opts users and channels out and in by hand, and lists who is. */
export function addAdminOptOutRoutes(app: QueryApp, { hot, events }: Deps): void {
  for (const kind of ['users', 'channels'] as const) {
    for (const method of ['put', 'delete'] as const) {
      app.openapi(changeRoute(kind, method), async (c) => {
        const find = kind === 'users' ? findUser : findChannel
        const { id } = await find(c.req.valid('param').subject, hot)
        const isOut = method === 'put'
        const isChanged = await set({ kind, id, isOut }, hot)
        const action = `opt-${isOut ? 'out' : 'in'}-${kind}` as const
        const [admin, requestId] = [c.get('admin'), c.get('requestId')]
        events.adminDone({ action, admin, requestId, subject: id })
        return c.json({ id, isOptedOut: isOut, isChanged }, 200)
      })
    }
  }
  app.openapi(listRoute, async (c) => {
    const [users, channels] = await Promise.all([
      listed(await hot.optOuts.list('users'), hot),
      listed(await hot.optOuts.list('channels'), hot),
    ])
    return c.json({ users, channels }, 200)
  })
}

async function set(change: OptOutChange, { optOuts }: AdminOptOutStore): Promise<boolean> {
  try {
    return await optOuts.set(change)
  } catch (error) {
    // Too many have opted out.
    if (error instanceof HotStoreError && error.kind === 'invalid') {
      throw new ProblemError({ status: 400, detail: error.message }, { cause: error })
    }
    throw error
  }
}

async function listed(optOuts: readonly OptOut[], { names }: NameReads) {
  const logins = await names.loginsOf(optOuts.map(({ id }) => id))
  return optOuts.map(({ id, sinceMs }) => {
    return { id, login: logins.get(id) ?? null, since: rfc3339(sinceMs) }
  })
}
