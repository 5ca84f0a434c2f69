import type { QueryApp } from '../app-types.ts'
import { isDialectPath } from '../http/refusal.ts'

const INFO = {
  title: 'poglog query API',
  version: '0.1.0',
  description: [
    'Who said what, where and when on Twitch chat, byte for byte.',
    '',
    'HEAD is answered wherever GET is, OPTIONS everywhere; another method is a 405 with `Allow`. Answers are compressed by',
    '`Accept-Encoding` (zstd, br, gzip, deflate). A range that cannot change any more has a strong `ETag` and may be kept;',
    '`If-None-Match` is answered with 304 without reading the log. Errors of native routes are RFC 9457 problem documents.',
  ].join('\n'),
  license: { name: 'MIT', identifier: 'MIT' },
}
/** Counts, pages and streams, whose answers have a tag. */
const TAGGED = /\/(?:logs|words|top|stats|activity|coverage)$/
const LOGS = /\/logs$/
/** Neither counted nor refused. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

type Document = ReturnType<QueryApp['getOpenAPI31Document']>
type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>
type Responses = NonNullable<Operation['responses']>

const text = (description: string) => ({ description, schema: { type: 'string' as const } })
const HEADERS = {
  'X-Request-Id': text('The id of the request: the one given, else a new one'),
  'RateLimit-Policy': text('Requests of one address in a window of seconds: `1200;w=60`'),
  RateLimit: text('What is left of them: `limit=1200, remaining=1180, reset=42`'),
  'Retry-After': text('In how many seconds to ask again'),
  ETag: text('Stands for the answer; give it as `If-None-Match`'),
  'Cache-Control': text('For how long the answer may be kept'),
  Vary: text('What the answer depends on beside its URL'),
  Link: text('`rel="next"`: the next page, RFC 8288'),
} as const
type Header = keyof typeof HEADERS

const REFUSED = 'Too many requests, or answers at a time, of one address; see Retry-After'
const REFUSAL = {
  description: REFUSED,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}
const TEXT_REFUSAL = {
  description: REFUSED,
  content: { 'text/plain': { schema: { type: 'string' } } },
}

/** The OpenAPI 3.1 document of all routes, with what they have in common told of each. */
export function describeApi(app: QueryApp): Document {
  describeRecentMessages(app)
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: INFO,
    servers: [{ url: '/' }],
  })
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of ['get', 'post', 'put', 'delete'] as const) {
      const operation = item[method]
      if (operation !== undefined) complete(operation, { path, method })
    }
  }
  return { ...document, components: { ...document.components, headers: HEADERS } }
}

/** What the document says of recent-messages v2: that it is there, and whose contract it is. */
function describeRecentMessages(app: QueryApp): void {
  const parameter = { in: 'path', required: true, schema: { type: 'string' } } as const
  for (const path of [
    '/api/v2/recent-messages/{login}',
    '/recent-messages/{login}',
    '/rm/{login}',
  ]) {
    app.openAPIRegistry.registerPath({
      method: 'get',
      path,
      tags: ['recent-messages'],
      summary: 'The latest lines of a channel, as recent-messages v2 answers them',
      parameters: [{ ...parameter, name: 'login', description: 'The login, in lower case' }],
      responses: {
        200: {
          description: '`messages`, and `error_code` where the channel is not joined',
          content: { 'application/json': {} },
        },
        default: {
          description: 'An error in the form of that server: `status`, `error`, `error_code`',
          content: { 'application/json': {} },
        },
      },
    })
  }
}

function complete(operation: Operation, { path, method }: { path: string; method: string }): void {
  operation.operationId ??= operationId(method, path)
  operation.tags ??= [tagOf(path)]
  const isTagged = method === 'get' && TAGGED.test(path) && operation.tags[0] !== 'rustlog'
  const responses: Responses = operation.responses ?? {}
  if (isTagged) responses['304'] = { description: 'What `If-None-Match` names is current' }
  if (!PROBES.has(path)) {
    responses['429'] = isDialectPath(path) ? TEXT_REFUSAL : REFUSAL
  }
  operation.responses = Object.fromEntries(
    Object.entries<unknown>(responses).map(([status, response]) => {
      const headers = headersOf(status, { path, isTagged }).map(refOf)
      return [status, Object.assign({}, response, { headers: Object.fromEntries(headers) })]
    }),
  )
}

function refOf(name: Header): [string, { readonly $ref: string }] {
  return [name, { $ref: `#/components/headers/${name}` }]
}

function headersOf(
  status: string,
  { path, isTagged }: { readonly path: string; readonly isTagged: boolean },
): Header[] {
  const headers: Header[] = ['X-Request-Id']
  if (!PROBES.has(path)) headers.push('RateLimit-Policy', 'RateLimit')
  if (status === '429' || status === '503') headers.push('Retry-After')
  if (isTagged && (status === '200' || status === '304')) {
    headers.push('ETag', 'Cache-Control', 'Vary')
    if (LOGS.test(path) && status === '200') headers.push('Link')
  }
  return headers
}

/** `get /channel/{channel}/words/top` is `getChannelWordsTop`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter(Boolean)
  const all = words.map((word) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`).join('')
  return `${method}${all === '' ? 'Root' : all}`
}

function tagOf(path: string): string {
  const [, first = ''] = path.split('/')
  if (first === 'admin' || first === 'optout') return 'admin and privacy'
  return first === 'channel' || first === 'user' || first === 'channels' ? 'native' : 'service'
}
