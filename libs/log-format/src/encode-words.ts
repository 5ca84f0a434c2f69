import { DictionaryValues } from './column-values.ts'
import type { WordColumnName } from './columns.ts'
import { DigestSum } from './digest.ts'
import { SAMPLE_EVERY } from './segment-proof.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { EncodedSegment, EncodeOptions } from './segment-writer.ts'
import type { SegmentIdentity, WordCount } from './types.ts'
import { compareWordCounts } from './words.ts'

const HOUR_MS = 3_600_000
const ROW_GROUP_ROWS = 65_536
const COUNT_MAX = 2 ** 31 - 1

/**
 * Encodes rows, in batches, into a words segment. Its summary counts rows; sent times go from the first hour's start to
 * the last one's end; the digest adds each row's hash `count` times, so that adding up rows does not change it.
 *
 * @param rows in the order of `compareWordCounts`, no two equal, at least one.
 * @throws Error when they are not; a file at `path` may be left.
 */
export async function encodeWords(
  rows: Iterable<readonly WordCount[]> | AsyncIterable<readonly WordCount[]>,
  identity: SegmentIdentity,
  options: EncodeOptions = {},
): Promise<EncodedSegment> {
  if (identity.projection !== 'words') throw new Error('not the identity of a words segment')
  await using writer = await SegmentWriter.open(identity, options)
  const encoder = new WordsEncoder(writer)
  for await (const batch of rows) {
    for (const row of batch) {
      const written = encoder.add(row)
      if (written !== undefined) await written
    }
  }
  return await encoder.finish()
}

class WordsEncoder {
  readonly #writer: SegmentWriter
  readonly #digest = new DigestSum()
  #sample = new DigestSum()
  readonly #columns = {
    channel_id: new DictionaryValues(),
    word_folded: new DictionaryValues(),
    word: new DictionaryValues(),
    hour: new DictionaryValues(),
    user_id: new DictionaryValues(),
    count: new DictionaryValues(),
  } satisfies Record<WordColumnName, unknown>
  #last: WordCount | undefined
  #rows = 0
  #firstHourMs = Number.POSITIVE_INFINITY
  #lastHourMs = Number.NEGATIVE_INFINITY

  constructor(writer: SegmentWriter) {
    this.#writer = writer
  }

  /** Returns a promise only when a row group was written. */
  add(row: WordCount): Promise<void> | undefined {
    this.#check(row)
    this.#last = row
    if (this.#columns.count.rows % SAMPLE_EVERY === 0) this.#sample.addWords(row)
    this.#push(row)
    this.#rows += 1
    this.#digest.addWords(row)
    if (row.hourMs < this.#firstHourMs) this.#firstHourMs = row.hourMs
    if (row.hourMs > this.#lastHourMs) this.#lastHourMs = row.hourMs
    return this.#columns.count.rows < ROW_GROUP_ROWS ? undefined : this.#write()
  }

  async finish(): Promise<EncodedSegment> {
    if (this.#rows === 0) throw new Error('a segment needs at least one row')
    if (this.#columns.count.rows > 0) await this.#write()
    return await this.#writer.finish({
      records: this.#rows,
      sentMinMs: this.#firstHourMs,
      sentMaxMs: this.#lastHourMs + HOUR_MS - 1,
      digest: this.#digest.toString(),
    })
  }

  #check(row: WordCount): void {
    const last = this.#last
    const { channelId, word, hourMs, count } = row
    if (last !== undefined && compareWordCounts(last, row) >= 0) {
      throw new Error(`word counts are not sorted or equal at ${channelId} ${JSON.stringify(word)}`)
    }
    if (!(count >= 1 && count <= COUNT_MAX && Number.isInteger(count)) || hourMs % HOUR_MS !== 0) {
      throw new Error(`no word count: ${JSON.stringify(row)}`)
    }
  }

  #push({ channelId, wordFolded, word, hourMs, userId, count }: WordCount): void {
    const columns = this.#columns
    columns.channel_id.push(channelId)
    columns.word_folded.push(wordFolded)
    columns.word.push(word)
    columns.hour.push(hourMs)
    columns.user_id.push(userId)
    columns.count.push(count)
  }

  async #write(): Promise<void> {
    const columns = this.#columns
    const sample = this.#sample.toString()
    this.#sample = new DigestSum()
    await this.#writer.writeRowGroup(columns, columns.count.rows, sample)
    for (const column of Object.values(columns)) column.clear()
  }
}
