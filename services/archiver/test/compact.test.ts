import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSegmentKey, readSegmentIdentity } from '@poglog/log-format'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compact } from '../src/compact/compact.ts'
import { compactAll } from '../src/compact/compact-now.ts'
import { deleteRemoved } from '../src/clean/delete-removed.ts'
import type { ArchiveDeps } from '../src/deps.ts'
import { foldWords } from '../src/compact/fold-words.ts'
import { dropAbsorbed, fold } from '../src/compact/fold.ts'
import { DAY_MS, HOUR_MS, monthStart } from '../src/period.ts'
import { sweep } from '../src/clean/sweep.ts'
import { tidyUserSets } from '../src/clean/tidy-user-sets.ts'
import { trim } from '../src/seal/trim.ts'
import { openWorkDir } from '../src/work-dir.ts'
import { FIRST_DAY, checkAll, seededArchive, settleArchive } from './support/archive-run.ts'
import { nextMillisecond } from './support/fault-run.ts'
import { FaultSeam } from './support/fault-seam.ts'
import { depsOf } from './support/run-jobs.ts'
import type { RarePaths } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

const MONTH = monthStart(FIRST_DAY)
const QUIET = { quietMs: 0 }

let world: World
let log: Log
let deps: ArchiveDeps
let dir: string
let rare: RarePaths

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'poglog-compact-'))
  rare = new Map()
  log = await seededArchive(world, rare)
  const seam = new FaultSeam([], () => Promise.resolve())
  deps = { ...depsOf(log, { seam, rare }), workDir: dir }
})

afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

describe('compact', () => {
  it('writes the day in all orders, names what it replaces and belongs with, leaves no file', async () => {
    const inputs = await daySegments('hour')
    const done = await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    expect(done).toMatchObject({ kind: 'compacted', records: 8, equal: 1, erased: 0 })
    const [day, ...others] = await daySegments('day')
    expect(others.map(({ projection }) => projection)).toEqual(['words'])
    const { identity } = await readSegmentIdentity(sourceOf(day?.key ?? '', day?.sizeBytes ?? 0))
    expect(identity.replaces?.toSorted()).toEqual(inputs.map(({ key }) => ulidOf(key)).toSorted())
    const companions = [...others, ...(await daySegments('run'))].map(({ key }) => ulidOf(key))
    expect(identity.companions?.toSorted()).toEqual(companions.toSorted())
    expect(await readdir(dir)).toEqual([])
    await checkAll(log)
  })

  it('lets the sets of who wrote where expire with the commit', async () => {
    const [key = ''] = await world.raw.keys(`{s00}:user:${dateOf(FIRST_DAY)}:*`)
    expect(await world.raw.pttl(key)).toBe(-1)
    await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    expect(await world.raw.pttl(key)).toBeGreaterThan(300_000)
    const [today = ''] = await world.raw.keys(`{s00}:user:${dateOf(Date.now())}:*`)
    expect(await world.raw.pttl(today)).toBe(-1)
  })

  it('leaves sets to a tidying where nobody looks them up, which keeps those that somebody does', async () => {
    const leaked = setOf(FIRST_DAY - 40 * DAY_MS, '7')
    const rebuilt = setOf(FIRST_DAY, '7')
    await log.hot.indexUsers(0, FIRST_DAY - 40 * DAY_MS, [['7', '11']])
    await log.hot.indexUsers(0, FIRST_DAY, [['7', '11']])
    await world.raw.pexpire(rebuilt, 60_000)
    const [today = ''] = await world.raw.keys(setOf(Date.now(), '*'))
    await world.raw.pexpire(today, 60_000)
    await tidyUserSets(deps)
    expect(await world.raw.pttl(leaked)).toBeGreaterThan(10 * HOUR_MS)
    expect(await world.raw.pttl(rebuilt)).toBe(-1)
    expect(await world.raw.pttl(today)).toBe(-1)
    await world.raw.pexpire(leaked, 60_000)
    await tidyUserSets(deps)
    expect(await world.raw.pttl(leaked)).toBeLessThanOrEqual(60_000)
    await compactAll({}, deps)
    await log.hot.indexUsers(0, FIRST_DAY, [['7', '11']])
    await tidyUserSets(deps)
    expect(await world.raw.pttl(rebuilt)).toBeGreaterThan(0)
  })

  it('compacts a day without a segment that it cannot read, and with it when it is back (A1)', async () => {
    const [first] = await daySegments('hour')
    const key = first?.key ?? ''
    const bytes = (await log.cold.get(key)) ?? new Uint8Array()
    await log.cold.deleteMany([key])
    const without = await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    expect(without).toMatchObject({ kind: 'compacted', setAside: [key] })
    expect(await compact({ shard: 0, dayMs: FIRST_DAY }, deps)).toEqual({ kind: 'nothing' })
    expect((await daySegments('hour')).map((segment) => segment.key)).toEqual([key])
    expect(rare.get('set aside')).toBe(1)
    const [sets = ''] = await world.raw.keys(`{s00}:user:${dateOf(FIRST_DAY)}:*`)
    expect(await world.raw.pttl(sets)).toBe(-1)

    await log.cold.put(key, bytes)
    deps.setAside.remove(key)
    expect(await compact({ shard: 0, dayMs: FIRST_DAY }, deps)).toMatchObject({ records: 5 })
    expect(await daySegments('hour')).toEqual([])
  })

  it('sets aside a segment whose bytes have changed', async () => {
    const [first] = await daySegments('hour')
    const key = first?.key ?? ''
    const bytes = (await log.cold.get(key)) ?? new Uint8Array()
    await log.cold.put(
      key,
      bytes.map((byte, at) => (at === 200 ? byte ^ 1 : byte)),
    )
    const done = await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    expect(done).toMatchObject({ kind: 'compacted', setAside: [key] })
  })

  it('sorts by way of files when a day has very many segments', async () => {
    for (let at = 0; at < 70; at += 1) {
      await log.sealPast(FIRST_DAY + (at * HOUR_MS) / 4 + 1, { records: 1, again: [at % 5] })
    }
    const done = await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    expect(done).toMatchObject({ kind: 'compacted', records: 78 })
    await settleArchive(log, rare)
  })
})

describe('folds', () => {
  it('take a month again when more of it comes, and replace what they were made of', async () => {
    await compactAll({}, deps)
    const [before] = (await log.hot.usersView()).folds
    await log.sealPast(FIRST_DAY + 5 * DAY_MS, { records: 4 })
    await compactAll({}, deps)
    const [after, ...others] = (await log.hot.usersView()).folds
    expect(others).toEqual([])
    const { identity } = await readSegmentIdentity(
      sourceOf(after?.key ?? '', after?.sizeBytes ?? 0),
    )
    expect(identity.replaces).toContain(ulidOf(before?.key ?? ''))
    expect(identity.replaces).toHaveLength(4)
    await settleArchive(log, rare)
  })

  it('leave out what they are told, and everything when nothing is kept', async () => {
    await compactAll({}, deps)
    const request = { monthMs: MONTH, users: 0, isForced: true }
    const some = await fold({ ...request, keep: ({ userId }) => userId !== '1' }, deps)
    expect(some).toMatchObject({ kind: 'folded', equal: 0 })
    const rows = await foldWords(
      { shard: 0, monthMs: MONTH, isForced: true, keep: ({ userId }) => userId !== '1' },
      deps,
    )
    expect(rows.kind === 'folded' && rows.erased > 0).toBe(true)
    expect(await fold({ ...request, keep: () => false }, deps)).toMatchObject({ entry: undefined })
    expect((await log.hot.usersView()).folds).toEqual([])
    expect(await fold(request, deps)).toEqual({ kind: 'nothing' })
  })

  it('are not made while the month is open or not at rest', async () => {
    await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    const request = { monthMs: MONTH, users: 0, policy: QUIET }
    expect(await fold(request, deps)).toEqual({ kind: 'nothing' })
    await compact({ shard: 0, dayMs: FIRST_DAY + DAY_MS }, deps)
    expect(await fold({ ...request, policy: undefined }, deps)).toEqual({ kind: 'nothing' })
    expect(await fold(request, deps)).toMatchObject({ kind: 'folded' })
  })

  it('set aside a run that cannot be read, and do not try again at once', async () => {
    await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    await compact({ shard: 0, dayMs: FIRST_DAY + DAY_MS }, deps)
    const [run] = await daySegments('run')
    await log.cold.deleteMany([run?.key ?? ''])
    const isSetAside = (key: string): boolean => deps.setAside.has(key)
    const request = { monthMs: MONTH, users: 0, policy: { ...QUIET, isSetAside } }
    await expect(fold(request, deps)).rejects.toThrow('no such object')
    expect(await fold(request, deps)).toEqual({ kind: 'nothing' })
  })
})

describe('objects that were replaced', () => {
  it('stay for the grace, then go and are forgotten', async () => {
    const inputs = await daySegments('hour')
    await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    expect(await deleteRemoved({ graceMs: 60_000 }, deps)).toBe(0)
    for (const { key } of inputs) expect(await log.cold.size(key)).toBeGreaterThan(0)
    await nextMillisecond()
    expect(await sweep({ graceMs: 0, suspects: new Map() }, deps)).toBe(0)
    expect(await deleteRemoved({ graceMs: 0 }, deps)).toBe(2)
    for (const { key } of inputs) expect(await log.cold.size(key)).toBeUndefined()
    expect(await log.hot.removedObjects(0)).toEqual([])
  })

  it('stay when a manifest names them again (A1)', async () => {
    const [kept] = await daySegments('hour')
    await compact({ shard: 0, dayMs: FIRST_DAY }, deps)
    await world.raw.hset('{s00}:segments', String(kept?.number), JSON.stringify(kept))
    await world.raw.hset('{s00}:state', 'version', 'changed')
    expect(await deleteRemoved({ graceMs: 0 }, deps)).toBe(1)
    expect(await log.cold.size(kept?.key ?? '')).toBeGreaterThan(0)
    expect(await log.hot.removedObjects(0)).toEqual([])
  })

  it('are also the runs that a fold holds', async () => {
    await compactAll({}, deps)
    expect(await daySegments('run')).toEqual([])
    expect(await dropAbsorbed(deps)).toBe(0)
    await nextMillisecond()
    expect(await deleteRemoved({ graceMs: 0 }, deps)).toBeGreaterThan(5)
    await checkAll(log)
  })
})

describe('around a compaction', () => {
  it('a trim goes by the by-channel segments alone (A1)', async () => {
    await compactAll({}, deps)
    await nextMillisecond()
    const others = (await log.segments()).filter(({ projection }) => projection !== 'by-channel')
    expect(others.length).toBeGreaterThan(0)
    await log.cold.deleteMany(others.map(({ key }) => key))
    expect(await trim({ shard: 0, graceMs: 0 }, deps)).toBe(2)
  })

  it('a sweep deletes no object of a job that is under way (A1)', async () => {
    const swept: number[] = []
    const seam = new FaultSeam([], async (effect) => {
      if (effect !== 'hot.swap') return
      await nextMillisecond()
      swept.push(await sweep({ graceMs: 0, suspects: new Map() }, deps))
    })
    await compactAll({}, { ...depsOf(log, { seam, rare }), workDir: dir })
    expect(swept).toEqual([0, 0, 0, 0])
    await checkAll(log)
  })

  it('a sweep keeps by-user segments and counts while Redis may have been lost', async () => {
    await compactAll({}, deps)
    await nextMillisecond()
    const objects = await keysOf(log)
    await world.raw.flushall()
    await nextMillisecond()
    expect(await sweep({ graceMs: 0, reservationMs: 0, suspects: new Map() }, deps)).toBe(0)
    expect(await keysOf(log)).toEqual(objects)
  })
})

describe('a work folder', () => {
  it('goes with its process, and those of killed ones go with the next', async () => {
    const left = join(dir, 'poglog-work-nowhere-1-abcdef')
    const { path } = await openWorkDir(dir)
    const dead = path.replace(/-\d+-([^-]+)$/, '-4194999-$1')
    await Promise.all([left, dead].map((name) => mkdtemp(name.slice(0, -6))))
    const before = await readdir(dir)
    expect(before).toHaveLength(3)
    {
      await using next = await openWorkDir(dir)
      expect(await readdir(next.path)).toEqual([])
      const names = await readdir(dir)
      expect(names.filter((name) => name.includes('-4194999-'))).toEqual([])
      expect(names.filter((name) => name.includes('nowhere'))).toHaveLength(1)
    }
    expect(await readdir(dir)).toHaveLength(2)
  })
})

async function daySegments(level: string) {
  const segments = await log.segments()
  const ofDay = segments.filter(
    ({ arrivalFromMs }) => arrivalFromMs >= FIRST_DAY && arrivalFromMs < FIRST_DAY + DAY_MS,
  )
  return ofDay
    .filter((segment) => segment.level === level)
    .toSorted((left, right) => left.projection.localeCompare(right.projection))
}

async function keysOf({ cold }: Log): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of cold.list('')) keys.push(key)
  return keys
}

const sourceOf = (key: string, sizeBytes: number) => ({ store: log.cold, key, sizeBytes })
const ulidOf = (key: string): string => parseSegmentKey(key)?.ulid ?? ''
const setOf = (dayMs: number, user: string): string => `{s00}:user:${dateOf(dayMs)}:${user}`
const dateOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10)
