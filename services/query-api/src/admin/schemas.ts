import { z } from '@hono/zod-openapi'
import { INGEST_SLOTS } from '@poglog/hot-store'
import { ADMIN_PROBLEMS, channelId, json, login } from '../routes/schemas.ts'

/** Answers of `GET /admin/channels`. */
export const adminChannelsResponses = {
  200: json(
    'The channels to log',
    z
      .object({
        channels: z.array(
          z.object({
            login: z.string(),
            channelId: channelId.nullable().openapi({ description: 'null until it was joined' }),
            addedAt: z.iso.datetime(),
            isOptedOut: z.boolean().openapi({ description: 'Then it is not joined' }),
            retentionDays: z.int().nullable().openapi({ description: 'null: kept for ever' }),
            replicas: z.array(z.string()).openapi({ description: 'Those that receive it' }),
            messagesPerMinute: z.number().nullable(),
          }),
        ),
      })
      .openapi('AdminChannels'),
  ),
  403: ADMIN_PROBLEMS[403],
  503: ADMIN_PROBLEMS[503],
} as const

const replica = z.object({
  replica: z.string().openapi({ example: 'ingest-0' }),
  joinedAt: z.iso.datetime().openapi({ description: 'When this run of it joined the others' }),
  lastBeatAt: z.iso
    .datetime()
    .openapi({ description: 'Ten seconds without a beat, and it is taken for dead' }),
  coveredUntil: z.iso.datetime().nullable().openapi({
    description: 'What Twitch sent it before this is stored; null until that is known',
  }),
  isLeaving: z.boolean().openapi({ description: 'It hands its channels over' }),
  capacity: z
    .number()
    .openapi({ description: 'Its share of the channels, relative to the others' }),
  load: z
    .object({
      channels: z.int().openapi({ description: 'Those it is in' }),
      messagesPerSecond: z.number(),
      utilisation: z.number().openapi({ description: 'Of its event loop, 0 to 1' }),
    })
    .openapi({ description: 'As it says of itself' }),
  slots: z.object({ holding: z.int(), joining: z.int() }).openapi({
    description: `Of ${INGEST_SLOTS} parts of the channels: how many it receives, and joins`,
  }),
  channels: z.int().openapi({ description: 'Registered channels of the slots that it holds' }),
  messagesPerMinute: z
    .number()
    .openapi({ description: 'Of these channels, as /admin/channels has it; unknown ones are 0' }),
})

/** Answers of `GET /admin/replicas`. */
export const adminReplicasResponses = {
  200: json(
    'The replicas in the order of their ids',
    z
      .object({
        now: z.iso.datetime().openapi({ description: 'By the clock of the other times' }),
        replicas: z.array(replica),
        lostPending: z
          .int()
          .openapi({ description: 'Dead replicas whose gaps are not written down yet' }),
        lostDropped: z
          .int()
          .openapi({ description: 'Dead replicas that were too many to remember, ever' }),
      })
      .openapi('AdminReplicas'),
  ),
  403: ADMIN_PROBLEMS[403],
  503: ADMIN_PROBLEMS[503],
} as const

/** Answers of `PUT` and `DELETE /admin/users/:id/opt-out` and of channels. */
export const optOutResponses = {
  200: json(
    'What holds from now on',
    z.object({ id: z.string(), isOptedOut: z.boolean(), isChanged: z.boolean() }).openapi('OptOut'),
  ),
  ...ADMIN_PROBLEMS,
} as const

const optOuts = z.array(z.object({ id: z.string(), login, since: z.iso.datetime() }))

/** Answers of `GET /admin/opt-outs`. */
export const optOutsResponses = {
  200: json(
    'Who has opted out',
    z.object({ users: optOuts, channels: optOuts }).openapi('OptOuts'),
  ),
  403: ADMIN_PROBLEMS[403],
  503: ADMIN_PROBLEMS[503],
} as const
