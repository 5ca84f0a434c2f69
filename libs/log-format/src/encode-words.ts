import type { EncodedSegment, EncodeOptions } from './segment-writer.ts'
import type { SegmentIdentity, WordCount } from './types.ts'

/**
 * Encodes rows, in batches, into a words segment. Its summary counts rows; sent times go from the first hour's start to
 * the last one's end; the digest adds each row's hash `count` times, so that adding up rows does not change it.
 *
 * @param rows in the order of `compareWordCounts`, no two equal, at least one.
 */
export async function encodeWords(
  _rows: Iterable<readonly WordCount[]> | AsyncIterable<readonly WordCount[]>,
  _identity: SegmentIdentity,
  _options: EncodeOptions = {},
): Promise<EncodedSegment> {
  return await Promise.reject(new Error('not built yet'))
}
