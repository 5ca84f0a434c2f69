import { z } from '@hono/zod-openapi'
import type { QueryApp } from '../app-types.ts'
import { CONTENT_TYPES } from '../format/formats.ts'
import { channelPaths, userPaths } from './paths.ts'

const TAGS = ['rustlog']
const PATH_PARAMETER = /:(\w+)/g

const flag = (description: string) =>
  z
    .string()
    .optional()
    .openapi({ description: `${description}; any value sets it` })
const count = (description: string) =>
  z.string().optional().openapi({ type: 'integer', minimum: 0, description })
const time = (description: string) =>
  z.string().optional().openapi({ description, example: '2026-11-21T00:00:00Z' })

const rowQuery = {
  json: flag('Full messages as JSON'),
  jsonBasic: flag('Messages as JSON, without channel, line and type'),
  ndjson: flag('One basic message a line'),
  raw: flag('The lines as Twitch sent them'),
  reverse: flag('The newest first'),
  limit: count('Rows at most'),
  offset: count('Rows to leave out at the start'),
}
const rangeQuery = {
  from: time(
    'Sent at or after this time: RFC 3339, Unix seconds or ms; counts only together with `to`',
  ),
  to: time('Sent before this time'),
}
const listQuery = {
  channel: z.string().optional().openapi({ description: 'Login; this or `channelid`' }),
  channelid: z.string().optional(),
  user: z.string().optional().openapi({ description: 'Login; or `userid`' }),
  userid: z.string().optional(),
}

const refusals = {
  400: { description: 'A wrong path or parameter' },
  403: { description: 'The channel or user has opted out' },
  404: { description: 'Not found: nobody of that name, or nothing of theirs' },
  503: { description: 'A store is away, or too much runs; see Retry-After' },
}
const json = {
  200: { description: 'JSON', content: { [CONTENT_TYPES.json]: { schema: z.unknown() } } },
}
const rows = {
  200: {
    description: 'Rows, streamed; lines end with CR LF',
    content: {
      'text/plain': { schema: z.string() },
      [CONTENT_TYPES.json]: { schema: z.object({ messages: z.array(z.unknown()) }) },
      [CONTENT_TYPES.ndjson]: { schema: z.unknown() },
    },
  },
}
const redirect = { 303: { description: 'Without a range: to the last date that has rows' } }

interface Described {
  readonly paths: readonly string[]
  readonly summary: string
  readonly query?: z.ZodRawShape
  readonly answers: Readonly<Record<number, { readonly description: string }>>
}

const ROUTES: readonly Described[] = [
  {
    paths: [...channelPaths(), ...userPaths()],
    summary: 'A range of a channel, or of a user in it',
    query: { ...rangeQuery, ...rowQuery },
    answers: { ...rows, ...redirect },
  },
  {
    paths: channelPaths('/:year/:month/:day'),
    summary: "A channel's day, UTC",
    query: rowQuery,
    answers: rows,
  },
  {
    paths: userPaths('/:year/:month'),
    summary: "A user's month in a channel, UTC",
    query: rowQuery,
    answers: rows,
  },
  {
    paths: [...channelPaths('/random'), ...userPaths('/random')],
    summary: 'Any row, each as likely',
    query: rowQuery,
    answers: rows,
  },
  {
    paths: userPaths('/search'),
    summary: 'What a user said in a channel that holds a text, in any case',
    query: { q: z.string(), ...rowQuery },
    answers: rows,
  },
  {
    // That of /channel/{channel}/stats is a native route.
    paths: ['/channelid/:channel/stats', ...userPaths('/stats')],
    summary: 'How many rows there are, and whose most',
    query: rangeQuery,
    answers: json,
  },
  {
    paths: ['/list'],
    summary: 'The days of a channel, or the months of a user in it, that have rows',
    query: listQuery,
    answers: json,
  },
  { paths: ['/namehistory/:user'], summary: 'The logins a user was seen with', answers: json },
  { paths: ['/capabilities'], summary: 'What of rustlog is here', answers: json },
]

/** Adds the routes to the description of the API. */
export function describeRustlogRoutes(app: QueryApp): void {
  for (const { paths, summary, query = {}, answers } of ROUTES) {
    for (const path of paths) {
      const names = [...path.matchAll(PATH_PARAMETER)].map(([, name = '']) => name)
      app.openAPIRegistry.registerPath({
        method: 'get',
        path: path.replaceAll(PATH_PARAMETER, '{$1}'),
        tags: TAGS,
        summary,
        request: {
          params: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
          query: z.object(query),
        },
        responses: { ...answers, ...refusals },
      })
    }
  }
}
