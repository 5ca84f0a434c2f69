import { foldWord, wordsOf } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { ProblemError } from '../problem.ts'
import { countOnce, drain } from './count-words-once.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountQuery } from './words-inputs.ts'
import { dayOf, hourOf } from './words-range.ts'

/** Whether a word counts only as written, or in any case. */
export type WordMatch = 'exact' | 'ci'
/** The periods that counts are given by. */
export type Period = 'hour' | 'day'

export interface WordCountQuery extends CountQuery {
  readonly word: string
  readonly match: WordMatch
  /** Counts by period are kept where it is given. */
  readonly by?: Period | undefined
}

/** How often a word was said. `byUser`: user id -> count. `byPeriod`: start, ms -> count; only what was counted. */
export interface WordTally {
  readonly total: number
  readonly byUser: ReadonlyMap<string, number>
  readonly byPeriod: ReadonlyMap<number, number>
}

/**
 * Counts how often a word was said in a channel, exactly as counting the words of the range's records does, at every
 * instant: by the counts kept for whole hours, and by the records that they do not hold.
 *
 * Fails as {@link countOnce} does, and with {@link ProblemError} 400 when there is more than the limits allow.
 */
export async function countWord(query: WordCountQuery, deps: CountDeps): Promise<WordTally> {
  const { word, match, by } = query
  const wanted =
    match === 'exact' ? { word, wordFolded: foldWord(word) } : { wordFolded: foldWord(word) }
  const timesIn = wordTest(query)
  return await countOnce(query, deps, async ({ rows, records }) => {
    let total = 0
    const byUser = new Counts(deps.countLimits.usersMax, 'users')
    const byPeriod = new Counts<number>(deps.countLimits.periodsMax, `${by ?? 'period'}s`)
    const add = (userId: string, timeMs: number, count: number): void => {
      total += count
      if (userId !== '') byUser.add(userId, count)
      if (by !== undefined) byPeriod.add(by === 'hour' ? hourOf(timeMs) : dayOf(timeMs), count)
    }
    await drain(rows(wanted), ({ userId, hourMs, count }) => {
      add(userId, hourMs, count)
    })
    await drain(records(), (record) => {
      const count = timesIn(record)
      if (count > 0) add(record.userId, record.sentAtMs, count)
    })
    return { total, byUser: byUser.all, byPeriod: byPeriod.all }
  })
}

/** Counts a word in a record, as {@link countWord} does. */
export function wordTest({
  word,
  match,
}: Pick<WordCountQuery, 'word' | 'match'>): (record: LogRecord) => number {
  const folded = foldWord(word)
  const isWanted =
    match === 'exact'
      ? (said: string): boolean => said === word
      : (said: string): boolean => foldWord(said) === folded
  return (record) => {
    let times = 0
    for (const said of wordsOf(record) ?? []) if (isWanted(said)) times += 1
    return times
  }
}

/** Counts by something, of which there are at most `max`: memory has a bound. */
export class Counts<Id = string> {
  readonly all = new Map<Id, number>()
  readonly #max: number
  readonly #what: string

  constructor(max: number, what: string) {
    this.#max = max
    this.#what = what
  }

  /** @throws {ProblemError} 400 that says what to do, when there are too many. */
  add(id: Id, count: number): void {
    const before = this.all.get(id)
    if (before === undefined && this.all.size >= this.#max) {
      const detail = `the range has more than ${this.#max} ${this.#what}; narrow it`
      throw new ProblemError({ status: 400, detail })
    }
    this.all.set(id, (before ?? 0) + count)
  }
}
