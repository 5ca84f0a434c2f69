import { z } from '@hono/zod-openapi'
import {
  LEADERS_DEFAULT,
  LEADERS_MAX,
  TOP_CHATTERS,
  TOP_WORDS_DAYS_DEFAULT,
  TOP_WORDS_DAYS_MAX,
  TOP_WORDS_DEFAULT,
  WORD_CHARACTERS_MAX,
} from '../limits.ts'
import { oneOf, parsed, subject, text, time } from './parameters.ts'

/** What words are split by. */
const WHITE_SPACE = /\p{White_Space}/u

const from = time(
  'Sent at or after this time: RFC 3339, Unix seconds (up to 11 digits) or milliseconds',
)
const to = time('Sent before this time')
const onlyUser = subject('Only this user, by id or login').optional()
const onlyChannel = subject('Only this channel, by id or login').optional()
const period = oneOf(['hour', 'day']).default('day').openapi({ description: 'Hours or days, UTC' })

const word = text()
  .min(1, { error: 'must not be empty' })
  .max(WORD_CHARACTERS_MAX, { error: `must have at most ${WORD_CHARACTERS_MAX} characters` })
  .refine((value) => !WHITE_SPACE.test(value), {
    error: 'must be one word: words are what lies between white space',
  })
  .openapi({ description: 'The word: what lies between white space in a message', example: 'Pog' })

const match = oneOf(['exact', 'ci']).default('exact').openapi({
  description: 'Only as written (exact), or in any case (ci)',
})

const limit = (fallback: number) =>
  parsed(parseLimit, `must be a whole number from 1 to ${LEADERS_MAX}`)
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      maximum: LEADERS_MAX,
      description: `How many the list has at most; ${fallback} when absent`,
    })

/** The query of `/channel/:channel/words`. */
export const channelWordsQuery = z
  .strictObject({
    word,
    match,
    by: oneOf(['hour', 'day', 'user']).default('day').openapi({
      description:
        'What the counts are listed by: hours or days, UTC, or the users who said it most',
    }),
    from,
    to,
    user: onlyUser,
    limit: limit(LEADERS_DEFAULT),
  })
  .superRefine(checkRange)
  .superRefine(({ by, limit: given }, context) => {
    if (given === undefined || by === 'user') return
    context.addIssue({ code: 'custom', path: ['limit'], message: 'belongs to by=user' })
  })

/** The query of `/user/:user/words`. */
export const userWordsQuery = z
  .strictObject({ word, match, from, to, limit: limit(LEADERS_DEFAULT) })
  .superRefine(checkRange)

/** The query of `/channel/:channel/words/top`. */
export const topWordsQuery = z
  .strictObject({
    match: match.openapi({ description: 'Words as written (exact), or in lower case (ci)' }),
    from: from.openapi({
      description: `Sent at or after this time; ${TOP_WORDS_DAYS_DEFAULT} days before \`to\` when absent. The range may have ${TOP_WORDS_DAYS_MAX} days`,
    }),
    to: to.openapi({ description: 'Sent before this time; now when absent' }),
    user: onlyUser,
    limit: limit(TOP_WORDS_DEFAULT),
  })
  .superRefine(checkRange)

/** The query of `/channel/:channel/stats`. As for rustlog, what it does not know does not matter, and a range may be empty. */
export const channelStatsQuery = z.object({
  from,
  to,
  user: onlyUser,
  limit: limit(TOP_CHATTERS),
})

/** The query of `/user/:user/stats`. */
export const userStatsQuery = z
  .strictObject({ from, to, limit: limit(LEADERS_DEFAULT) })
  .superRefine(checkRange)

/** The query of `/channel/:channel/activity`. */
export const channelActivityQuery = z
  .strictObject({ by: period, from, to, user: onlyUser })
  .superRefine(checkRange)

/** The query of `/user/:user/activity`. */
export const userActivityQuery = z
  .strictObject({ by: period, from, to, channel: onlyChannel })
  .superRefine(checkRange)

/** A query's range of sent times; what is absent has no end. */
export function rangeOf(query: {
  readonly from?: number | undefined
  readonly to?: number | undefined
}): {
  fromMs: number
  toMs: number
} {
  return {
    fromMs: query.from ?? Number.MIN_SAFE_INTEGER,
    toMs: query.to ?? Number.MAX_SAFE_INTEGER,
  }
}

function checkRange(
  query: { readonly from?: number | undefined; readonly to?: number | undefined },
  context: z.RefinementCtx,
): void {
  if (query.from === undefined || query.to === undefined || query.from < query.to) return
  context.addIssue({ code: 'custom', path: ['from'], message: 'must be before to' })
}

function parseLimit(value: string): number | undefined {
  const number = /^\d{1,4}$/.test(value) ? Number(value) : 0
  return number >= 1 && number <= LEADERS_MAX ? number : undefined
}
