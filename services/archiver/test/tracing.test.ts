import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryTracing } from '@poglog/service-kit/testing'
import type { KeptSpan, MemoryTracing } from '@poglog/service-kit/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ArchiveJob } from '../src/due-jobs.ts'
import { createJobRunner } from '../src/run-job.ts'
import { seededArchive, FIRST_DAY } from './support/archive-run.ts'
import { FaultSeam } from './support/fault-seam.ts'
import { depsOf } from './support/run-jobs.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

const SETTINGS = { trimGraceMs: 0, sweepGraceMs: 0, removedGraceMs: 0, sweepIntervalMs: 0 }
/** Of each object. */
const WRITTEN = ['put', 'read back']

let world: World
let log: Log
let dir: string
let tracing: MemoryTracing
let run: (job: ArchiveJob) => Promise<void>

beforeAll(async () => {
  world = await startWorld()
  dir = await mkdtemp(join(tmpdir(), 'poglog-tracing-'))
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  const rare = new Map<string, number>()
  log = await seededArchive(world, rare)
  tracing = memoryTracing()
  const deps = depsOf(log, { seam: new FaultSeam([], () => Promise.resolve()), rare })
  const events = { ...deps.events, userErased: () => undefined, retained: () => undefined }
  const step: typeof deps.step = (name, work) => tracing.span(name, {}, work)
  const own = { hot: log.hot, workDir: dir, events, step, tracing }
  const runJob = createJobRunner({ ...deps, ...own }, SETTINGS)
  run = (job) => tracing.span('job', {}, () => runJob(job))
})

/** The names of the spans below one, in the order of their beginnings. */
function below(span: KeptSpan | undefined): string[] {
  return tracing.spans.filter(({ above }) => above === span).map(({ name }) => name)
}

/** The last span of a name. */
const last = (name: string): KeptSpan | undefined =>
  tracing.spans.findLast((span) => span.name === name)

describe('the trace of a job', () => {
  it('has the steps of the move from hot to cold', async () => {
    await run({ kind: 'seal', shard: 0, upTo: 'now' })
    expect(below(undefined)).toEqual(['job'])
    expect(below(last('job'))).toEqual(['window'])
    const before = ['freeze', 'check', 'read', 'look up', 'encode']
    expect(below(last('window'))).toEqual([...before, ...WRITTEN, 'commit'])
    expect(new Set(tracing.spans.map(({ outcome }) => outcome))).toEqual(new Set(['done']))
    expect(last('window')?.attributes).toEqual({ 'poglog.outcome': 'moved', 'poglog.records': 3 })
    expect(last('put')?.attributes).toMatchObject({ 'poglog.projection': 'by-channel' })
  })

  it('has what a trim, a compaction and a cleaning do', async () => {
    await run({ kind: 'trim', shard: 0 })
    expect(below(last('job'))).toEqual(['check', 'trim'])
    await run({ kind: 'compact', shard: 0, dayMs: FIRST_DAY })
    const other = ['encode', ...WRITTEN]
    expect(below(last('job'))).toEqual(['reserve', 'merge', ...other, ...other, ...WRITTEN, 'swap'])
    await new Promise((resolve) => setTimeout(resolve, 5))
    await run({ kind: 'clean' })
    expect(below(last('job'))).toEqual(['delete'])
  })

  it('says which step failed', async () => {
    await log.append(1)
    log.cold.put = () => Promise.reject(new Error('the store is away'))
    await expect(run({ kind: 'seal', shard: 0, upTo: 'now' })).rejects.toThrow('away')
    const failed = tracing.spans.filter(({ outcome }) => outcome === 'failed')
    expect(failed.map(({ name }) => name)).toEqual(['job', 'window', 'put'])
  })
})

describe('the trace of a batch', () => {
  it('ends in the segment that has its lines, and leads to the job', async () => {
    const parent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
    await log.append(1)
    await log.hot.traces.note(0, parent)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await run({ kind: 'seal', shard: 0, upTo: 'now' })
    const sealed = tracing.spans.filter(({ name }) => name === 'sealed')
    expect(sealed.map(({ start, above }) => [start.parent, above?.name])).toEqual([[parent, 'job']])
    const segment = (await log.hot.manifest(0)).at(-1)
    const attributes = { 'poglog.shard': 0, 'poglog.segment': segment?.number }
    expect(sealed[0]?.attributes).toEqual(attributes)
    expect(await log.hot.traces.take(0, Date.now() + 60_000)).toEqual([])
  })
})
