import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query'
import * as z from 'zod/mini'
import { ask, askJson } from './ask.ts'
import { ApiError } from './errors.ts'
import { timeSchema } from './range.ts'

const REFRESH_MS = 5000
/** Everything that was asked for with a key. */
const ADMIN = 'admin'
const CHANNELS_PATH = '/admin/channels'
/** Ids that could not be added, as no login is known of them. */
const UNKNOWN_HEADER = 'x-poglog-unknown-channels'

const channelsSchema = z.object({
  channels: z.array(
    z.object({
      login: z.string(),
      channelId: z.nullable(z.string()),
      addedAt: timeSchema,
      isOptedOut: z.boolean(),
      retentionDays: z.nullable(z.number()),
      replicas: z.array(z.string()),
      messagesPerMinute: z.nullable(z.number()),
    }),
  ),
})

const fleetSchema = z.object({
  now: timeSchema,
  replicas: z.array(
    z.object({
      replica: z.string(),
      joinedAt: timeSchema,
      lastBeatAt: timeSchema,
      isLeaving: z.boolean(),
      load: z.object({ utilisation: z.number() }),
      slots: z.object({ holding: z.number(), joining: z.number() }),
      channels: z.number(),
      messagesPerMinute: z.number(),
    }),
  ),
  lostPending: z.number(),
  lostDropped: z.number(),
})

/** A channel that is logged, as admins see it. */
export type AdminChannel = z.output<typeof channelsSchema>['channels'][number]
/** The replicas that receive, and the clock of their times. */
export type Fleet = z.output<typeof fleetSchema>
export type FleetReplica = Fleet['replicas'][number]

/** The channels that are logged, told anew while the page is seen. */
export function useAdminChannels(adminKey: string | undefined) {
  return useQuery({
    queryKey: [ADMIN, 'channels', adminKey],
    queryFn: async ({ signal }) => {
      const asked = { path: CHANNELS_PATH, adminKey, signal }
      return (await askJson(asked, channelsSchema)).channels
    },
    enabled: adminKey !== undefined,
    staleTime: REFRESH_MS,
    // A wrong key does not become right.
    refetchInterval: ({ state }) => (isKeyRefused(state.error) ? false : REFRESH_MS),
  })
}

/** The replicas that receive, told anew while the page is seen. */
export function useFleet(adminKey: string) {
  return useQuery({
    queryKey: [ADMIN, 'replicas', adminKey],
    queryFn: ({ signal }) => askJson({ path: '/admin/replicas', adminKey, signal }, fleetSchema),
    staleTime: REFRESH_MS,
    refetchInterval: REFRESH_MS,
  })
}

/** Channels to log, or to log no longer, as the API names them. */
export interface ChannelChange {
  readonly method: 'POST' | 'DELETE'
  readonly channels: readonly string[]
}

/** Adds and removes channels; answers with the ids that no login is known of. */
export function useChangeChannels(adminKey: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({ method, channels }: ChannelChange): Promise<readonly string[]> => {
      const asked = { path: CHANNELS_PATH, method, adminKey, body: { channels } }
      const { headers } = await ask(asked, '*/*')
      return headers.get(UNKNOWN_HEADER)?.split(',') ?? []
    },
    onSuccess: () => client.invalidateQueries({ queryKey: [ADMIN] }),
  })
}

/** Forgets what was asked for with a key, and the key. */
export function useForgetAdmin(): () => void {
  const client = useQueryClient()
  return () => client.removeQueries({ queryKey: [ADMIN] })
}

/** Whether the server did not take the key. */
export const isKeyRefused = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.kind === 'key'
