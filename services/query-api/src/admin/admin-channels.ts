import { createRoute, z } from '@hono/zod-openapi'
import { HotStoreError, ingestSlotOf } from '@poglog/hot-store'
import type { RegisteredChannel, ReplicaStatus } from '@poglog/hot-store'
import type { QueryApp, QueryContext } from '../app-types.ts'
import type { Events } from '../events.ts'
import { rfc3339 } from '../format/message.ts'
import { ADMIN_CHANNELS_MAX } from '../limits.ts'
import { parseSubject } from '../query/subject.ts'
import type { Subject } from '../query/subject.ts'
import type { NameReads } from '../routes/subjects.ts'
import { adminChannelsResponses } from './schemas.ts'

/** What the routes of channels use of the hot store. */
export interface AdminChannelStore extends NameReads {
  readonly registry: NameReads['registry'] & {
    readonly add: (logins: readonly string[]) => Promise<number>
    readonly remove: (logins: readonly string[]) => Promise<number>
  }
  readonly retention: { readonly all: () => Promise<ReadonlyMap<string, number>> }
  readonly replicas: {
    readonly list: () => Promise<{
      readonly replicas: readonly Pick<ReplicaStatus, 'replica' | 'slots'>[]
    }>
    readonly rates: (logins: readonly string[]) => Promise<ReadonlyMap<string, number>>
  }
}

interface Deps {
  readonly hot: AdminChannelStore
  readonly events: Pick<Events, 'adminDone'>
}

/** Ids that no login was learnt of: Twitch's chat is joined by login. */
const UNKNOWN_HEADER = 'x-poglog-unknown-channels'

const bodySchema = z.object({
  channels: z.array(z.string()).max(ADMIN_CHANNELS_MAX, {
    error: `at most ${ADMIN_CHANNELS_MAX} channels at a time`,
  }),
})

const listRoute = createRoute({
  method: 'get',
  path: '/admin/channels',
  summary: 'The channels to log, with what is known of each',
  security: [{ apiKey: [] }],
  responses: adminChannelsResponses,
})

/** `/admin/channels`: what is logged; adding and removing as rustlog's clients know it, with plain texts for errors. */
export function addAdminChannelRoutes(app: QueryApp, deps: Deps): void {
  describeChanges(app)
  app.post('/admin/channels', (c) => change(c, 'add-channels', deps))
  app.delete('/admin/channels', (c) => change(c, 'remove-channels', deps))
  app.openapi(listRoute, async (c) => c.json({ channels: await channelsJson(deps.hot) }, 200))
}

async function change(
  c: QueryContext,
  action: 'add-channels' | 'remove-channels',
  { hot, events }: Deps,
): Promise<Response> {
  const subjects = await subjectsOf(c)
  if (subjects instanceof Response) return subjects
  const { logins, unknownIds } = await loginsOf(subjects, hot)
  try {
    await (action === 'add-channels' ? hot.registry.add(logins) : hot.registry.remove(logins))
  } catch (error) {
    // Too many channels.
    if (error instanceof HotStoreError && error.kind === 'invalid')
      return c.text(error.message, 422)
    throw error
  }
  const [admin, requestId] = [c.get('admin'), c.get('requestId')]
  events.adminDone({ action, admin, requestId, logins, unknownIds })
  const headers = unknownIds.length === 0 ? {} : { [UNKNOWN_HEADER]: unknownIds.join(',') }
  return c.body(null, 200, headers)
}

/** Reads the body in rustlog's order: 415, 400, 422. */
async function subjectsOf(c: QueryContext): Promise<readonly Subject[] | Response> {
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '')) {
    return c.text('Expected request with `Content-Type: application/json`', 415)
  }
  let body: unknown
  try {
    body = JSON.parse(await c.req.text())
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return c.text('Failed to parse the request body as JSON', 400)
  }
  const parsed = bodySchema.safeParse(body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = issue === undefined ? '' : `: ${issue.path.join('.')}: ${issue.message}`
    return c.text(`Failed to deserialize the JSON body into the target type${where}`, 422)
  }
  const subjects = parsed.data.channels.map((text) => parseSubject(text))
  const wrong = subjects.indexOf(undefined)
  if (wrong === -1) return subjects.filter((subject) => subject !== undefined)
  return c.text(
    `channels.${wrong}: must be a numeric id or a login (login:123 forces a login)`,
    422,
  )
}

async function loginsOf(
  subjects: readonly Subject[],
  { names, registry }: AdminChannelStore,
): Promise<{ readonly logins: readonly string[]; readonly unknownIds: readonly string[] }> {
  const ids = subjects.flatMap((subject) => (subject.kind === 'id' ? [subject.id] : []))
  const [learnt, registered] =
    ids.length === 0
      ? [new Map<string, string>(), []]
      : await Promise.all([names.loginsOf(ids), registry.list()])
  const loginOf = new Map(learnt)
  for (const { login, channelId } of registered) {
    if (channelId !== undefined) loginOf.set(channelId, login)
  }
  const logins = subjects.flatMap((subject) => {
    const login = subject.kind === 'id' ? loginOf.get(subject.id) : subject.login
    return login === undefined ? [] : [login]
  })
  return { logins: [...new Set(logins)], unknownIds: ids.filter((id) => !loginOf.has(id)) }
}

async function channelsJson(hot: AdminChannelStore) {
  const registered = await hot.registry.list()
  const logins = registered.map(({ login }) => login)
  const nameless = registered.filter(({ channelId }) => channelId === undefined)
  const [learnt, out, retention, rates, fleet] = await Promise.all([
    hot.names.idsOf(nameless.map(({ login }) => login)),
    hot.optOuts.view(),
    hot.retention.all(),
    hot.replicas.rates(logins),
    hot.replicas.list(),
  ])
  const holders = holdersOf(fleet.replicas)
  return registered.map(({ login, channelId, addedAtMs }: RegisteredChannel) => {
    const id = channelId ?? learnt.get(login)
    return {
      login,
      channelId: id ?? null,
      addedAt: rfc3339(addedAtMs),
      isOptedOut: id !== undefined && out.channels.has(id),
      retentionDays: (id === undefined ? undefined : retention.get(id)) ?? null,
      replicas: holders.get(ingestSlotOf(login)) ?? [],
      messagesPerMinute: rates.get(login) ?? null,
    }
  })
}

/** Slot -> the replicas that receive its channels. */
function holdersOf(
  replicas: readonly Pick<ReplicaStatus, 'replica' | 'slots'>[],
): ReadonlyMap<number, readonly string[]> {
  const holders = new Map<number, string[]>()
  for (const { replica, slots } of replicas) {
    for (const [slot, holding] of slots) {
      if (holding === 'holding') holders.set(slot, [...(holders.get(slot) ?? []), replica])
    }
  }
  return holders
}

function describeChanges(app: QueryApp): void {
  const texts = {
    403: { description: "No, I don't think so" },
    413: { description: 'The body is too long' },
    415: { description: 'The body is not said to be JSON' },
    400: { description: 'The body is no JSON' },
    422: { description: 'The body is something else, or there are too many channels' },
  }
  for (const [method, verb] of [
    ['post', 'Logs'],
    ['delete', 'Logs no longer'],
  ] as const) {
    app.openAPIRegistry.registerPath({
      method,
      path: '/admin/channels',
      summary: `${verb} channels, by id or login`,
      security: [{ apiKey: [] }],
      request: {
        body: { required: true, content: { 'application/json': { schema: bodySchema } } },
      },
      responses: {
        200: { description: `Done; ids whose login is not known are in ${UNKNOWN_HEADER}` },
        ...texts,
      },
    })
  }
}
