import { useQueries, useQuery } from '@tanstack/preact-query'
import * as z from 'zod/mini'
import type { Subject } from '../place/subject.ts'
import type { Period } from './activity.ts'
import { askJson, pathOf } from './ask.ts'
import { freshMs, rangeQuery, timeSchema } from './range.ts'
import type { TimeRange } from './range.ts'
import { together } from './together.ts'
import { whosePath } from './whose.ts'
import type { Whose } from './whose.ts'

/** Lists of users or channels: more rows are not read. */
const LEADERS_MAX = 20

const countsSchema = z.object({
  total: z.number(),
  users: z.number(),
  buckets: z.array(z.object({ from: timeSchema, count: z.number() })),
})
const leadersSchema = z.object({
  leaders: z.array(
    z.object({ userId: z.string(), login: z.nullable(z.string()), count: z.number() }),
  ),
})
const userWordSchema = z.object({
  total: z.number(),
  channelCount: z.number(),
  channels: z.array(
    z.object({ channelId: z.string(), login: z.nullable(z.string()), count: z.number() }),
  ),
})
const topSchema = z.object({ words: z.array(z.object({ word: z.string(), count: z.number() })) })

/** Which words are meant, in any case or exactly as written, and when. */
export interface WordsQuery {
  readonly words: readonly string[]
  readonly isAnyCase: boolean
  readonly range: TimeRange
}

/** How often a word was said, by how many users, and when. */
export type WordCounts = z.output<typeof countsSchema>

/** How often each word was said in a channel, by hour or day. */
export function useWordCounts(whose: Whose, query: WordsQuery & { readonly by: Period }) {
  return useQueries({
    queries: query.words.map((word) =>
      wordQuery(countsSchema, { whose, word, query, more: { by: query.by } }),
    ),
    combine: together,
  })
}

/** Who said each word in a channel most. */
export function useWordLeaders(whose: Whose, query: WordsQuery) {
  return useQueries({
    queries: query.words.map((word) =>
      wordQuery(leadersSchema, { whose, word, query, more: { by: 'user', limit: LEADERS_MAX } }),
    ),
    combine: together,
  })
}

/** How often a user said each word, and in which channels most. */
export function useUserWords(user: Subject, query: WordsQuery) {
  return useQueries({
    queries: query.words.map((word) =>
      wordQuery(userWordSchema, { whose: { user }, word, query, more: { limit: LEADERS_MAX } }),
    ),
    combine: together,
  })
}

interface WordQuery {
  readonly whose: Whose
  readonly word: string
  readonly query: Omit<WordsQuery, 'words'>
  readonly more: Readonly<Record<string, string | number>>
}

function wordQuery<Schema extends z.core.$ZodType>(
  schema: Schema,
  { whose, word, query: { isAnyCase, range }, more }: WordQuery,
) {
  const { path, narrowed } = whosePath(whose, 'words')
  const match = isAnyCase ? 'ci' : 'exact'
  const asked = pathOf(path, { word, match, ...more, ...rangeQuery(range), ...narrowed })
  return {
    // The path holds all that is asked.
    queryKey: ['words', asked],
    queryFn: async ({ signal }: { readonly signal: AbortSignal }) =>
      await askJson({ path: asked, signal }, schema),
    staleTime: freshMs(range),
  }
}

/** The words that were said most in a channel. */
export function useTopWords(
  { channel, user }: { readonly channel: Subject; readonly user?: Subject | undefined },
  { range, isAnyCase, limit }: Omit<WordsQuery, 'words'> & { readonly limit: number },
) {
  const { path, narrowed } = whosePath({ channel, user }, 'words/top')
  const match = isAnyCase ? 'ci' : 'exact'
  const asked = pathOf(path, { match, limit, ...rangeQuery(range), ...narrowed })
  return useQuery({
    queryKey: ['words', asked],
    queryFn: async ({ signal }) => (await askJson({ path: asked, signal }, topSchema)).words,
    staleTime: freshMs(range),
  })
}
