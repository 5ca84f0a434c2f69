import {
  addCounts,
  compareWordCounts,
  foldWord,
  mergeSorted,
  sumWords,
  wordsOf,
} from '@poglog/log-format'
import type { FooterCache, SegmentSource, WordCount } from '@poglog/log-format'
import { Counts } from './count-words.ts'
import type { WordMatch } from './count-words.ts'
import { countOnce, drain } from './count-words-once.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountInputs, CountQuery } from './words-inputs.ts'
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
  return await countOnce(query, deps, async (inputs) => {
    const { counted, records } = inputs
    const said = new Counts(deps.countLimits.wordsMax, 'different words')
    await drain(records(), (record) => {
      for (const word of wordsOf(record) ?? [])
        said.add(match === 'exact' ? word : foldWord(word), 1)
    })
    const recent = [...said.all].map(([word, count]) =>
      rowOf(word, { channelId, wordFolded: foldWord(word), count }),
    )
    const sources = [
      inBatches(recent.toSorted(compareWordCounts)),
      ...counted.map((source) => sumsOf(source, inputs, { match, footers: deps.footers })),
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

/** The sums of a segment as rows that can be merged; words that match alike are next to each other. */
async function* sumsOf(
  source: SegmentSource,
  { wanted }: CountInputs,
  { match, footers }: { readonly match: WordMatch; readonly footers: FooterCache },
): AsyncGenerator<WordCount[]> {
  const { channelId } = wanted
  for await (const sums of sumWords(source, wanted, { footers })) {
    yield sums.map(({ word, wordFolded, count }) =>
      rowOf(match === 'exact' ? word : wordFolded, { channelId, wordFolded, count }),
    )
  }
}

function rowOf(
  word: string,
  { channelId, wordFolded, count }: Pick<WordCount, 'channelId' | 'wordFolded' | 'count'>,
): WordCount {
  return { channelId, wordFolded, word, hourMs: 0, userId: '', count }
}

async function* inBatches(rows: readonly WordCount[]): AsyncGenerator<WordCount[]> {
  for (let at = 0; at < rows.length; at += ROWS_BATCH) yield rows.slice(at, at + ROWS_BATCH)
}

/** The highest count first. */
function compareTop(left: WordCount, right: WordCount): number {
  return right.count - left.count || compareWordCounts(left, right)
}
