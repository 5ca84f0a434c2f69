import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { encodeWords } from './encode-words.ts'
import { bytesOf } from './testing/bytes-of.ts'
import { generateRecords, testIdentity } from './testing.ts'
import type { WordCount } from './types.ts'
import { WordCounter } from './word-counter.ts'
import { compareWordCounts } from './words.ts'
import { zstdDecompress } from './zstd.ts'

const IDENTITY = testIdentity({ projection: 'words', level: 'day' })
const ROW = { channelId: '1', wordFolded: 'a', word: 'a', hourMs: 3_600_000, userId: '1', count: 1 }

function counted(): WordCount[] {
  const counter = new WordCounter()
  for (const record of generateRecords({ channels: 5, recordsEach: 2000 })) counter.add(record)
  return counter.take()
}

/** More rows than a row group has, with a word whose order differs between UTF-16 and UTF-8. */
function many(): WordCount[] {
  const words = Array.from({ length: 3300 }, (_, index) => `w${index}`)
  words.push('', '\u{1f602}', '\uff5e', 'long'.repeat(100), '\u{1f602}'.repeat(40))
  const rows = words.flatMap((word) =>
    Array.from({ length: 20 }, (_, index) => ({
      channelId: '22484632',
      wordFolded: word,
      word,
      hourMs: 3_600_000 * (index % 5),
      userId: String(1000 + index),
      count: 1 + (index % 3),
    })),
  )
  return rows.toSorted(compareWordCounts)
}

async function stored(rows: readonly WordCount[]) {
  const { body, summary } = await encodeWords([rows], IDENTITY)
  const file = Uint8Array.from(bytesOf(body)).buffer
  return { file, summary, parquet: parquetMetadata(file) }
}

const large = stored(many())

describe('a words segment', () => {
  it.each([
    ['counted', counted],
    ['many', many],
  ])('holds the rows, %s, as any Parquet reader sees them', async (_name, make) => {
    const rows = make()
    const { file } = await stored(rows)
    const found = await parquetReadObjects({ file, compressors: { ZSTD: zstdDecompress } })
    expect(found).toHaveLength(rows.length)
    const wrong = rows.findIndex((row, index) => !isSame(row, found[index]))
    expect(wrong).toBe(-1)
  })

  it('has bounds of every sort column, of text as bytes', async () => {
    const rows = many()
    const { parquet } = await large
    expect(parquet.row_groups.length).toBeGreaterThan(1)
    let at = 0
    for (const { columns, num_rows: count } of parquet.row_groups) {
      const group = rows.slice(at, at + Number(count))
      at += group.length
      const words = group.map(({ wordFolded }) => Buffer.from(wordFolded))
      const statistics = columns.find(({ meta_data: data }) =>
        data?.path_in_schema.includes('word_folded'),
      )?.meta_data?.statistics
      const min = Buffer.from(String(statistics?.min_value))
      const max = Buffer.from(String(statistics?.max_value))
      expect(words.every((word) => Buffer.compare(min, word) <= 0)).toBe(true)
      expect(words.every((word) => Buffer.compare(word, max) <= 0)).toBe(true)
      const others = ['channel_id', 'word', 'hour', 'user_id'].map(
        (name) =>
          columns.find(({ meta_data: data }) => data?.path_in_schema.includes(name))?.meta_data,
      )
      expect(others.every((data) => data?.statistics?.max_value !== undefined)).toBe(true)
    }
  })

  it('says how many rows it has and which hours they cover', async () => {
    const rows = many()
    const { summary } = await large
    expect(summary).toMatchObject({
      records: rows.length,
      sentMinMs: 0,
      sentMaxMs: 5 * 3_600_000 - 1,
    })
    const halves = rows.flatMap((row) => (row.count > 1 ? [] : [row]))
    const other = await stored(halves)
    expect(other.summary.digest).not.toBe(summary.digest)
  })

  it('is refused when its rows are not sorted, equal or no counts', async () => {
    await expect(refused([{ ...ROW, userId: '2' }, ROW])).rejects.toThrow('not sorted')
    await expect(refused([ROW, ROW])).rejects.toThrow('not sorted or equal')
    await expect(refused([])).rejects.toThrow('at least one row')
    await expect(refused([{ ...ROW, count: 0 }])).rejects.toThrow('no word count')
    await expect(refused([{ ...ROW, count: 2 ** 31 }])).rejects.toThrow('no word count')
    await expect(refused([{ ...ROW, hourMs: 1 }])).rejects.toThrow('no word count')
    await expect(encodeWords([[ROW]], testIdentity())).rejects.toThrow('identity of a words')
  })
})

function isSame(row: WordCount, found: Record<string, unknown> | undefined): boolean {
  return (
    found?.['channel_id'] === row.channelId &&
    found['word_folded'] === row.wordFolded &&
    found['word'] === row.word &&
    Number(found['hour']) === row.hourMs &&
    found['user_id'] === row.userId &&
    found['count'] === row.count
  )
}

function refused(rows: readonly WordCount[]): Promise<unknown> {
  return encodeWords([rows], IDENTITY)
}
