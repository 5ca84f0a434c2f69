import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openObjectStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compactNow, readJobConfig, sealNow } from '../src/index.ts'
import { DAY_MS, HOUR_MS, monthStart } from '../src/period.ts'
import { checkAll } from './support/archive-run.ts'
import { spawnArchiver, startArchiver, until } from './support/archiver-process.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

/** A day of a month that has long closed. */
const PAST = monthStart(Date.now() - 70 * DAY_MS) + 3 * DAY_MS

let world: World
let dir: string
let cold: ObjectStore
let log: Log
let env: Record<string, string>

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poglog-cold-'))
  env = { REDIS_URL: world.server.url, OBJECT_STORE: `file://${dir}/cold` }
  cold = await openObjectStore({ url: `file://${dir}/cold` })
  log = await world.fresh(cold)
})

afterEach(async () => {
  await cold.close()
  await rm(dir, { recursive: true, force: true })
})

describe('the archiver process', () => {
  it('seals every period, trims, tells its numbers, and stops on SIGTERM', async () => {
    await log.append(30)
    await using archiver = await startArchiver(env)
    expect((await fetch(`${archiver.health}/readyz`)).status).toBe(200)
    await until(() => isSealed(log), 20_000)
    await until(async () => (await archiver.metric('trimmed_entries_total')) === 30, 20_000)
    expect(await archiver.metric('records_total')).toBe(30)
    expect(await archiver.metric('segment_bytes_total')).toBeGreaterThan(1000)
    await log.check()
    archiver.signal('SIGTERM')
    expect(await archiver.exitCode).toBe(0)
    expect(archiver.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('seals early at the most records a segment may hold', async () => {
    await using archiver = await startArchiver({
      ...env,
      SEAL_PERIOD_MS: '3600000',
      SEAL_RECORDS_MAX: '40',
    })
    await until(async () => (await log.hot.state(0)).boundaryMs > 0, 20_000)
    await log.append(50)
    await until(() => isSealed(log), 20_000)
    // Counted once its commit has been answered.
    const segments = () => archiver.metric('segments_total')
    await expect.poll(segments, { timeout: 20_000 }).toBeGreaterThanOrEqual(1)
    await log.check()
  })

  it('goes on when its queue is emptied (A2)', async () => {
    await using archiver = await startArchiver(env)
    for (let round = 0; round < 5; round += 1) {
      await log.append(5)
      const keys = await world.raw.keys('{bull}:*')
      if (keys.length > 0) await world.raw.del(keys)
      await log.check()
    }
    await until(() => isSealed(log), 30_000)
    await log.check()
    expect(await archiver.metric('records_total')).toBe(25)
  })

  it('keeps every record exactly once beside a second archiver and poglog seal (A2, Q1)', async () => {
    await using one = await startArchiver(env)
    await using two = await startArchiver(env)
    for (let round = 0; round < 12; round += 1) {
      await log.append(10)
      await (round % 3 === 0 ? sealNow({ settings: readJobConfig(env) }) : log.check())
    }
    await until(() => isSealed(log), 30_000)
    await log.check()
    const failed = [...one.lines, ...two.lines].filter(({ level }) => level === 'error')
    expect(failed).toEqual([])
  })

  it('compacts days that have ended and deletes what that replaced', async () => {
    await log.sealPast(PAST, { records: 6 })
    await log.sealPast(PAST + HOUR_MS, { records: 6, again: [0] })
    await using archiver = await startArchiver(env)
    await until(async () => (await archiver.metric('compactions_total')) === 1, 20_000)
    await until(async () => (await archiver.metric('removed_objects_total')) === 2, 20_000)
    expect(await archiver.metric('compacted_records_total')).toBe(12)
    await checkAll(log)
    expect(archiver.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('says what is wrong with its settings and exits 78', async () => {
    const { exitCode, stderr } = spawnArchiver({ REDIS_URL: world.server.url, SHARDS: '0' })
    expect(await exitCode).toBe(78)
    expect(stderr()).toMatch(/OBJECT_STORE: is missing/)
    expect(stderr()).toMatch(/SHARDS: must be a whole number from 1/)
  })
})

describe('compactNow', () => {
  it('compacts ended days and folds closed months, and tells what it did', async () => {
    await log.sealPast(PAST, { records: 6 })
    await log.sealPast(PAST + DAY_MS, { records: 4 })
    await log.append(1)
    await nextMillisecond()
    const settings = readJobConfig({ ...env, WORK_DIR: `${dir}/work` })
    await sealNow({ settings })
    const told: number[] = []
    const done = await compactNow({ settings, onProgress: ({ days }) => told.push(days) })
    expect(done).toMatchObject({ days: 2, folds: 2, records: 10 })
    expect(told.at(-1)).toBe(2)
    expect(await compactNow({ settings })).toMatchObject({ days: 0, folds: 0 })
    expect(await readdir(`${dir}/work`)).toEqual([])
    await checkAll(log)
  })

  it('may run beside an archiver, and several times at once (A2)', async () => {
    for (let day = 0; day < 4; day += 1) await log.sealPast(PAST + day * DAY_MS, { records: 3 })
    await using archiver = await startArchiver(env)
    await until(async () => (await log.hot.state(0)).boundaryMs > 0, 20_000)
    const settings = readJobConfig(env)
    const closed = new Set([monthStart(PAST)])
    await Promise.all([1, 2].map(() => compactNow({ settings, closed })))
    await compactNow({ settings, closed })
    await checkAll(log)
    const { folds } = await log.hot.usersView()
    expect(folds).toHaveLength(1)
    await until(async () => (await log.hot.removedObjects(0)).length === 0, 30_000)
    await checkAll(log)
    expect(archiver.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})

describe('sealNow', () => {
  it('seals everything without an archiver and tells what it wrote', async () => {
    await log.append(20)
    const told: number[] = []
    await nextMillisecond()
    const done = await sealNow({
      settings: readJobConfig(env),
      onProgress: ({ records }) => told.push(records),
    })
    expect(done).toMatchObject({ shards: 1, shardsDone: 1, segments: 1, records: 20 })
    expect(done.bytes).toBeGreaterThan(1000)
    expect(told.at(-1)).toBe(20)
    await log.check()
    expect(await sealNow({ settings: readJobConfig(env) })).toMatchObject({ segments: 0 })
  })

  it('may run several times at once (A2)', async () => {
    await log.append(60)
    await nextMillisecond()
    const settings = readJobConfig({ ...env, SEAL_RECORDS_MAX: '10' })
    const runs = await Promise.all([1, 2, 3].map(() => sealNow({ settings })))
    expect(runs.reduce((sum, { records }) => sum + records, 0)).toBe(60)
    expect(await isSealed(log)).toBe(true)
    await log.check()
  })

  it('says that Redis is away', async () => {
    const settings = readJobConfig({ ...env, REDIS_URL: `${dir}/no.sock` })
    await expect(sealNow({ settings })).rejects.toThrow(/hot store unavailable/)
  })
})

async function isSealed(sealed: Log): Promise<boolean> {
  return (await sealed.hot.state(0)).hotRecords === 0
}

async function nextMillisecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2))
}
