import {
  addCounts,
  compareWordCounts,
  foldWord,
  mergeSorted,
  sumWords,
  wordsOf,
} from '@poglog/log-format'
import type { FooterCache, SegmentSource, WordCount } from '@poglog/log-format'
import type { CountLimits } from '../limits.ts'
import { Counts } from './count-words.ts'
import type { WordMatch } from './count-words.ts'
import { countOnce, drain, someAtOnce } from './count-words-once.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountInputs, CountQuery } from './words-inputs.ts'
import { TopList } from './words-top-list.ts'
import { WordBounds, bytesOf, ownText } from './words-top-passes.ts'

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

/** Sums of words, in the order of words; opening them again reads them again. */
type Sums = () => AsyncIterable<WordCount[]>

/**
 * The words said most in a channel, the most first, equal ones in the order of words; exact as `countWord` is.
 *
 * Words segments are sorted by word, so a merge of them knows a word's count before it comes to the next one: memory is
 * a row group and two requests a segment, the words of the records that no segment counts, and the words that lead.
 * More segments than may be open at once are read some at a time, twice or more often, see {@link topByPasses}.
 *
 * Fails as {@link countOnce} does, and with {@link TooMuchError} when there is more than the limits allow.
 */
export async function topWords(query: TopWordsQuery, deps: CountDeps): Promise<TopWord[]> {
  return await countOnce(query, deps, async (inputs) => {
    const recent = await recentWords(query, inputs, deps)
    const { match } = query
    const sources: Sums[] = inputs.counted.map(
      (source) => () => sumsOf(source, inputs, { match, footers: deps.footers }),
    )
    if (recent.length > 0) sources.push(() => inBatches(recent))
    const top = new TopList<WordCount>(query.limit, compareTop)
    if (sources.length <= deps.countLimits.segmentsOpen) await addMerged(sources, top)
    else await topByPasses(sources, top, deps.countLimits)
    return top.take().map(({ word, count }) => ({ word, count }))
  })
}

/** What the records say that no segment counts. */
async function recentWords(
  { channelId, match }: TopWordsQuery,
  { records }: CountInputs,
  { countLimits }: CountDeps,
): Promise<WordCount[]> {
  const said = new Counts(countLimits.wordsMax, 'different words')
  let bytesLeft = countLimits.wordBytesMax
  await drain(records(), (record) => {
    for (const written of wordsOf(record) ?? []) {
      const word = match === 'exact' ? written : foldWord(written)
      if (said.all.has(word)) {
        said.add(word, 1)
        continue
      }
      bytesLeft -= bytesOf(word)
      if (bytesLeft < 0) throw said.tooMany()
      said.add(ownText(word), 1)
    }
  })
  const rows = [...said.all].map(([word, count]) =>
    rowOf(word, { channelId, wordFolded: foldWord(word), count }),
  )
  return rows.toSorted(compareWordCounts)
}

async function addMerged(sources: readonly Sums[], top: TopList<WordCount>): Promise<void> {
  const opened = sources.map((open) => open())
  for await (const batch of mergeSorted(opened, {
    compare: compareWordCounts,
    combine: addCounts,
  })) {
    for (const row of batch) if (row.word !== '') top.add(row)
  }
}

/**
 * Reads all sources once for upper bounds of the counts, and again for the exact counts of the words that may lead by
 * these; ends when no other word can. Mostly that is one pass, because the words that lead are said far more often.
 */
async function topByPasses(
  sources: readonly Sums[],
  top: TopList<WordCount>,
  { segmentsOpen, passBytes }: CountLimits,
): Promise<void> {
  const readAll = async (handle: (row: WordCount) => void): Promise<void> => {
    await someAtOnce(
      sources,
      async (open) => {
        for await (const batch of open()) for (const row of batch) if (row.word !== '') handle(row)
      },
      segmentsOpen,
    )
  }
  const bounds = new WordBounds()
  await readAll(({ word, count }) => {
    bounds.add(word, count)
  })
  for (const { countMax, has } of bounds.passes(passBytes)) {
    const { last } = top
    if (last !== undefined && countMax < last.count) return
    const rows = new Map<string, WordCount>()
    await readAll((row) => {
      if (!has(row.word)) return
      const same = rows.get(row.word)
      rows.set(row.word, same === undefined ? row : addCounts(same, row))
    })
    for (const row of rows.values()) top.add(row)
  }
}

/** The sums of a segment as rows that can be merged; words that match alike are next to each other. */
async function* sumsOf(
  source: SegmentSource,
  { wanted }: CountInputs,
  { match, footers }: { readonly match: WordMatch; readonly footers: FooterCache },
): AsyncGenerator<WordCount[]> {
  const { channelId, signal } = wanted
  for await (const sums of sumWords(source, wanted, { footers })) {
    signal?.throwIfAborted()
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
