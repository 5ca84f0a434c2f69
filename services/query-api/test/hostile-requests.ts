import * as fc from 'fast-check'
import { z } from 'zod'

const documentSchema = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        parameters: z
          .array(
            z.looseObject({
              name: z.string(),
              in: z.string(),
              schema: z
                .looseObject({
                  enum: z.array(z.string()).optional(),
                  example: z.unknown().optional(),
                })
                .optional(),
            }),
          )
          .optional(),
      }),
    ),
  ),
})
type Document = z.output<typeof documentSchema>
type Parameter = NonNullable<Document['paths'][string][string]['parameters']>[number]

/** A request as it goes over the wire; everything is Latin-1, a character a byte. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

const METHODS = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'FOO',
  'get',
]
const BOUNDARIES = [
  '0',
  '-0',
  '-1',
  '1',
  '00',
  '1e3',
  '0x10',
  '1.5',
  '2147483648',
  '9007199254740993',
  '1e309',
  'NaN',
  'Infinity',
  '9'.repeat(400),
]
const TIMES = [
  '1700000000',
  '1700000000000',
  '2023-11-14T22:13:20Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '2026-02-30T00:00:00Z',
  '+1',
  '253402300800000',
  '2023-11-14 22:13:20+01:00',
]
const NAMES = [
  '10',
  'chan10',
  'id:10',
  'login:chan10',
  '2',
  'user2',
  'nobody',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'id:',
  'login:',
]
/** What a parameter can really be, so that requests come through to the stores. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  channel: ['10', '11', 'chan10', 'id:10'],
  login: ['chan10', 'chan11'],
  user: ['2', '3', 'user2'],
  subject: ['4', 'user4'],
  from: ['1699990000', '1700003600000'],
  to: ['1700010000', '1900000000'],
  limit: ['1', '7', '1000'],
  word: ['message', '7'],
  q: ['message', 'E 1'],
  type: ['PRIVMSG', 'NOTICE,GAP'],
  year: ['2023'],
  month: ['11', '12'],
  day: ['14', '15'],
}
/** As bytes of a target, not to be encoded again. */
const WRITTEN = [
  '%',
  '%0',
  '%zz',
  '%00',
  '%ff',
  '%C0%AF',
  '%ED%A0%80',
  '%F4%90%80%80',
  '%2e%2e%2f%2e%2e',
  '..',
  '../..',
  '..%5c..',
  '%0d%0aX-A:%20b',
  '%E2%80%A8',
  '{s00}:state',
  '%7Bs00%7D:hot:10',
  '*',
  '[',
  '[]',
  '()',
  '$(id)',
  "'--",
  '<svg/onload=x>',
  '\xff\xfe',
  '\x7f',
  '\x01',
  '%F0%9F%8E%89',
  '%C4%B0',
  'a'.repeat(300),
  '%41'.repeat(900),
  '+',
  '%2B',
  '%20',
  '&',
  '=',
  ';',
  '#',
  '\\',
  '//',
  'wp-admin.php',
  '.env',
]
const HEADERS: readonly string[] = [
  'Accept',
  'Accept-Encoding',
  'If-None-Match',
  'X-Request-Id',
  'X-Forwarded-For',
  'X-Api-Key',
  'Content-Type',
  'Range',
  'Last-Event-ID',
  'Origin',
  'Cookie',
  'Expect',
  'Upgrade',
  'Host',
]
const HEADER_VALUES = [
  '*/*',
  'application/json',
  'text/plain;q=1e309',
  'a/b;q=NaN,*/*;q=-1',
  ','.repeat(200),
  'gzip;q=0.000001, zstd;q=2',
  '"x"'.repeat(300),
  'W/"',
  '*',
  '127.0.0.1',
  '::1, unknown, "[::]"',
  'bytes=0-1,5-',
  'bytes=9999999999999999999-',
  'x'.repeat(3000),
  '{}',
  '\xff\x80',
  '1-1',
  'null',
  'chunked',
  'websocket',
  '__proto__',
  '100-continue',
  'a.example:99999',
]
const BODIES = [
  '',
  '{',
  '{}',
  'null',
  '[]',
  '"x"',
  '{"days":1}',
  '{"days":1e309}',
  '{"days":-1,"__proto__":{"x":1}}',
  '{"channels":["10"]}',
  '{"channels":[null,{},"a b","99999999999999999999999"]}',
  `{"channels":${JSON.stringify(Array.from({ length: 200 }, () => 'x'.repeat(40)))}}`,
  '['.repeat(3000),
  '\x00\xff',
  'a=b&a=c',
]

const FLAGS = [
  'json',
  'raw&raw',
  'reverse=1',
  'jsonBasic',
  'ndjson',
  'limit=5',
  'offset=3',
  'format=raw',
  '=',
  '&&',
  '__proto__=1',
  'from=1&to=2000000000',
  'q=message',
  'channel=chan10',
  'channelid=10',
  'channel=10&user=2',
]

/** Makes requests of every route and parameter that a document names, valid, almost valid and hostile ones. */
export function hostileRequests(document: unknown, adminKey: string): fc.Arbitrary<RawRequest> {
  const { paths } = documentSchema.parse(document)
  const routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [] }]) => ({ path, method, parameters })),
  )
  return fc.constantFrom(...routes).chain(({ path, method, parameters }) =>
    fc.record({
      method: fc.oneof(
        { weight: 4, arbitrary: fc.constant(method.toUpperCase()) },
        { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
      ),
      target: targetOf(path, parameters),
      headers: fc
        .tuple(fc.array(header(), { maxLength: 2 }), fc.boolean())
        .map(([own, hasKey]) => (hasKey ? own.concat([['X-Api-Key', adminKey]]) : own)),
      body: fc.oneof(fc.constant(''), fc.constantFrom(...BODIES), bytes(60)),
    }),
  )
}

function targetOf(path: string, parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const segments = path
    .split('/')
    .slice(1)
    .map((segment) =>
      segment.startsWith('{')
        ? value(parameters.find(({ name }) => segment === `{${name}}`))
        : fc.oneof(
            { weight: 30, arbitrary: fc.constant(segment) },
            { weight: 1, arbitrary: written() },
          ),
    )
  const query = parameters.filter((parameter) => parameter.in === 'query')
  const pair = fc.oneof(
    ...query.map((parameter) => ({
      weight: 6,
      arbitrary: value(parameter).map((text) => `${parameter.name}=${text}`),
    })),
    {
      weight: 1,
      arbitrary: fc.tuple(written(), written()).map(([name, text]) => `${name}=${text}`),
    },
    { weight: query.length === 0 ? 20 : 1, arbitrary: fc.constantFrom(...FLAGS) },
  )
  return fc
    .tuple(
      fc.tuple(...segments),
      fc.array(pair, { maxLength: 3 }),
      fc.oneof(
        { weight: 20, arbitrary: fc.constant('') },
        { weight: 1, arbitrary: fc.constantFrom('/', '//', '/..', '/x', '%00') },
      ),
    )
    .map(
      ([parts, pairs, end]) =>
        `/${parts.join('/')}${end}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`,
    )
}

/** A value of a parameter, as it is written in a target. */
function value(parameter: Parameter | undefined): fc.Arbitrary<string> {
  const known = parameter?.schema?.enum ?? []
  const example = parameter?.schema?.example
  const own = new Map(Object.entries(GOOD)).get(parameter?.name ?? '') ?? []
  const good = [...known, ...own, ...(typeof example === 'string' ? [example] : [])]
  return fc.oneof(
    { weight: good.length === 0 ? 0 : 25, arbitrary: fc.constantFrom('', ...good) },
    { weight: 3, arbitrary: fc.constantFrom(...NAMES) },
    { weight: 2, arbitrary: fc.constantFrom(...TIMES) },
    { weight: 2, arbitrary: fc.constantFrom(...BOUNDARIES) },
    { weight: 3, arbitrary: written() },
  )
}

function written(): fc.Arbitrary<string> {
  const unsafe = /[\0-\x20]/g
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...WRITTEN) },
    {
      weight: 1,
      arbitrary: fc
        .string({ unit: 'binary', maxLength: 40 })
        .map((text) => encodeURIComponent(text.toWellFormed())),
    },
    // A target ends at white space.
    { weight: 1, arbitrary: bytes(20).map((text) => text.replaceAll(unsafe, '')) },
  )
}

function header(): fc.Arbitrary<readonly [string, string]> {
  const text = bytes(30).map((given) => given.replaceAll(/[\r\n\0]/g, ''))
  return fc.tuple(fc.constantFrom(...HEADERS), fc.oneof(fc.constantFrom(...HEADER_VALUES), text))
}

function bytes(maxLength: number): fc.Arbitrary<string> {
  return fc.uint8Array({ maxLength }).map((given) => Buffer.from(given).toString('latin1'))
}
