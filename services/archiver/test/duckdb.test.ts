import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { generateLines } from '@poglog/chat-sim'
import { openHotStore } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { recordFromLine, wordsOf } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compactNow } from '../src/compact/compact-now.ts'
import { readJobConfig } from '../src/config.ts'
import { sealNow } from '../src/seal/seal-now.ts'
import { importRecords } from '../src/import/store-records.ts'

const FORMAT = new URL('../../../libs/log-format/FORMAT.md', import.meta.url)
const MONTH_MS = Date.UTC(2025, 2, 1)
const LINES = 1200
const RECENT = 60
const WORD = 'the'
const CHANNELS = ['pogfox', 'pogcat']

/** What the archiver itself leaves behind: imported days, folded, with all that the folds replaced, and sealed hours. */
describe('the queries of FORMAT.md over what the archiver wrote', () => {
  const resources = new AsyncDisposableStack()
  const past = recordsAt(MONTH_MS, { seed: 7, lines: LINES })
  const recent = recordsAt(Date.now() - 7_200_000, { seed: 8, lines: RECENT })
  const sample = past.find(
    ({ userId, type }) =>
      type === 'PRIVMSG' &&
      new Set(past.filter((other) => other.userId === userId).map(({ channelId }) => channelId))
        .size > 1,
  )
  if (sample === undefined) throw new Error('nobody writes in two channels')
  let connection: DuckDBConnection
  let queries: string[] = []

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'poglog-duckdb-'))
    resources.defer(() => rm(dir, { recursive: true, force: true }))
    const redis = await startRedisServer({ dir: join(dir, 'redis') })
    resources.defer(() => redis.stop())
    const objects = join(dir, 'objects')
    const settings = readJobConfig({
      REDIS_URL: redis.url,
      OBJECT_STORE: pathToFileURL(objects).href,
      SHARDS: '2',
    })
    await importRecords({ settings, records: batches(past) })
    await compactNow({ settings, closed: new Set([MONTH_MS]) })
    const hot = await openHotStore(settings.redis)
    resources.defer(() => hot.close())
    for (const record of recent) await hot.append(hot.shardOf(record.channelId), [record])
    await sealNow({ settings })
    connection = await (await DuckDBInstance.create(':memory:')).connect()
    resources.defer(() => connection.closeSync())
    const [setting = '', segments = '', ...others] = sqlOf(await readFile(FORMAT, 'utf8'))
    queries = others
    await connection.run(
      `${setting}
       SET VARIABLE archive = '${objects}';
       SET VARIABLE channel = '${sample.channelId}';
       SET VARIABLE person = '${sample.userId}';
       SET VARIABLE said = '${WORD}';
       SET VARIABLE from_time = TIMESTAMPTZ '2025-03-01 00:00:00+00';
       SET VARIABLE to_time = TIMESTAMPTZ '2100-01-01 00:00:00+00';
       ${segments}`,
    )
  })

  afterAll(async () => {
    await resources.disposeAsync()
  })

  async function rows(index: number): Promise<readonly Record<string, unknown>[]> {
    return (await connection.runAndReadAll(queries[index] ?? '')).getRowObjectsJson()
  }

  it('reads by-user from folds alone, and the hours that are not in it', async () => {
    const found = await connection.runAndReadAll(
      'select distinct projection, level from segments order by all',
    )
    expect(found.getRowsJson()).toEqual([
      ['by-channel', 'day'],
      ['by-channel', 'hour'],
      ['by-user', 'fold'],
      ['words', 'fold'],
    ])
    const kinds = await connection.runAndReadAll(
      `select count(*)::int from footers where identity->>'level' = 'run'`,
    )
    expect(Number(kinds.getRowsJson()[0]?.[0])).toBeGreaterThan(1)
  })

  it('finds every message of a user once', async () => {
    const expected = [...past, ...recent].filter(
      ({ userId, type }) => userId === sample.userId && type === 'PRIVMSG',
    )
    expect(await rows(0)).toHaveLength(expected.length)
  })

  it("finds a channel's records once", async () => {
    const expected = [...past, ...recent].filter(({ channelId }) => channelId === sample.channelId)
    expect(await rows(1)).toHaveLength(Math.min(1000, expected.length))
  })

  it('counts a word and messages as the records do', async () => {
    const counted = past
      .filter(({ channelId }) => channelId === sample.channelId)
      .map((record) => wordsOf(record))
      .filter((words) => words !== undefined)
    const said = counted.flat().filter((word) => word === WORD).length
    expect(sum(await rows(2), 'said')).toBe(said)
    expect(said).toBeGreaterThan(10)
    const perHour = sum(await rows(3), 'messages')
    expect(perHour).toBeGreaterThan(0)
    expect(perHour).toBeLessThanOrEqual(counted.length)
  })
})

function recordsAt(startMs: number, what: { seed: number; lines: number }): LogRecord[] {
  const settings = { ...what, channels: CHANNELS, startMs, messagesPerSecond: 0.01, chatters: 50 }
  return [...generateLines(settings)]
    .map((line) =>
      recordFromLine(line, { channelId: '77', receivedAtMs: startMs, sentAtMs: startMs }),
    )
    .filter((record) => record !== undefined)
}

async function* batches(records: readonly LogRecord[]): AsyncGenerator<readonly LogRecord[]> {
  yield await Promise.resolve(records)
}

/** The SQL of the section on DuckDB: settings, which segments count, then the queries. */
function sqlOf(page: string): string[] {
  const section = /^## DuckDB$(.*?)^## /ms.exec(page)?.[1] ?? ''
  return [...section.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql = '']) => sql)
}

function sum(rows: readonly Record<string, unknown>[], column: string): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0)
}
