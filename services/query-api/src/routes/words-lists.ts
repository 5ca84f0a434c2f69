import { TOP_WORDS_DAYS_DEFAULT, TOP_WORDS_DAYS_MAX } from '../limits.ts'
import { badParameters } from '../problem.ts'
import { DAY_MS } from '../read/periods.ts'
import type { TimeRange } from '../read/words-range.ts'
import { leadersOf } from '../read/words-top-list.ts'
import type { Counted } from '../read/words-top-list.ts'
import type { NameReads } from './subjects.ts'

/** A user or channel with its login, `null` where none was learnt. */
export interface NamedCount extends Counted {
  readonly login: string | null
}

/** The highest counts with the logins of their ids. */
export async function namedLeaders(
  counts: ReadonlyMap<string, number>,
  size: number,
  { names }: NameReads,
): Promise<NamedCount[]> {
  const leaders = leadersOf(counts, size)
  const logins = await names.loginsOf(leaders.map(({ id }) => id))
  return leaders.map(({ id, count }) => ({ id, count, login: logins.get(id) ?? null }))
}

/**
 * The range of a question for the most said words.
 *
 * @throws {ProblemError} 400 when it is empty or too long.
 */
export function topRange(
  asked: { readonly from?: number | undefined; readonly to?: number | undefined },
  nowMs: number,
): TimeRange {
  const toMs = asked.to ?? nowMs
  const fromMs = asked.from ?? Math.max(0, toMs - TOP_WORDS_DAYS_DEFAULT * DAY_MS)
  if (fromMs >= toMs) throw badParameters([{ parameter: 'from', message: 'must be before to' }])
  if (toMs - fromMs > TOP_WORDS_DAYS_MAX * DAY_MS) {
    const message = `must lie at most ${TOP_WORDS_DAYS_MAX} days before to: every word is counted`
    throw badParameters([{ parameter: 'from', message }])
  }
  return { fromMs, toMs }
}
