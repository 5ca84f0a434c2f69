import { RECORD_TYPES } from '@poglog/log-format'
import type { RecordType } from '@poglog/log-format'
import { z } from '@hono/zod-openapi'
import { FORMATS } from '../format/formats.ts'
import { PAGE_MESSAGES_DEFAULT, PAGE_MESSAGES_MAX, SEARCH_CHARACTERS_MAX } from '../limits.ts'
import { decodeCursor } from './cursor.ts'
import { parseSubject } from './subject.ts'
import { parseTime } from './time.ts'

const TIME_PROBLEM =
  'must be RFC 3339 with an offset (2026-11-21T18:40:00Z), Unix seconds or Unix milliseconds'
const SUBJECT_PROBLEM = 'must be a numeric id or a login (login:123 forces a login)'
const TYPE_NAMES: ReadonlyMap<string, RecordType> = new Map(
  [...RECORD_TYPES].map((type) => [type, type]),
)

/** One occurrence of a query parameter. */
export const text = () =>
  z.string({
    error: ({ input }) => (Array.isArray(input) ? 'must be given only once' : 'must be a text'),
  })

/** A text that `read` understands; `undefined` from it is a wrong parameter. */
export function parsed<T>(read: (value: string) => T | undefined, problem: string) {
  return text().transform((value, context): T => {
    const result = read(value)
    if (result !== undefined) return result
    context.addIssue({ code: 'custom', message: problem })
    return z.NEVER
  })
}

/** A point in time; may be absent. */
export const time = (description: string) =>
  parsed(parseTime, TIME_PROBLEM)
    .optional()
    .openapi({ type: 'string', description, example: '2026-11-21T00:00:00Z' })

/** `:channel` and `:user`. */
export const subject = (description: string) =>
  parsed(parseSubject, SUBJECT_PROBLEM).openapi({ type: 'string', description, example: 'forsen' })

/** One of some words. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, {
    error: ({ input }) =>
      Array.isArray(input) ? 'must be given only once' : `must be one of ${values.join(', ')}`,
  })

/** Record types; may be absent. */
export const recordTypes = parsed(
  parseTypes,
  `must be some of ${[...RECORD_TYPES].join(', ')}, separated by commas`,
)
  .optional()
  .openapi({
    type: 'string',
    description: `Record types, separated by commas: ${[...RECORD_TYPES].join(', ')}. PRIVMSG, USERNOTICE, CLEARCHAT and CLEARMSG when absent`,
    example: 'PRIVMSG,USERNOTICE',
  })

const common = {
  from: time(
    'Sent at or after this time: RFC 3339, Unix seconds (up to 11 digits) or milliseconds',
  ),
  to: time('Sent before this time'),
  order: oneOf(['asc', 'desc'])
    .default('desc')
    .openapi({ description: 'Oldest first (asc) or newest first (desc)' }),
  limit: parsed(parseLimit, 'must be a whole number of at least 1')
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      description: `Records at most. Of a JSON page ${PAGE_MESSAGES_DEFAULT} when absent, at most ${PAGE_MESSAGES_MAX}; streams have no limit of their own`,
    }),
  cursor: parsed(decodeCursor, 'is no cursor of this API').optional().openapi({
    type: 'string',
    description:
      '`nextCursor` of a page, with its order, or its `previousCursor`, with the opposite one',
  }),
  type: recordTypes,
  q: text()
    .min(1, { error: 'must not be empty' })
    .max(SEARCH_CHARACTERS_MAX, { error: `must have at most ${SEARCH_CHARACTERS_MAX} characters` })
    .optional()
    .openapi({ description: 'Only records whose text holds this, in any case' }),
  format: oneOf(FORMATS)
    .optional()
    .openapi({ description: 'Goes before the Accept header; json when neither says anything' }),
}

interface Ranged {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly order: 'asc' | 'desc'
  readonly cursor?: ReturnType<typeof decodeCursor>
}

/** What no single parameter can say. */
function checkTogether({ from, to, order, cursor }: Ranged, context: z.RefinementCtx): void {
  if (from !== undefined && to !== undefined && from >= to) {
    context.addIssue({ code: 'custom', path: ['from'], message: 'must be before to' })
  }
  if (cursor !== undefined && cursor.order !== order) {
    const message = `belongs to order=${cursor.order}, which has to be repeated`
    context.addIssue({ code: 'custom', path: ['cursor'], message })
  }
}

/** The query of `/channel/:channel/logs`. */
export const channelLogsQuery = z
  .strictObject({ ...common, user: subject('Only this user, by id or login').optional() })
  .superRefine(checkTogether)

/** The query of `/user/:user/logs`. */
export const userLogsQuery = z
  .strictObject({ ...common, channel: subject('Only this channel, by id or login').optional() })
  .superRefine(checkTogether)

/** What both queries have. */
export type CommonQuery = Omit<z.output<typeof channelLogsQuery>, 'user'>

/** A number of things in an answer. */
export function parseLimit(value: string): number | undefined {
  const limit = /^\d{1,15}$/.test(value) ? Number(value) : 0
  return limit > 0 ? limit : undefined
}

function parseTypes(value: string): ReadonlySet<RecordType> | undefined {
  const types = new Set<RecordType>()
  for (const name of value.split(',')) {
    const type = TYPE_NAMES.get(name.trim().toUpperCase())
    if (type === undefined) return undefined
    types.add(type)
  }
  return types
}
