import { z } from '@hono/zod-openapi'
import { CONTENT_TYPES } from '../format/formats.ts'

const messageSchema = z
  .object({
    text: z.string().openapi({ description: 'What was said or done, in words' }),
    displayName: z.string(),
    timestamp: z.iso.datetime().openapi({ description: 'When Twitch accepted it, UTC' }),
    id: z
      .string()
      .openapi({ description: "Twitch's UUID of the message, empty where it has none" }),
    tags: z.record(z.string(), z.string()).openapi({ description: 'Every tag, unescaped' }),
    username: z.string().openapi({ description: 'Login of the sender at that time' }),
    channel: z.string().openapi({ description: 'Login of the channel at that time' }),
    raw: z.string().openapi({ description: 'The IRC line byte for byte as Twitch sent it' }),
    type: z
      .int()
      .openapi({ description: '1 PRIVMSG, 2 CLEARCHAT, 4 USERNOTICE, 13 CLEARMSG, ...' }),
    channelId: z.string(),
    userId: z.string().openapi({ description: 'Whose record it is, empty where nobody' }),
    receivedAt: z.iso.datetime().openapi({ description: 'When poglog stored it, UTC' }),
  })
  .openapi('Message')

const pageSchema = z
  .object({
    messages: z.array(messageSchema),
    nextCursor: z.string().nullable().openapi({
      description: 'Give it as `cursor` for the next page; null after the last record',
    }),
  })
  .openapi('MessagePage')

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ parameter: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

const channelsSchema = z
  .object({ channels: z.array(z.object({ name: z.string(), userID: z.string() })) })
  .openapi('Channels')

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
})

/** Answers of the log routes. */
export const logsResponses = {
  200: {
    description: 'A page (json), or a stream of everything asked for (ndjson, text, raw)',
    content: {
      [CONTENT_TYPES.json]: { schema: pageSchema },
      [CONTENT_TYPES.ndjson]: { schema: messageSchema },
      'text/plain': { schema: z.string() },
    },
  },
  400: problem('A wrong, repeated or unknown parameter, by name'),
  404: problem('An unknown channel or user'),
  500: problem('A damaged segment, by name: an answer never leaves records out'),
  503: problem('A store is away or too many queries run; see Retry-After'),
} as const

/** Answers of `/channels`. */
export const channelsResponses = {
  200: {
    description: 'The channels that are logged',
    content: { 'application/json': { schema: channelsSchema } },
  },
  503: problem('Redis is away; see Retry-After'),
} as const
