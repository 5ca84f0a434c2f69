import { addCounts, compareWordCounts, foldWord, mergeSorted, wordsOf } from '@poglog/log-format'
import type { WordCount } from '@poglog/log-format'
import { Counts } from './count-words.ts'
import type { WordMatch } from './count-words.ts'
import { countOnce, drain } from './count-words-once.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountQuery } from './words-inputs.ts'
import { TopList } from './words-top-list.ts'

export interface TopWordsQuery extends CountQuery {
  readonly match: WordMatch
  readonly limit: number
}

/** A word and how often it was said; folded for `match: 'ci'`. */
export interface TopWord {
  readonly word: string
  readonly count: number
}

const ROWS_BATCH = 1000

/**
 * The words said most in a channel, the most first, equal ones in the order of words; exact as `countWord` is.
 *
 * Words segments are sorted by word, so a merge of them knows a word's count before it comes to the next one: memory is
 * a batch a segment, the words of the records that no segment counts, and the words that lead.
 *
 * Fails as {@link countOnce} does, and with {@link ProblemError} 400 when there is more than the limits allow.
 */
export async function topWords(query: TopWordsQuery, deps: CountDeps): Promise<TopWord[]> {
  const { channelId, match, limit } = query
  return await countOnce(query, deps, async ({ rows, records }) => {
    const said = new Counts(deps.countLimits.wordsMax, 'different words')
    await drain(records(), (record) => {
      for (const word of wordsOf(record) ?? [])
        said.add(match === 'exact' ? word : foldWord(word), 1)
    })
    const recent = [...said.all].map(([word, count]): WordCount => {
      const wordFolded = match === 'exact' ? foldWord(word) : word
      return { hourMs: 0, userId: '', channelId, word, wordFolded, count }
    })
    const sources = [
      inBatches(recent.toSorted(compareWordCounts)),
      ...rows({}).map((source) => perWord(source, match)),
    ]
    const top = new TopList<WordCount>(limit, compareTop)
    const merged = mergeSorted(sources, { compare: compareWordCounts, combine: addCounts })
    for await (const batch of merged) {
      query.signal?.throwIfAborted()
      for (const row of batch) if (row.word !== '') top.add(row)
    }
    return top.take().map(({ word, count }) => ({ word, count }))
  })
}

/** Adds up the rows of each word, as it is matched; what comes next in a segment is the same word or a later one. */
async function* perWord(
  source: AsyncIterable<WordCount[]>,
  match: WordMatch,
): AsyncGenerator<WordCount[]> {
  const isExact = match === 'exact'
  let current: WordCount | undefined
  let count = 0
  const sum = ({ channelId, word, wordFolded }: WordCount): WordCount => {
    return {
      hourMs: 0,
      userId: '',
      channelId,
      word: isExact ? word : wordFolded,
      wordFolded,
      count,
    }
  }
  for await (const rows of source) {
    const done: WordCount[] = []
    for (const row of rows) {
      const isSame =
        current?.wordFolded === row.wordFolded && (!isExact || current.word === row.word)
      if (isSame) {
        count += row.count
        continue
      }
      if (current !== undefined) done.push(sum(current))
      current = row
      count = row.count
    }
    if (done.length > 0) yield done
  }
  if (current !== undefined) yield [sum(current)]
}

async function* inBatches(rows: readonly WordCount[]): AsyncGenerator<WordCount[]> {
  for (let at = 0; at < rows.length; at += ROWS_BATCH) yield rows.slice(at, at + ROWS_BATCH)
}

/** The highest count first. */
function compareTop(left: WordCount, right: WordCount): number {
  return right.count - left.count || compareWordCounts(left, right)
}
