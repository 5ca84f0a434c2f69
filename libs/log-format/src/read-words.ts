import type { FooterCache } from './footer-cache.ts'
import { openSegment } from './open-segment.ts'
import { required } from './row-group-reader.ts'
import type { RowGroupReader } from './row-group-reader.ts'
import type { SegmentSource, WordCount } from './types.ts'
import { loadWordRows } from './word-rows.ts'
import type { WordRows } from './word-rows.ts'

const BATCH_ROWS = 1000

/** Which rows of a words segment to read; what is not given is not asked for. Hours that begin in `[fromMs, toMs)`. */
export interface WordQuery {
  readonly channelId?: string | undefined
  /** One word in any case, folded; one contiguous read. */
  readonly wordFolded?: string | undefined
  /** One word exactly; `wordFolded` is implied. */
  readonly word?: string | undefined
  readonly userId?: string | undefined
  /** Without the rows of these users whose hour begins before this, milliseconds since the Unix epoch, UTC. */
  readonly exceptUsers?: ReadonlyMap<string, number> | undefined
  readonly fromMs: number
  readonly toMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Yields the rows of a words segment that a query wants, in the segment's order, in batches. Fails as `readSegment` does.
 *
 * Row groups are pruned by their statistics; neighbours come in one request of up to 4 MiB, the next while the caller
 * works. For totals use `sumWords` and `sumWord`, which make no object for a row.
 */
export async function* readWords(
  source: SegmentSource,
  query: WordQuery,
  { footers }: { readonly footers?: FooterCache | undefined } = {},
): AsyncGenerator<WordCount[]> {
  query.signal?.throwIfAborted()
  const footer = await openSegment(source, { footers, signal: query.signal })
  const columns = ['channel_id', 'word_folded', 'word', 'hour', 'user_id', 'count'] as const
  for await (const rows of loadWordRows({ source, footer }, query, columns)) {
    for (const batch of batchesOf(rows)) {
      yield batch
      query.signal?.throwIfAborted()
    }
  }
}

function* batchesOf({ reader, from, to, test }: WordRows): Generator<WordCount[]> {
  for (let at = from; at < to; at += BATCH_ROWS) {
    const rows = new Int32Array(Math.min(BATCH_ROWS, to - at))
    for (let index = 0; index < rows.length; index += 1) rows[index] = at + index
    const batch = reader.decode('rows', () => {
      const wanted = test === undefined ? rows : rows.filter((row) => test(row))
      return countsOf(reader, wanted)
    })
    if (batch.length > 0) yield batch
  }
}

function countsOf(reader: RowGroupReader, rows: Int32Array): WordCount[] {
  const channelIds = reader.column('channel_id').texts(rows)
  const folded = reader.column('word_folded').texts(rows)
  const words = reader.column('word').texts(rows)
  const hours = reader.column('hour').numbersOf(rows)
  const userIds = reader.column('user_id').texts(rows)
  const counts = reader.column('count').numbersOf(rows)
  const found: WordCount[] = []
  for (let index = 0; index < rows.length; index += 1) {
    found.push({
      channelId: required(channelIds[index]),
      wordFolded: required(folded[index]),
      word: required(words[index]),
      hourMs: hours[index] ?? 0,
      userId: required(userIds[index]),
      count: counts[index] ?? 0,
    })
  }
  return found
}
