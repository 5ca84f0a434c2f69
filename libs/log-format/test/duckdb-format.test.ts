import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { openObjectStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'
import { startRadosgw } from '@poglog/object-store/testing'
import { compareRecords, spokenText, wordsOf } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, formatQueries, prepare } from './format-queries.ts'
import type { FormatQueries } from './format-queries.ts'
import { writeSmallArchive } from './small-archive.ts'
import type { SmallArchive } from './small-archive.ts'

const BUCKET = 'archive'
const WORD = 'KEKW'
const HOUR_MS = 3_600_000

describe('the queries of FORMAT.md over an archive in a folder', () => {
  queriesFind(async (archiveDir) => {
    const store = await openObjectStore({ url: pathToFileURL(archiveDir).href })
    const archive = await writeSmallArchive(store)
    await store.close()
    return archive
  })
})

describe('the queries of FORMAT.md over an archive fetched from S3', () => {
  queriesFind(async (archiveDir, resources) => {
    const s3Dir = await mkdtemp(join(tmpdir(), 'poglog-s3-'))
    resources.defer(() => rm(s3Dir, { recursive: true, force: true }))
    const s3 = await startRadosgw({ dir: s3Dir })
    resources.defer(() => s3.stop())
    await s3.createBucket(BUCKET)
    const { endpoint, accessKeyId, secretAccessKey } = s3
    const credentials = { accessKeyId, secretAccessKey }
    const store = await openObjectStore({ url: `s3://${BUCKET}/chat`, endpoint, credentials })
    const archive = await writeSmallArchive(store)
    await fetchAll(store, archiveDir)
    await store.close()
    return archive
  })
})

function queriesFind(
  write: (archiveDir: string, resources: AsyncDisposableStack) => Promise<SmallArchive>,
): void {
  const resources = new AsyncDisposableStack()
  let connection: DuckDBConnection
  let page: FormatQueries
  let archive: SmallArchive
  let sample: LogRecord

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'poglog-format-'))
    resources.defer(() => rm(dir, { recursive: true, force: true }))
    archive = await write(dir, resources)
    const found = archive.covered.find(({ type }) => type === 'PRIVMSG')
    if (found === undefined) throw new Error('no message')
    sample = found
    page = await formatQueries()
    connection = await (await DuckDBInstance.create(':memory:')).connect()
    resources.defer(() => connection.closeSync())
    await prepare(connection, page, {
      archive: dir,
      channel: sample.channelId,
      person: sample.userId,
      said: WORD,
      from_time: '2026-11-01 00:00:00+00',
      to_time: '2026-12-01 00:00:00+00',
    })
  })

  afterAll(async () => {
    await resources.disposeAsync()
  })

  it('finds what a user said, once, compacted or not', async () => {
    const expected = archive.records
      .filter(({ userId, type }) => userId === sample.userId && type === 'PRIVMSG')
      .toSorted((left, right) => left.sentAtMs - right.sentAtMs || (left.key < right.key ? -1 : 1))
    const rows = await ask(connection, page, 'What a user said')
    expect(rows.map(({ text, channel_login }) => [channel_login, text])).toEqual(
      expected.map((record) => [record.channelLogin, spokenText(record).text]),
    )
    expect(new Set(expected.map(({ channelId }) => channelId)).size).toBeGreaterThan(1)
    expect(expected.some((record) => !archive.covered.includes(record))).toBe(true)
  })

  it("finds a channel's log, newest first, once", async () => {
    const expected = archive.records
      .filter(({ channelId }) => channelId === sample.channelId)
      .toSorted(compareRecords)
      .toReversed()
    const rows = await ask(connection, page, "A channel's log")
    expect(rows.map(({ type, text }) => [type, text])).toEqual(
      expected.map((record) => [record.type, spokenText(record).text ?? null]),
    )
  })

  it('counts a word as the records do', async () => {
    const said = new Map<string, number>()
    for (const record of archive.covered) {
      if (record.channelId !== sample.channelId) continue
      const times = wordsOf(record)?.filter((word) => word === WORD).length ?? 0
      if (times > 0) said.set(record.userId, (said.get(record.userId) ?? 0) + times)
    }
    const rows = await ask(connection, page, 'How often a word')
    expect(Object.fromEntries(rows.map((row) => [String(row['user_id']), row['said']]))).toEqual(
      Object.fromEntries(said),
    )
    expect(said.size).toBeGreaterThan(10)
  })

  it('finds the busiest hours', async () => {
    const messages = archive.covered.filter(
      ({ channelId, type }) => channelId === sample.channelId && type === 'PRIVMSG',
    )
    const [hour] = messages.map(({ sentAtMs }) => sentAtMs - (sentAtMs % HOUR_MS))
    const rows = await ask(connection, page, 'The busiest hours')
    expect(rows).toEqual([
      {
        hour: `${new Date(hour ?? 0).toISOString().slice(0, 19).replace('T', ' ')}+00`,
        messages: messages.length,
        chatters: new Set(messages.map(({ userId }) => userId)).size,
      },
    ])
  })
}

async function fetchAll(store: ObjectStore, dir: string): Promise<void> {
  for await (const { key } of store.list('')) {
    const bytes = await store.get(key)
    if (bytes === undefined) throw new Error(`${key} is gone`)
    const path = join(dir, key)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
  }
}
