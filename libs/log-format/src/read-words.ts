import type { ReadOptions } from './read-segment.ts'
import type { SegmentSource, WordCount } from './types.ts'

/** Which rows of a words segment to read; what is not given is not asked for. Hours that begin in `[fromMs, toMs)`. */
export interface WordQuery {
  readonly channelId?: string | undefined
  /** One word in any case, folded; one contiguous read. */
  readonly wordFolded?: string | undefined
  /** One word exactly; `wordFolded` is implied. */
  readonly word?: string | undefined
  readonly userId?: string | undefined
  readonly fromMs: number
  readonly toMs: number
  readonly signal?: AbortSignal | undefined
}

/** Yields the rows of a words segment that a query wants, in the segment's order, in batches. Fails as `readSegment` does. */
export async function* readWords(
  _source: SegmentSource,
  _query: WordQuery,
  _options: ReadOptions = {},
): AsyncGenerator<WordCount[]> {
  yield await Promise.reject(new Error('not built yet'))
}
