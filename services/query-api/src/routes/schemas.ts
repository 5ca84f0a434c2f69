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
    previousCursor: z.string().nullable().openapi({
      description:
        'Give it as `cursor` with the opposite `order` for what comes before the first message, going back from it; null where the page has no message',
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

/** An RFC 9457 problem document. */
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
  403: problem('The channel or user has opted out'),
  404: problem('An unknown channel or user'),
  500: problem('A damaged segment, by name: an answer never leaves records out'),
  503: problem('A store is away or too many queries run; see Retry-After'),
} as const

/** Answers of the live routes. */
export const liveResponses = {
  200: {
    description:
      'Events, each a Message as JSON with an `id` to come back with; `event: status` says `waiting` while the hot store is away, and `live` again; `event: cut` why the server ends it',
    content: { 'text/event-stream': { schema: z.string() } },
  },
  400: problem('A wrong, repeated or unknown parameter, by name'),
  403: problem('Who was asked for has opted out'),
  404: problem('An unknown channel or user'),
  429: problem('Too many listeners of this address; see Retry-After'),
  503: problem('A store is away or too many listen; see Retry-After'),
} as const

/** Answers of `/channels`. */
export const channelsResponses = {
  200: {
    description: 'The channels that are logged',
    content: { 'application/json': { schema: channelsSchema } },
  },
  503: problem('Redis is away; see Retry-After'),
} as const

/** What is wrong with a counting query, or goes wrong. */
export const COUNT_PROBLEMS = {
  400: problem('A wrong, repeated or unknown parameter, by name; or a range with too much in it'),
  403: problem('The channel or user has opted out'),
  404: problem('An unknown channel or user'),
  500: problem('A damaged segment, by name: a count never leaves records out'),
  503: problem('A store is away, too many queries run, or this one takes too long'),
} as const

/** An answer in JSON. */
export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { [CONTENT_TYPES.json]: { schema } },
})

const START = '2026-11-21T13:00:00Z'
const userId = z.string().openapi({ example: '22484632' })
export const channelId = z.string().openapi({ example: '22484632' })
export const login = z
  .string()
  .nullable()
  .openapi({ description: 'The login last seen, null where none is known', example: 'forsen' })
const wordSaid = {
  word: z.string().openapi({ example: 'Pog' }),
  match: z.enum(['exact', 'ci']),
  total: z.int().openapi({ description: 'How often the word was said', example: 1234 }),
}
const channelWordsSchema = z
  .object({
    channelId,
    ...wordSaid,
    users: z.int().openapi({ description: 'How many users said it', example: 321 }),
    by: z.enum(['hour', 'day', 'user']),
    buckets: z
      .array(
        z.object({
          from: z.iso
            .datetime()
            .openapi({ description: 'Start of the hour or day', example: START }),
          count: z.int().openapi({ example: 56 }),
        }),
      )
      .optional()
      .openapi({ description: 'Hours or days in which it was said, the first one first' }),
    leaders: z
      .array(z.object({ userId, login, count: z.int().openapi({ example: 56 }) }))
      .optional()
      .openapi({ description: 'With by=user: who said it most, the most first' }),
  })
  .openapi('ChannelWords')

/** Answers of `/channel/:channel/words`. */
export const channelWordsResponses = {
  200: json('How often it was said', channelWordsSchema),
  ...COUNT_PROBLEMS,
} as const

const topWordsSchema = z
  .object({
    channelId,
    match: z.enum(['exact', 'ci']),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    words: z
      .array(z.object({ word: z.string().openapi({ example: 'Pog' }), count: z.int() }))
      .openapi({ description: 'The most said first' }),
  })
  .openapi('TopWords')

/** Answers of `/channel/:channel/words/top`. */
export const topWordsResponses = {
  200: json('The words said most', topWordsSchema),
  ...COUNT_PROBLEMS,
} as const

const userWordsSchema = z
  .object({
    userId,
    ...wordSaid,
    channelCount: z.int().openapi({ description: 'In how many channels it was said', example: 3 }),
    channels: z
      .array(z.object({ channelId, login, count: z.int().openapi({ example: 56 }) }))
      .openapi({ description: 'Where it was said most, the most first' }),
  })
  .openapi('UserWords')

/** Answers of `/user/:user/words`. */
export const userWordsResponses = {
  200: json('How often the user said it', userWordsSchema),
  ...COUNT_PROBLEMS,
} as const

const messages = z
  .int()
  .openapi({ description: 'PRIVMSG and USERNOTICE; copies of a shared chat are not counted' })
const stats = {
  messages,
  firstMessageAt: z.iso.datetime().nullable(),
  lastMessageAt: z.iso.datetime().nullable(),
  hoursOfDay: z
    .array(z.int())
    .openapi({ description: 'Messages by hour of the day, UTC: 24 numbers from 0:00 on' }),
  busiestHours: z
    .array(z.object({ from: z.iso.datetime().openapi({ example: START }), messages: z.int() }))
    .openapi({ description: 'The hours with the most messages, the most first' }),
}
const channelStatsSchema = z
  .object({
    channelId,
    chatters: z.int().openapi({ description: 'Users who said something' }),
    ...stats,
    messageCount: z.int().openapi({
      description:
        'PRIVMSG, USERNOTICE and CLEARCHAT, copies of a shared chat too: the rows of the log, as rustlog counts',
    }),
    topChatters: z
      .array(
        z.object({
          userId,
          login,
          userLogin: login,
          messages: z.int(),
          messageCount: z.int().openapi({ description: 'A ban counts for whom it hits' }),
        }),
      )
      .openapi({ description: 'The highest messageCount first; five unless limit says more' }),
  })
  .openapi('ChannelStats')
const userStatsSchema = z
  .object({
    userId,
    channelCount: z.int().openapi({ description: 'Channels in which the user said something' }),
    ...stats,
    channels: z.array(z.object({ channelId, login, messages: z.int() })),
  })
  .openapi('UserStats')

/** Answers of `/channel/:channel/stats`. */
export const channelStatsResponses = {
  200: json('How much was said', channelStatsSchema),
  ...COUNT_PROBLEMS,
} as const

/** Answers of `/user/:user/stats`. */
export const userStatsResponses = {
  200: json('How much the user said', userStatsSchema),
  ...COUNT_PROBLEMS,
} as const

const activity = {
  by: z.enum(['hour', 'day']),
  total: messages,
  buckets: z
    .array(
      z.object({
        from: z.iso.datetime().openapi({ description: 'Start of the hour or day', example: START }),
        messages: z.int().openapi({ example: 56 }),
      }),
    )
    .openapi({ description: 'Hours or days with messages, UTC, the first one first' }),
}

/** Answers of `/channel/:channel/activity`. */
export const channelActivityResponses = {
  200: json(
    'How much was said when',
    z.object({ channelId, ...activity }).openapi('ChannelActivity'),
  ),
  ...COUNT_PROBLEMS,
} as const

/** Answers of `/user/:user/activity`. */
export const userActivityResponses = {
  200: json(
    'How much the user said when',
    z.object({ userId, ...activity }).openapi('UserActivity'),
  ),
  ...COUNT_PROBLEMS,
} as const

export const ADMIN_PROBLEMS = {
  400: problem('A wrong parameter or body, by name'),
  403: problem('X-Api-Key is missing or wrong, or the service has no key'),
  404: problem('A login that nobody was seen with, or nothing asked for before'),
  503: problem('Redis is away; see Retry-After'),
} as const

const erasureSchema = z
  .object({
    userId,
    state: z.enum(['pending', 'done']).openapi({
      description: 'Nothing is shown from the request on; done: nothing is stored any more',
    }),
    requestedAt: z.iso.datetime(),
    before: z.iso.datetime().openapi({ description: 'What the user sent before this is erased' }),
    report: z
      .unknown()
      .openapi({ description: 'What was removed from where; null until it begins' }),
    status: z.string().openapi({ description: 'Where to look', example: '/admin/users/123/data' }),
  })
  .openapi('Erasure')

/** Answers of `DELETE /admin/users/:id/data`. */
export const eraseResponses = {
  202: json(
    'Hidden from every answer from now on, and on its way out of the stores',
    erasureSchema,
  ),
  ...ADMIN_PROBLEMS,
} as const

/** Answers of `GET /admin/users/:id/data`. */
export const erasureResponses = {
  200: json('How far the erasure has come', erasureSchema),
  ...ADMIN_PROBLEMS,
} as const

const retentionSchema = z
  .object({ channelId, days: z.int().nullable().openapi({ description: 'null: kept for ever' }) })
  .openapi('Retention')

/** Answers of `PUT` and `DELETE /admin/channels/:id/retention`. */
export const retentionResponses = {
  200: json('What holds from now on; older records are shown no more', retentionSchema),
  ...ADMIN_PROBLEMS,
  413: problem('The body is too long'),
  415: problem('The body is not said to be JSON'),
} as const

/** Answers of `GET /admin/retention`. */
export const retentionsResponses = {
  200: json(
    'The channels whose records are not kept for ever',
    z
      .object({ channels: z.array(z.object({ channelId, login, days: z.int() })) })
      .openapi('Retentions'),
  ),
  403: ADMIN_PROBLEMS[403],
  503: ADMIN_PROBLEMS[503],
} as const

/** Answers of `POST /optout`. */
export const optOutCodeResponses = {
  200: json('The code, good once and for a minute', z.string().openapi({ example: 'aB3dE' })),
  503: problem('Redis is away, or too many codes are out; see Retry-After'),
} as const
