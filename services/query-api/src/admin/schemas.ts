import { z } from '@hono/zod-openapi'
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
