import type { FooterCache } from './footer-cache.ts'
import { openSegment } from './open-segment.ts'
import { required } from './row-group-reader.ts'
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
    const end = Math.min(at + BATCH_ROWS, to)
    const batch = reader.decode('rows', () => {
      const channelIds = reader.column('channel_id')
      const folded = reader.column('word_folded')
      const words = reader.column('word')
      const hours = reader.column('hour')
      const userIds = reader.column('user_id')
      const counts = reader.column('count')
      const found: WordCount[] = []
      for (let row = at; row < end; row += 1) {
        if (test !== undefined && !test(row)) continue
        found.push({
          channelId: required(channelIds.text(row)),
          wordFolded: required(folded.text(row)),
          word: required(words.text(row)),
          hourMs: hours.number(row),
          userId: required(userIds.text(row)),
          count: counts.number(row),
        })
      }
      return found
    })
    if (batch.length > 0) yield batch
  }
}
