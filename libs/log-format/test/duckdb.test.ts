import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { memoryObjectStore } from '@poglog/object-store/testing'
import { encodeSegment, readSegment } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { generateRecords, testIdentity } from '@poglog/log-format/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const RECORDS = [...generateRecords({ channels: 20, recordsEach: 1000 })]
const WHOLE: LogRecord = {
  channelId: '9999',
  channelLogin: 'x',
  userId: '',
  sentAtMs: 2_000_000_000_000,
  receivedAtMs: 2_000_000_000_001,
  type: 'PRIVMSG',
  key: '0'.repeat(32),
  raw: '@odd :a!b@c PRIVMSG #x :kept whole',
}

/** The segment as a file, in a folder as the archive has it, and DuckDB over it. */
describe('DuckDB over a segment', () => {
  let dir = ''
  let path = ''
  let connection: DuckDBConnection

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'poglog-duckdb-'))
    path = join(dir, 'segment.parquet')
    await encodeSegment([...RECORDS, WHOLE], testIdentity(), { path })
    const instance = await DuckDBInstance.create(':memory:')
    connection = await instance.connect()
  })

  afterAll(async () => {
    connection.closeSync()
    await rm(dir, { recursive: true })
  })

  async function rows(sql: string): Promise<unknown[]> {
    const reader = await connection.runAndReadAll(sql.replace('LOGS', `read_parquet('${path}')`))
    return reader.getRowObjectsJson()
  }

  it('counts and filters as the records do', async () => {
    const [sample] = RECORDS
    const ofUser = RECORDS.filter(
      ({ channelId, userId }) => channelId === sample?.channelId && userId === sample.userId,
    )
    expect(
      await rows('select count(*)::int as n, count(distinct id)::int as ids from LOGS'),
    ).toEqual([{ n: RECORDS.length + 1, ids: new Set(RECORDS.map(({ key }) => key)).size + 1 }])
    expect(
      await rows(
        `select count(*)::int as n from LOGS where channel_id = '${sample?.channelId}' and user_id = '${sample?.userId}'`,
      ),
    ).toEqual([{ n: ofUser.length }])
  })

  it('reads times, ids, text and what else a record has', async () => {
    const record = RECORDS.find(({ type }) => type === 'PRIVMSG')
    if (record === undefined) throw new Error('no record')
    const uuid = record.key.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    const found = await rows(
      `select epoch_ms(sent_at)::varchar as sent, epoch_ms(received_at)::varchar as received, text, login,
         display_name, channel_login, type, badges, raw from LOGS where id = '${uuid}'`,
    )
    const login = `user${Number(record.userId) - 10_000}`
    expect(found).toEqual([
      {
        sent: String(record.sentAtMs),
        received: String(record.receivedAtMs),
        text: record.raw.slice(record.raw.indexOf(' :', record.raw.indexOf(' PRIVMSG ')) + 2),
        login,
        display_name: login.replace('u', 'U'),
        channel_login: record.channelLogin,
        type: 'PRIVMSG',
        badges: record.raw.includes('subscriber=1') ? 'subscriber/12' : '',
        raw: null,
      },
    ])
    expect(await rows('select raw, text from LOGS where raw is not null')).toEqual([
      { raw: WHOLE.raw, text: 'kept whole' },
    ])
  })

  it('finds what the segment is in its metadata', async () => {
    const found = await rows(
      `select decode(value)::json->'identity'->>'level' as level, decode(value)::json->'summary'->>'records' as n
       from parquet_kv_metadata('${path}') where decode(key) = 'poglog'`,
    )
    expect(found).toEqual([{ level: 'hour', n: String(RECORDS.length + 1) }])
  })

  it('prunes by the same statistics', async () => {
    const found = await rows(
      `select distinct path_in_schema as name, stats_min_value is not null as has from parquet_metadata('${path}')
       where path_in_schema in ('channel_id', 'sent_at', 'user_id') order by name`,
    )
    expect(found).toEqual(['channel_id', 'sent_at', 'user_id'].map((name) => ({ name, has: true })))
  })

  it('reads the very bytes that the segment reader reads', async () => {
    const store = memoryObjectStore()
    const bytes = await readFile(path)
    await store.put('s.parquet', bytes)
    const source = { store, key: 's.parquet', sizeBytes: bytes.length }
    const query = { fromMs: 0, toMs: Infinity, order: 'asc' } as const
    let records = 0
    for await (const batch of readSegment(source, query)) records += batch.length
    expect(records).toBe(RECORDS.length + 1)
  })
})
