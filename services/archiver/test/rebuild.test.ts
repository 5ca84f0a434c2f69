import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { generateLines } from '@poglog/chat-sim'
import { openHotStore } from '@poglog/hot-store'
import type { HotStore } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { readSegment, readWords, recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { openObjectStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readJobConfig } from '../src/config.ts'
import { rebuild } from '../src/rebuild/rebuild.ts'
import { rebuildNow, verifyNow } from '../src/rebuild/rebuild-now.ts'
import { sealNow } from '../src/seal/seal-now.ts'
import { importRecords } from '../src/import/store-records.ts'
import { untold } from '../src/step.ts'
import { systemDeps } from '../src/system-deps.ts'
import { writeDay } from '../src/compact/write-day.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2025, 2, 30, 20)
const LINES = 1500
const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, order: 'asc' } as const
const CAUTIOUS = { force: false, skipDamaged: false }

const recordsAt = (startMs: number, lines: number): LogRecord[] => {
  const generated = generateLines({
    seed: 7,
    channels: ['pogfox', 'pogcat'],
    startMs,
    messagesPerSecond: 0.01,
    lines,
  })
  return [...generated]
    .map((line) =>
      recordFromLine(line, { channelId: '77', receivedAtMs: startMs, sentAtMs: startMs }),
    )
    .filter((record) => record !== undefined)
}

let dir: string
let server: Awaited<ReturnType<typeof startRedisServer>>
let redis: Redis

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poglog-rebuild-'))
  server = await startRedisServer({ dir, appendfsync: 'everysec' })
  redis = new Redis({ path: server.socketPath })
})

afterAll(async () => {
  redis.disconnect()
  await server.kill()
  await rm(dir, { recursive: true, force: true })
})

/** An archive of two imported days (one over the turn of a month) and records sealed today. */
async function archive() {
  await redis.flushall()
  const folder = await mkdtemp(join(dir, 'objects-'))
  const settings = readJobConfig({
    REDIS_URL: server.url,
    OBJECT_STORE: pathToFileURL(folder).href,
    SHARDS: '2',
  })
  const past = recordsAt(START_MS, LINES)
  await importRecords({ settings, records: inBatches(past) })
  const hot = await openHotStore(settings.redis)
  const recent = recordsAt(Date.now() - DAY_MS, 60)
  for (const record of recent) {
    await hot.append(hot.shardOf(record.channelId), [record])
    await hot.names.learn([
      { id: record.channelId, login: record.channelLogin, seenAtMs: record.sentAtMs },
    ])
  }
  await sealNow({ settings })
  const cold = await openObjectStore(settings.store)
  return {
    settings,
    hot,
    cold,
    folder,
    all: [...past, ...recent],
    async [Symbol.asyncDispose]() {
      hot.close()
      await cold.close()
    },
  }
}

async function* inBatches(records: readonly LogRecord[]): AsyncGenerator<readonly LogRecord[]> {
  for (let at = 0; at < records.length; at += 500)
    yield await Promise.resolve(records.slice(at, at + 500))
}

/** Everything that can be read by the manifests, in each order, and what the users' sets and names say. */
async function answers({
  hot,
  cold,
  all,
}: {
  hot: HotStore
  cold: ObjectStore
  all: readonly LogRecord[]
}) {
  const lines: Record<string, string[]> = { 'by-channel': [], 'by-user': [], words: [] }
  const entries = [...(await hot.usersView()).folds]
  for (let shard = 0; shard < hot.shards; shard += 1) entries.push(...(await hot.manifest(shard)))
  for (const { key, sizeBytes, projection } of entries) {
    const source = { store: cold, key, sizeBytes }
    const own = (lines[projection] ??= [])
    if (projection === 'words') {
      for await (const rows of readWords(source, ALL))
        own.push(...rows.map((row) => JSON.stringify(row)))
    } else {
      for await (const batch of readSegment(source, ALL)) own.push(...batch.map(({ raw }) => raw))
    }
  }
  const users = [...new Set(all.map(({ userId }) => userId))].filter((id) => id !== '').slice(0, 20)
  const fromDayMs = Date.now() - 2 * DAY_MS
  const sets = await Promise.all(
    users.flatMap((userId) =>
      [0, 1].map(async (shard) =>
        (await hot.userChannels({ shard, userId, fromDayMs, toDayMs: Date.now() })).toSorted(),
      ),
    ),
  )
  const ids = [...new Set(all.map(({ channelId }) => channelId)), ...users]
  const names = Object.fromEntries(await hot.names.loginsOf(ids))
  return { lines: Object.values(lines).map((own) => own.toSorted()), sets, names }
}

describe('rebuild', () => {
  let log: Awaited<ReturnType<typeof archive>>

  beforeEach(async () => {
    log = await archive()
    return () => log[Symbol.asyncDispose]()
  })

  it('brings back every answer from cold after Redis has lost everything', async () => {
    const before = await answers(log)
    expect(before.lines.map(({ length }) => length > 60)).toEqual([true, true, true])
    log.hot.close()
    await redis.flushall()
    const result = await rebuildNow({ settings: log.settings, ...CAUTIOUS })
    expect(result).toMatchObject({ kind: 'rebuilt', leftOut: [], damaged: [] })
    await using hot = closing(await openHotStore(log.settings.redis))
    expect(await answers({ ...log, hot: hot.store })).toEqual(before)
    expect((await verifyNow({ settings: log.settings })).findings).toEqual([])
    // What is appended afterwards is hot: the boundary is not beyond it.
    const [late] = recordsAt(Date.now(), 1)
    if (late === undefined) throw new Error('no line')
    const shard = hot.store.shardOf(late.channelId)
    await hot.store.append(shard, [late])
    const snapshot = await hot.store.snapshot({ shard, channelId: late.channelId })
    expect(snapshot.page.entries.map(({ raw }) => raw)).toEqual([late.raw])
  })

  it('touches nothing that is there, unless it is told to', async () => {
    const result = await rebuildNow({ settings: log.settings, ...CAUTIOUS })
    expect(result).toMatchObject({ kind: 'not-empty' })
    const before = await answers(log)
    const forced = await rebuildNow({ settings: log.settings, ...CAUTIOUS, force: true })
    expect(forced.kind).toBe('rebuilt')
    expect(await answers(log)).toEqual(before)
  })

  it('leaves hot what arrived after an import of today began (A1)', async () => {
    const { hot, settings } = log
    const hotRecord = ownRecord(1, Date.now())
    const shard = hot.shardOf(hotRecord.channelId)
    await hot.append(shard, [hotRecord])
    await addDayBeyondHot(log, shard)
    const before = await hot.snapshot({ shard, channelId: hotRecord.channelId })
    expect(before.page.entries).toHaveLength(1)
    const result = await rebuildNow({ settings, ...CAUTIOUS, force: true })
    expect(result.kind).toBe('rebuilt')
    const after = await hot.snapshot({ shard, channelId: hotRecord.channelId })
    expect(after.page.entries).toEqual(before.page.entries)
    await sealNow({ settings })
    const { lines } = await answers(log)
    expect(lines[0]).toContain(hotRecord.raw)
  })

  it('counts no record as hot that is gone, or a seal would be due for ever', async () => {
    const { hot, settings } = log
    await redis.hincrby('{s00}:state', 'appended', 5)
    expect((await hot.state(0)).hotRecords).toBe(5)
    const result = await rebuildNow({ settings, ...CAUTIOUS, force: true })
    expect(result.kind).toBe('rebuilt')
    expect((await hot.state(0)).hotRecords).toBe(0)
  })

  it('restores while a live archiver seals again and again (A1)', async () => {
    const { hot, cold } = log
    const before = await answers(log)
    let seals = 0
    // Whatever takes as long as the years of an archive: meanwhile a seal gets in between.
    const learn = hot.names.learn.bind(hot.names)
    hot.names.learn = async (learnt) => {
      seals += 1
      await changeManifest(hot)
      return await learn(learnt)
    }
    const deps = { hot, cold, events: { lookUpFailed: () => {} } }
    const result = await rebuild(deps, { ...CAUTIOUS, force: true })
    expect(result.kind).toBe('rebuilt')
    expect(seals).toBeGreaterThan(0)
    expect(await answers(log)).toEqual(before)
  })

  it('refuses to leave out a damaged object, and changes nothing', async () => {
    const damaged = await damageOne(log.folder)
    await redis.flushall()
    const result = await rebuildNow({ settings: log.settings, ...CAUTIOUS })
    expect(result.kind === 'damaged' && result.damaged.map(({ key }) => key)).toEqual([damaged])
    const skipped = await rebuildNow({ settings: log.settings, force: false, skipDamaged: true })
    expect(skipped.kind).toBe('rebuilt')
  })

  it('leaves out the copy that an import left which died before its commit', async () => {
    const before = await answers(log)
    // The commit is lost with the first Redis: the second import does not know of it.
    await redis.flushall()
    const past = recordsAt(START_MS, LINES)
    await importRecords({ settings: log.settings, records: inBatches(past) })
    await redis.flushall()
    const result = await rebuildNow({ settings: log.settings, ...CAUTIOUS })
    expect(result.kind === 'rebuilt' && result.leftOut.length).toBeGreaterThan(0)
    await using hot = closing(await openHotStore(log.settings.redis))
    expect((await answers({ ...log, hot: hot.store })).lines).toEqual(before.lines)
    expect((await verifyNow({ settings: log.settings })).findings).toEqual([])
  })
})

describe('verify', () => {
  it('names an object that is damaged and one that is gone', async () => {
    await using log = await archive()
    expect((await verifyNow({ settings: log.settings })).findings).toEqual([])
    const damaged = await damageOne(log.folder)
    const [, gone] = (await log.hot.manifest(0))
      .map(({ key }) => key)
      .filter((key) => key !== damaged)
    if (gone === undefined) throw new Error('too few segments')
    await rm(join(log.folder, gone))
    const { findings, areOrdersCompared } = await verifyNow({ settings: log.settings })
    expect(findings.map(({ key }) => key).toSorted()).toEqual([damaged, gone].toSorted())
    expect(areOrdersCompared).toBe(false)
  })

  it('tells when an order lacks what the others hold (A3)', async () => {
    await using log = await archive()
    const words = (await log.hot.manifest(0)).find(({ projection }) => projection === 'words')
    if (words === undefined) throw new Error('no words')
    const reservation = await log.hot.reserve(0, 1)
    expect(await log.hot.swap(reservation, { removed: [words], added: [] })).toBe('committed')
    const { findings } = await verifyNow({ settings: log.settings })
    expect(findings.map(({ key }) => key)).toEqual(['words, shard 0'])
  })
})

/** What a seal with nothing to store does: the boundary moves. */
async function changeManifest(hot: HotStore): Promise<void> {
  for (let shard = 0; shard < hot.shards; shard += 1) {
    const { nowMs } = await hot.state(shard)
    const frozen = await hot.freeze(shard, nowMs)
    const change = { cutMs: nowMs, segment: undefined, records: 0 }
    expect(await hot.commit(frozen, change)).toBe('committed')
  }
}

function ownRecord(number: number, sentAtMs: number): LogRecord {
  const id = `5f0c7f9e-0000-4000-8000-${String(number).padStart(12, '0')}`
  const raw = `@id=${id};room-id=11;tmi-sent-ts=${sentAtMs};user-id=9 :u!u@u.tmi.twitch.tv PRIVMSG #c11 :line ${number}`
  const record = recordFromLine(raw, { receivedAtMs: sentAtMs })
  if (record === undefined) throw new Error('a test line does not parse')
  return record
}

/** A segment that covers arrivals until now, though some are still hot. */
async function addDayBeyondHot(
  { hot, cold, folder }: { hot: HotStore; cold: ObjectStore; folder: string },
  shard: number,
): Promise<void> {
  await sleep(20)
  const { nowMs, boundaryMs } = await hot.state(shard)
  expect(nowMs).toBeGreaterThan(boundaryMs)
  const dayMs = Math.floor((nowMs - 1) / DAY_MS) * DAY_MS
  const reservation = await hot.reserve(shard, 2 + hot.shards)
  const { entries } = await writeDay(
    {
      reservation,
      records: inBatches([ownRecord(2, dayMs)]),
      arrivalFromMs: dayMs,
      arrivalToMs: nowMs,
      nowMs,
      replaces: [],
    },
    { hot, cold, workDir: folder, step: untold, ...systemDeps },
  )
  expect(await hot.swap(reservation, { removed: [], added: entries })).toBe('committed')
}

function closing(store: HotStore) {
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await Promise.resolve(store.close())
    },
  }
}

/** Cuts the largest by-channel object short; returns its key. */
async function damageOne(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true })
  const [key] = names
    .filter((name) => name.startsWith('by-channel') && name.includes('/day-'))
    .toSorted()
  if (key === undefined) throw new Error('no day segment')
  await truncate(join(folder, key), 1000)
  await writeFile(join(folder, key), Buffer.alloc(1000, 7))
  return key
}
