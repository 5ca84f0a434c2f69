import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import type { FileMetaData } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { encodeSegment } from './encode-segment.ts'
import type { EncodeOptions } from './segment-writer.ts'
import { METADATA_KEY, readMetadata } from './segment-metadata.ts'
import { compareRecords, compareUserRecords } from './order.ts'
import { bytesOf } from './testing/bytes-of.ts'
import { generateRecords, testIdentity } from './testing.ts'
import type { LogRecord, SegmentIdentity } from './types.ts'
import { zstdDecompress } from './zstd.ts'

const ULIDS = ['01KAMB6Z5T8R9XQ3W7D2E4F6GH', '01KAMB6Z5T8R9XQ3W7D2E4F6GJ']
const RUN = { projection: 'by-user', level: 'run', users: 0 } as const

const RECORDS = [
  ...generateRecords({ channels: 3, recordsEach: 8000, users: 9 }),
  ...generateRecords({ channels: 2, recordsEach: 8000, users: 5000, firstChannel: 2000, seed: 2 }),
].toSorted(compareUserRecords)

interface File {
  readonly bytes: Uint8Array
  readonly parquet: FileMetaData
}

async function encoded(
  records: readonly LogRecord[],
  identity: SegmentIdentity,
  options?: EncodeOptions,
): Promise<File> {
  const { body } = await encodeSegment(records, identity, options)
  const bytes = bytesOf(body)
  return { bytes, parquet: parquetMetadata(copyOf(bytes)) }
}

const byUser = encoded(RECORDS, testIdentity(RUN))

describe('a by-user segment', () => {
  it('holds the records in the order of users, as any Parquet reader sees them', async () => {
    const { bytes } = await byUser
    const rows = await parquetReadObjects({
      file: copyOf(bytes),
      columns: ['user_id', 'channel_id', 'id'],
      compressors: { ZSTD: zstdDecompress },
    })
    expect(rows.map(({ user_id: userId }): unknown => userId)).toEqual(
      RECORDS.map(({ userId }) => userId),
    )
    expect(rows.map(({ id }) => String(id).replaceAll('-', ''))).toEqual(
      RECORDS.map(({ key }) => key),
    )
  })

  it('says by which columns it is sorted', async () => {
    const { parquet } = await byUser
    const names = parquet.schema.slice(1).map(({ name }) => name)
    for (const { sorting_columns: sorted } of parquet.row_groups) {
      expect(sorted?.map(({ column_idx: index }) => names[index])).toEqual([
        'user_id',
        'channel_id',
        'sent_at',
        'id',
      ])
    }
  })

  it('has the exact users of each row group in its statistics', async () => {
    const { parquet } = await byUser
    expect(parquet.row_groups.length).toBeGreaterThan(2)
    let at = 0
    for (const group of parquet.row_groups) {
      const last = at + Number(group.num_rows) - 1
      const statistics = columnOf(group, 'user_id')?.statistics
      expect(statistics).toMatchObject({
        min_value: RECORDS[at]?.userId,
        max_value: RECORDS[last]?.userId,
      })
      at = last + 1
    }
    expect(at).toBe(RECORDS.length)
  })

  it('ends row groups where a user ends, where one is near', async () => {
    const { parquet } = await byUser
    const sizes = parquet.row_groups.map((group) => Number(group.num_rows))
    let at = 0
    for (const size of sizes.slice(0, -1)) {
      at += size
      expect(size).toBeGreaterThanOrEqual(14_000)
      const isEdge = RECORDS[at]?.userId !== RECORDS[at - 1]?.userId
      expect(isEdge || size === 16_000).toBe(true)
    }
    expect(sizes.some((size) => size < 16_000)).toBe(true)
  })

  it('has bounds of the user for each page', async () => {
    const { parquet } = await byUser
    const [group] = parquet.row_groups
    const chunk = group?.columns.find(({ meta_data: data }) =>
      data?.path_in_schema.includes('user_id'),
    )
    expect(chunk?.offset_index_length === undefined).toBe(chunk?.column_index_length === undefined)
  })

  it('is refused with records in another order, or of nobody', async () => {
    const byChannel = RECORDS.toSorted(compareRecords)
    await expect(encodeSegment(byChannel, testIdentity(RUN))).rejects.toThrow('not sorted')
    await expect(encodeSegment(RECORDS, testIdentity())).rejects.toThrow('not sorted')
    const nobody = RECORDS.slice(0, 1).map((record) => Object.assign({}, record, { userId: '' }))
    await expect(encodeSegment(nobody, testIdentity(RUN))).rejects.toThrow('without a user')
    const words = testIdentity({ projection: 'words', level: 'day' })
    await expect(encodeSegment(RECORDS, words)).rejects.toThrow('holds no records')
  })
})

describe('what a segment says of itself', () => {
  it('names the companions that were known only when it ended', async () => {
    const companions: string[] = []
    const identity = testIdentity({ level: 'day', replaces: ULIDS.slice(0, 1) })
    const encoding = encoded([...generateRecords({ channels: 1, recordsEach: 5 })], identity, {
      companions: () => companions,
    })
    companions.push(...ULIDS)
    const { parquet } = await encoding
    const json = parquet.key_value_metadata?.find(({ key }) => key === METADATA_KEY)?.value
    expect(readMetadata(json ?? '')).toMatchObject({
      identity: { ...identity, companions: ULIDS },
    })
  })

  it('is checked before anything is written', async () => {
    const identity = testIdentity({ level: 'run' })
    await expect(encodeSegment(RECORDS, identity)).rejects.toThrow('no segment identity')
  })

  it('stops when the signal says so', async () => {
    const signal = AbortSignal.abort(new Error('stopped'))
    await expect(encodeSegment(RECORDS, testIdentity(RUN), { signal })).rejects.toThrow('stopped')
  })
})

function columnOf(group: FileMetaData['row_groups'][number], name: string) {
  return group.columns.find(({ meta_data: data }) => data?.path_in_schema.includes(name))?.meta_data
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}
