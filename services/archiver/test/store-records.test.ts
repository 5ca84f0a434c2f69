import { mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { HotStoreError, openHotStore } from '@poglog/hot-store'
import type { HotStore, SegmentEntry } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { readSegment, recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { openObjectStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readJobConfig } from '../src/config.ts'
import { RecordSpool } from '../src/import/record-spool.ts'
import { sealNow } from '../src/seal/seal-now.ts'
import { storeDay } from '../src/import/store-day.ts'
import { importRecords, openImporter } from '../src/import/store-records.ts'
import { untold } from '../src/step.ts'
import { systemDeps } from '../src/system-deps.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2024, 2, 1)

let dir: string
let server: Awaited<ReturnType<typeof startRedisServer>>
let settings: ReturnType<typeof readJobConfig>
let hot: HotStore
let cold: ObjectStore

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poglog-store-records-'))
  server = await startRedisServer({ dir: join(dir, 'redis'), appendfsync: 'everysec' })
  const objects = pathToFileURL(join(dir, 'objects')).href
  settings = readJobConfig({ REDIS_URL: server.url, OBJECT_STORE: objects, SHARDS: '2' })
  hot = await openHotStore(settings.redis)
  cold = await openObjectStore(settings.store)
})
afterEach(async () => {
  hot.close()
  await cold.close()
  await server.kill()
  await rm(dir, { recursive: true, force: true })
})

/** Records of three channels and some users, over `days` days. */
function records(count: number, days = 2, from = 0): LogRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index
    const sentAtMs = START_MS + Math.floor((index / count) * days * DAY_MS)
    return recordOf(number, sentAtMs)
  })
}

function recordOf(number: number, sentAtMs: number): LogRecord {
  const id = `4f0c7f9e-0000-4000-8000-${String(number).padStart(12, '0')}`
  const channel = 11 + (number % 3)
  const user = number % 7
  const raw = `@id=${id};room-id=${channel};tmi-sent-ts=${sentAtMs};user-id=${100 + user} :u${user}!u${user}@u${user}.tmi.twitch.tv PRIVMSG #c${channel} :line ${number}`
  const record = recordFromLine(raw, { receivedAtMs: sentAtMs })
  if (record === undefined) throw new Error('a test line does not parse')
  return record
}

async function* batches(
  all: readonly LogRecord[],
  size = 100,
): AsyncGenerator<readonly LogRecord[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size)
}

async function bring(all: readonly LogRecord[]) {
  return await importRecords({ records: batches(all), settings, workDir: join(dir, 'work') })
}

async function manifest(): Promise<SegmentEntry[]> {
  const all: SegmentEntry[] = []
  for (let shard = 0; shard < hot.shards; shard += 1) all.push(...(await hot.manifest(shard)))
  return all
}

/** The lines of all segments of a projection, doubles and all. */
async function coldLines(projection: 'by-channel' | 'by-user'): Promise<string[]> {
  const lines: string[] = []
  for (const { key, sizeBytes, projection: order } of await manifest()) {
    if (order !== projection) continue
    const query = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, order: 'asc' } as const
    for await (const batch of readSegment({ store: cold, key, sizeBytes }, query)) {
      lines.push(...batch.map(({ raw }) => raw))
    }
  }
  return lines.toSorted()
}

const rawOf = (all: readonly LogRecord[]): string[] => all.map(({ raw }) => raw).toSorted()

async function append(all: readonly LogRecord[]): Promise<void> {
  for (const { channelId, key, raw, sentAtMs, userId, type } of all) {
    await hot.append(hot.shardOf(channelId), [{ channelId, key, raw, sentAtMs, userId, type }])
  }
}

describe('importRecords', () => {
  it('writes a group a shard and sent day, in both orders, and learns who is who', async () => {
    const all = records(300, 3)
    const done = await bring(all.toReversed())
    expect(done).toMatchObject({ read: 300, stored: 300, equal: 0, known: 0, days: 6 })
    expect(await coldLines('by-channel')).toEqual(rawOf(all))
    expect(await coldLines('by-user')).toEqual(rawOf(all))
    const days = (await manifest()).filter(
      ({ level, projection }) => level === 'day' && projection === 'by-channel',
    )
    expect(days).toHaveLength(6)
    for (const { arrivalFromMs, arrivalToMs, sentMinMs, sentMaxMs } of days) {
      expect(arrivalToMs - arrivalFromMs).toBe(DAY_MS)
      expect(sentMinMs).toBeGreaterThanOrEqual(arrivalFromMs)
      expect(sentMaxMs).toBeLessThan(arrivalToMs)
    }
    expect(await hot.names.idsOf(['c11', 'u3'])).toEqual(
      new Map([
        ['c11', '11'],
        ['u3', '103'],
      ]),
    )
  })

  it('stores nothing the second time, and only what is new the third (I2)', async () => {
    const all = records(200)
    await bring(all)
    const before = await manifest()
    expect(await bring(all)).toMatchObject({ stored: 0, known: 200 })
    expect(await manifest()).toEqual(before)
    const more = records(50, 2, 1000)
    expect(await bring([...all, ...more])).toMatchObject({ stored: 50, known: 200 })
    expect(await coldLines('by-channel')).toEqual(rawOf([...all, ...more]))
  })

  it('finds what is still hot, or was sealed, to be known (I2)', async () => {
    const all = records(90)
    await append(all.slice(0, 30))
    await sealNow({ settings })
    await append(all.slice(30, 60))
    expect(await bring(all)).toMatchObject({ known: 60, stored: 30 })
    expect(await coldLines('by-channel')).toEqual(rawOf(all))
  })

  it('stores each record once when imports of the same run at once (A2)', async () => {
    const all = records(400, 4)
    const [one, two, three] = await Promise.all([bring(all), bring(all), bring(all.toReversed())])
    expect(one.stored + two.stored + three.stored).toBe(400)
    expect(one.known + two.known + three.known).toBe(800)
    expect(await coldLines('by-channel')).toEqual(rawOf(all))
    expect(await coldLines('by-user')).toEqual(rawOf(all))
  })

  it('doubles nothing while the same records are appended and sealed (I2, A2)', async () => {
    const all = records(300, 3)
    const sealing = (async () => {
      for (let from = 0; from < 300; from += 30) {
        await append(all.slice(from, from + 30))
        await sealNow({ settings })
      }
    })()
    await Promise.all([sealing, bring(all), bring(all)])
    await sealNow({ settings })
    expect(await coldLines('by-channel')).toEqual(rawOf(all))
  })

  it('appends what was sent within two hours to hot, where it is found the next time', async () => {
    const { nowMs } = await hot.state(0)
    const recent = [1, 2, 3].map((number) => recordOf(number, nowMs - number * 60_000))
    const old = recordOf(4, nowMs - 3 * 3_600_000)
    expect(await bring([...recent, old])).toMatchObject({ appended: 3, stored: 1 })
    expect(await coldLines('by-channel')).toEqual([old.raw])
    expect(await bring([...recent, old])).toMatchObject({ appended: 0, stored: 0, known: 4 })
    expect(await coldLines('by-channel')).toEqual(rawOf([...recent, old]))
  })

  it('never says that it covers arrivals that are still hot (A1)', async () => {
    await hot.append(1, [recordOf(2, Date.now())])
    // Opening it seals what is hot.
    await (await openImporter({ settings }))[Symbol.asyncDispose]()
    await sleep(20)
    const { nowMs, boundaryMs } = await hot.state(1)
    expect(boundaryMs).toBeLessThan(nowMs)
    const dayMs = Math.floor(nowMs / DAY_MS) * DAY_MS
    await using spool = new RecordSpool(dir)
    await spool.add([recordOf(5, dayMs)])
    const deps = {
      hot,
      cold,
      workDir: dir,
      events: { lookUpFailed: () => {} },
      step: untold,
      ...systemDeps,
    }
    await storeDay({ shard: 1, dayMs, records: spool, recentFromMs: Infinity }, deps)
    const day = (await hot.manifest(1)).find(({ level }) => level === 'day')
    expect(day?.arrivalToMs).toBe(Math.max(dayMs + 1, boundaryMs))
  })

  it('seals what has piled up between groups, which would refuse every other sealer', async () => {
    const limits = { ...settings.limits, recordsMax: 3 }
    await using importer = await openImporter({ settings: { ...settings, limits } })
    // One record less than a full segment has to wait for the hour.
    for (const number of [2, 3]) await hot.append(1, [recordOf(number, Date.now())])
    await sleep(5)
    await importer.store(batches(records(20, 2, 100)))
    expect((await hot.state(1)).hotRecords).toBe(2)
    await hot.append(1, [recordOf(5, Date.now())])
    await sleep(5)
    await importer.store(batches(records(60, 4, 200)))
    expect((await hot.state(1)).hotRecords).toBe(0)
    expect(await coldLines('by-channel')).toHaveLength(83)
  })

  it('leaves out what an erased user sent before (P1)', async () => {
    const all = records(100)
    await hot.erasures.request('103')
    const shown = all.filter(({ userId }) => userId !== '103')
    expect(await bring(all)).toMatchObject({
      erased: all.length - shown.length,
      stored: shown.length,
    })
    expect(await coldLines('by-channel')).toEqual(rawOf(shown))
  })

  it('leaves out who has opted out, as a user or as a channel (P1)', async () => {
    const all = records(100)
    const [first] = all
    if (first === undefined) throw new Error('no record')
    await hot.optOuts.set({ kind: 'users', id: '103', isOut: true })
    await hot.optOuts.set({ kind: 'channels', id: first.channelId, isOut: true })
    const wanted = all.filter(
      ({ userId, channelId }) => userId !== '103' && channelId !== first.channelId,
    )
    expect(await bring(all)).toMatchObject({
      read: all.length,
      optedOut: all.length - wanted.length,
      stored: wanted.length,
    })
    expect(await coldLines('by-channel')).toEqual(rawOf(wanted))
  })

  it('ends where it is told to, and leaves no temporary files', async () => {
    const stop = new AbortController()
    async function* stopping() {
      yield records(100)
      stop.abort(new Error('enough'))
      yield records(100, 2, 500)
    }
    const workDir = join(dir, 'work')
    const run = importRecords({ records: stopping(), settings, workDir, signal: stop.signal })
    await expect(run).rejects.toThrow('enough')
    expect(await manifest()).toEqual([])
    expect(await readdir(workDir)).toEqual([])
  })
})

/** Stores a shard's day while something happens before its first swap, or after it and before the reply to it. */
async function storeWhile(
  all: readonly LogRecord[],
  inBetween?: () => Promise<void>,
  beforeReply?: () => Promise<void>,
) {
  const ofShard = all.filter(({ channelId }) => hot.shardOf(channelId) === 1)
  const sorted = ofShard.toSorted(
    (left, right) =>
      Number(left.channelId > right.channelId) - Number(left.channelId < right.channelId) ||
      left.sentAtMs - right.sentAtMs,
  )
  const swap = hot.swap.bind(hot)
  let swaps = 0
  hot.swap = async (...args) => {
    swaps += 1
    if (swaps === 1) await inBetween?.()
    const result = await swap(...args)
    if (swaps === 1) await beforeReply?.()
    return result
  }
  await using spool = new RecordSpool(dir)
  await spool.add(sorted)
  const deps = {
    hot,
    cold,
    workDir: dir,
    events: { lookUpFailed: () => {} },
    step: untold,
    ...systemDeps,
  }
  const day = { shard: 1, dayMs: START_MS, records: spool, recentFromMs: Infinity }
  return { stored: await storeDay(day, deps), expected: ofShard, swaps: () => swaps }
}

describe('storeDay', () => {
  it('asks again when the reply to its swap was lost, and stores nothing twice (A2)', async () => {
    const done = await storeWhile(records(60, 1), undefined, async () => {
      await Promise.reject(new HotStoreError('unavailable', 'the reply was lost'))
    })
    expect(done.swaps()).toBe(2)
    expect(done.stored).toMatchObject({ stored: done.expected.length, known: 0 })
    expect(await coldLines('by-channel')).toEqual(rawOf(done.expected))
  })

  it('swaps again what it wrote when others came that it does not concern (A2)', async () => {
    const other = records(50, 1, 5000)
    const done = await storeWhile(records(100, 1), async () => void (await bring(other)))
    expect(done.stored).toMatchObject({ stored: done.expected.length, known: 0 })
    expect(done.swaps()).toBe(2)
    expect(await coldLines('by-channel')).toEqual(rawOf([...done.expected, ...other]))
  })

  it('writes anew when others have brought some of its records (I2)', async () => {
    const all = records(100, 1)
    const done = await storeWhile(all, async () => void (await bring(all.slice(0, 40))))
    expect(done.stored.known).toBeGreaterThan(0)
    expect(done.stored.known + done.stored.stored).toBe(done.expected.length)
    expect(await coldLines('by-channel')).toEqual(
      rawOf([...new Set([...done.expected, ...all.slice(0, 40)])]),
    )
  })

  it('writes anew without a user who was erased meanwhile (P1)', async () => {
    const all = records(100, 1)
    const done = await storeWhile(all, async () => void (await hot.erasures.request('103')))
    expect(done.stored.erased).toBeGreaterThan(0)
    const shown = done.expected.filter(({ userId }) => userId !== '103')
    expect(await coldLines('by-channel')).toEqual(rawOf(shown))
    expect(await coldLines('by-user')).toEqual(rawOf(shown))
  })
})

describe('RecordSpool', () => {
  it('reads what it was given, in order, more than once, from memory and from its file', async () => {
    const long = 'x'.repeat(20_000)
    const all = records(1500).map((record) => Object.assign(record, { raw: record.raw + long }))
    await using spool = new RecordSpool(dir)
    for await (const batch of batches(all)) await spool.add(batch)
    for (let times = 0; times < 2; times += 1) {
      const read: LogRecord[] = []
      for await (const batch of spool.read()) read.push(...batch)
      expect(read).toEqual(all)
    }
    expect(spool.records).toBe(1500)
  })

  it('gives out nothing of a file that has a hole', async () => {
    const long = 'x'.repeat(20_000)
    const all = records(1500).map((record) => Object.assign(record, { raw: record.raw + long }))
    const workDir = await mkdtemp(join(dir, 'spool-'))
    await using spool = new RecordSpool(workDir)
    for await (const batch of batches(all)) await spool.add(batch)
    const [name = ''] = await readdir(workDir)
    const file = await open(join(workDir, name), 'r+')
    await file.write(Buffer.alloc(500), 0, 500, 10_000)
    await file.close()
    await expect(async () => {
      for await (const batch of spool.read()) expect(batch.length).toBeGreaterThan(0)
    }).rejects.toThrow('does not hold what was written')
  })
})
