import { foldWord, spokenText, sumWord, wordsOf } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { countOnce, drain, someAtOnce } from './count-words-once.ts'
import { TooMuchError } from './too-much.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountQuery } from './words-inputs.ts'
import { hourOf, periodOf } from './periods.ts'
import type { Period } from './periods.ts'

/** Whether a word counts only as written, or in any case. */
export type WordMatch = 'exact' | 'ci'

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
 * Fails as {@link countOnce} does, and with {@link TooMuchError} when there is more than the limits allow.
 */
export async function countWord(query: WordCountQuery, deps: CountDeps): Promise<WordTally> {
  const { word, match, by } = query
  const { countLimits, footers } = deps
  const timesIn = wordTest(query)
  const asked = match === 'exact' ? { word } : { wordFolded: foldWord(word) }
  return await countOnce(query, deps, async ({ counted, wanted, records }) => {
    let total = 0
    const users = new Counts(countLimits.usersMax, 'users')
    const hours = new Map<number, number>()
    const totals = { users: users.all, ...(by === undefined ? {} : { hours }) }
    await someAtOnce(counted, async (source) => {
      const times = await sumWord(source, { ...wanted, ...asked }, { footers, totals })
      total += times
      users.check()
    })
    await drain(records(), (record) => {
      const count = timesIn(record)
      if (count === 0) return
      const hourMs = hourOf(record.sentAtMs)
      total += count
      users.add(record.userId, count)
      if (by !== undefined) hours.set(hourMs, (hours.get(hourMs) ?? 0) + count)
    })
    const byPeriod = new Counts<number>(countLimits.periodsMax, `${by ?? 'period'}s`)
    for (const [hourMs, count] of hours) byPeriod.add(periodOf(by ?? 'hour', hourMs), count)
    // Nobody's words count, but nobody is no user.
    users.all.delete('')
    return { total, byUser: users.all, byPeriod: byPeriod.all }
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
  // Most records do not hold the word at all; then their words need not be taken apart.
  const mayHold =
    match === 'exact'
      ? (text: string): boolean => text.includes(word)
      : (text: string): boolean => foldWord(text).includes(folded)
  return (record) => {
    const { text } = spokenText(record)
    if (text === undefined || !mayHold(text)) return 0
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

  /** @throws {TooMuchError} when there are too many. */
  add(id: Id, count: number): void {
    this.all.set(id, (this.all.get(id) ?? 0) + count)
    this.check()
  }

  /** Fails as {@link add} does; for whoever adds to {@link all} by itself. */
  check(): void {
    if (this.all.size > this.#max) throw this.tooMany()
  }

  tooMany(): TooMuchError {
    const max = Math.min(this.#max, this.all.size)
    return new TooMuchError(`the range has more than ${max} ${this.#what}; narrow it`)
  }
}
