import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openHotStore } from '@poglog/hot-store'
import type { HotStore, SegmentEntry } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import type { z } from 'zod'
import type { BenchOptions } from '../bench.ts'
import { DAY_MS, HOUR_MS, START_MS } from './chat.ts'
import { runChild } from './child.ts'
import { compactedSchema, peersSchema, sealedSchema } from './schemas.ts'
import type { Measured, Scale, Sealed } from './schemas.ts'

/** Raise it when an archive that was kept is not what would be built now. */
const FORMAT = 1
/** As the launcher starts the archiver. */
const ARCHIVER_HEAP_MIB = 384
const SEALERS = 2
/** Cold has covered all of the month, so that it can be closed. */
const MONTH_END_MS = Date.UTC(2026, 9, 1)

/** An archive on disk with the Redis that has its manifest, and the peers' archives of the same lines. */
export interface Archive {
  readonly objectsDir: string
  readonly justlogDir: string
  readonly redisUrl: string
  readonly hot: HotStore
  readonly measured: Measured
  readonly scale: Scale
}

let opened: Promise<Archive> | undefined

/**
 * The archive of this run: the first caller has it built, or opened where a run before kept it; it is removed at the
 * end of the run unless it is to be kept.
 */
export async function archiveOf(options: BenchOptions): Promise<Archive> {
  opened ??= openArchive(options)
  return await opened
}

async function openArchive({ corpus, days, messagesADay, seed, keep, resources }: BenchOptions) {
  const scale: Scale = { corpus, days, messagesADay, seed }
  const name = `poglog-bench-${seed}-${days}x${messagesADay}-v${FORMAT}`
  const dir = join(tmpdir(), corpus === undefined ? name : `${name}-corpus`)
  if (!keep) await rm(dir, { recursive: true, force: true })
  if (!keep) resources.defer(() => rm(dir, { recursive: true, force: true }))
  const redisDir = join(dir, 'redis')
  await mkdir(redisDir, { recursive: true })
  const redis = await startRedisServer({ dir: redisDir })
  resources.defer(() => redis.stop())
  const hot = await openHotStore({ url: redis.url, shards: 1 })
  resources.defer(() => {
    hot.close()
  })
  const place = {
    objectsDir: join(dir, 'objects'),
    justlogDir: join(dir, 'justlog'),
    redisUrl: redis.url,
    hot,
    scale,
  }
  return { ...place, measured: await build(place, dir) }
}

async function build(place: Omit<Archive, 'measured'>, dir: string): Promise<Measured> {
  const { scale, objectsDir, justlogDir, redisUrl, hot } = place
  const sealed = await stage({ dir, name: 'sealed', schema: sealedSchema }, async () => {
    say(`sealing ${scale.days} days of ${scale.messagesADay} messages`)
    return await sealAll(scale, objectsDir)
  })
  if ((await hot.manifest(0)).length === 0) await enterAll(sealed, place)
  const [compacted, peers] = await Promise.all([
    stage({ dir, name: 'compacted', schema: compactedSchema }, async () => {
      say(`compacting and folding ${sealed.records} records`)
      const env = { REDIS_URL: redisUrl, OBJECT_STORE: pathToFileURL(objectsDir).href }
      const nodeOptions = [`--max-old-space-size=${ARCHIVER_HEAP_MIB}`]
      return await runChild({ file: 'compact-worker.ts', input: { env }, nodeOptions })
    }),
    stage({ dir, name: 'peers', schema: peersSchema }, async () => {
      say("writing the peers' files")
      return await runChild({ file: 'peers-worker.ts', input: { scale, dir: justlogDir } })
    }),
  ])
  return { ...compacted, ...peers, sealCpuMs: sealed.cpuMs, ...(await sizesOf(hot)) }
}

async function sizesOf(hot: HotStore) {
  const entries = await entriesThatCount(hot)
  const of = (projection: string): readonly SegmentEntry[] =>
    entries.filter((entry) => entry.projection === projection)
  return {
    records: sum(of('by-channel'), 'records'),
    userRecords: sum(of('by-user'), 'records'),
    wordRows: sum(of('words'), 'records'),
    bytes: {
      byChannel: sum(of('by-channel'), 'sizeBytes'),
      byUser: sum(of('by-user'), 'sizeBytes'),
      words: sum(of('words'), 'sizeBytes'),
    },
  }
}

/** What a stage of the work came to: as it was stored in the folder, else done now and stored. */
async function stage<Schema extends z.ZodType>(
  { dir, name, schema }: { dir: string; name: string; schema: Schema },
  work: () => Promise<unknown>,
): Promise<z.output<Schema>> {
  const path = join(dir, `${name}.json`)
  if (!(await exists(path))) {
    await writeFile(`${path}.new`, JSON.stringify(await work()))
    await rename(`${path}.new`, path)
    say(`${name}: done`)
  }
  const stored: unknown = JSON.parse(await readFile(path, 'utf8'))
  return schema.parse(stored)
}

/** What a reader reads: the shard's manifest without the runs that folds hold, and the folds. */
export async function entriesThatCount(hot: HotStore): Promise<readonly SegmentEntry[]> {
  const { folds, absorbed } = await hot.usersView()
  const segments = await hot.manifest(0)
  const isHeld = ({ projection, number }: SegmentEntry): boolean =>
    projection === 'by-user' && absorbed.has(`0:${number}`)
  return [...segments.filter((entry) => !isHeld(entry)), ...folds]
}

async function sealAll(scale: Scale, dir: string): Promise<Sealed> {
  const parts = Array.from({ length: SEALERS }, (_, part) => ({ scale, dir, part, parts: SEALERS }))
  const answers = await Promise.all(
    parts.map(async (input) => await runChild({ file: 'seal-worker.ts', input })),
  )
  const sealed = answers.map((answer) => sealedSchema.parse(answer))
  return {
    entries: sealed.flatMap(({ entries }) => entries).toSorted((a, b) => a.number - b.number),
    records: sealed.reduce((total, { records }) => total + records, 0),
    cpuMs: sealed.reduce((total, { cpuMs }) => total + cpuMs, 0),
  }
}

/** Puts the hours into the manifest as if they had been sealed when they ended. */
async function enterAll({ entries }: Sealed, { hot, scale }: Omit<Archive, 'measured'>) {
  const { generation } = await hot.state(0)
  const next = 1 + scale.days * (DAY_MS / HOUR_MS)
  const done = await hot.restore(0, generation, {
    segments: entries,
    next,
    boundaryMs: Math.max(MONTH_END_MS, START_MS + scale.days * DAY_MS),
  })
  if (done !== 'restored') throw new Error('the manifest of a new Redis has changed')
}

function sum(entries: readonly SegmentEntry[], field: 'records' | 'sizeBytes'): number {
  return entries.reduce((total, entry) => total + entry[field], 0)
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

function say(what: string): void {
  console.log(`(${new Date().toISOString().slice(11, 19)} ${what})`)
}
