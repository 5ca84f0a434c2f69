import { createRoute } from '@hono/zod-openapi'
import { ingestSlotOf } from '@poglog/hot-store'
import type { Holding, ReplicaList, ReplicaStatus } from '@poglog/hot-store'
import type { QueryApp } from '../app-types.ts'
import { rfc3339 } from '../format/message.ts'
import type { NameReads } from '../routes/subjects.ts'
import { adminReplicasResponses } from './schemas.ts'

/** What the route of replicas uses of the hot store. */
export interface AdminReplicaStore extends Pick<NameReads, 'registry'> {
  readonly replicas: {
    readonly list: () => Promise<ReplicaList>
    readonly rates: (logins: readonly string[]) => Promise<ReadonlyMap<string, number>>
  }
}

const listRoute = createRoute({
  method: 'get',
  path: '/admin/replicas',
  summary:
    'The replicas of ingest: whether they live, and which part of the channels each receives',
  security: [{ apiKey: [] }],
  responses: adminReplicasResponses,
})

/** `GET /admin/replicas`. */
export function addAdminReplicaRoute(app: QueryApp, hot: AdminReplicaStore): void {
  app.openapi(listRoute, async (c) => {
    const [fleet, registered] = await Promise.all([hot.replicas.list(), hot.registry.list()])
    const bySlot = await sharesOf(
      registered.map(({ login }) => login),
      hot,
    )
    const { nowMs, replicas, lostPending, lostDropped } = fleet
    const answer = { now: rfc3339(nowMs), lostPending, lostDropped }
    return c.json({ ...answer, replicas: replicas.map((one) => replicaJson(one, bySlot)) }, 200)
  })
}

/** What the registered channels of a slot, or of several, are. */
interface Share {
  readonly channels: number
  readonly messagesPerMinute: number
}

const NOTHING: Share = { channels: 0, messagesPerMinute: 0 }

/** Slot -> its registered channels; of channels whose rate is not known only the number. */
async function sharesOf(
  logins: readonly string[],
  { replicas }: AdminReplicaStore,
): Promise<ReadonlyMap<number, Share>> {
  const rates = await replicas.rates(logins)
  const shares = new Map<number, Share>()
  for (const login of logins) {
    const slot = ingestSlotOf(login)
    const share = { channels: 1, messagesPerMinute: rates.get(login) ?? 0 }
    shares.set(slot, added(shares.get(slot) ?? NOTHING, share))
  }
  return shares
}

function added(one: Share, other: Share): Share {
  return {
    channels: one.channels + other.channels,
    messagesPerMinute: one.messagesPerMinute + other.messagesPerMinute,
  }
}

function replicaJson(status: ReplicaStatus, bySlot: ReadonlyMap<number, Share>) {
  const { replica, weight, isLeaving, joinedMs, beatMs, coveredMs, load, slots } = status
  const held = [...slots].filter(([, holding]) => holding === 'holding')
  const share = held.reduce((sum, [slot]) => added(sum, bySlot.get(slot) ?? NOTHING), NOTHING)
  return {
    replica,
    joinedAt: rfc3339(joinedMs),
    lastBeatAt: rfc3339(beatMs),
    coveredUntil: coveredMs === undefined ? null : rfc3339(coveredMs),
    isLeaving,
    capacity: weight,
    load,
    slots: { holding: countOf(slots, 'holding'), joining: countOf(slots, 'joining') },
    ...share,
  }
}

function countOf(slots: ReadonlyMap<number, Holding>, wanted: Holding): number {
  return [...slots.values()].filter((holding) => holding === wanted).length
}
