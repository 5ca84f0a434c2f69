import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openObjectStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'
import { startFaultProxy, startRadosgw } from '@poglog/object-store/testing'
import type { FaultProxy, Radosgw } from '@poglog/object-store/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startArchiver, until } from './support/archiver-process.ts'
import { startWorld } from './support/world.ts'
import type { Log, World } from './support/world.ts'

const BUCKET = 'archiver-test'
/** A seal takes about ten requests: long enough to be hit in the middle. */
const LATENCY_MS = 60
/** A job whose archiver was killed is taken over when its lock has run out, within 15 s. */
const TAKEOVER_MS = 40_000
/** A request may be given up only after five attempts of 30 s. */
const FAILURE_MS = 180_000

let world: World
let dir: string
let s3: Radosgw
let proxy: FaultProxy
let cold: ObjectStore
let log: Log
let env: Record<string, string>

beforeAll(async () => {
  world = await startWorld()
  dir = await mkdtemp(join(tmpdir(), 'poglog-rgw-'))
  s3 = await startRadosgw({ dir, store: 'bluestore' })
  await s3.createBucket(BUCKET)
  proxy = await startFaultProxy({ target: s3.endpoint })
})

afterAll(async () => {
  await proxy.stop()
  await s3.stop()
  await world[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

let tests = 0

beforeEach(async () => {
  const url = `s3://${BUCKET}/test-${(tests += 1)}`
  const { accessKeyId, secretAccessKey } = s3
  cold = await openObjectStore({
    url,
    endpoint: s3.endpoint,
    credentials: { accessKeyId, secretAccessKey },
  })
  log = await world.fresh(cold)
  env = {
    REDIS_URL: world.server.url,
    OBJECT_STORE: url,
    S3_ENDPOINT: proxy.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
  proxy.heal()
  proxy.setLatency(LATENCY_MS)
  proxy.resetCounts()
})

afterEach(async () => {
  await cold.close()
})

describe('the archiver with S3', () => {
  it('keeps every record exactly once when it is killed in the middle of a seal (A1, A2, Q1)', async () => {
    let killedInSeal = 0
    for (let life = 1; life <= 3; life += 1) {
      await log.append(20)
      const before = await log.segments()
      proxy.resetCounts()
      await using archiver = await startArchiver(env)
      // The object is there, its read back takes several requests more, then comes the commit.
      await until(() => proxy.requests('PUT') > 0, TAKEOVER_MS)
      archiver.signal('SIGKILL')
      await archiver.exitCode
      if ((await log.segments()).length === before.length) killedInSeal += 1
      await log.check()
    }
    expect(killedInSeal).toBeGreaterThan(0)

    proxy.setLatency(0)
    await using _ = await startArchiver(env)
    await until(async () => (await log.hot.state(0)).hotRecords === 0, TAKEOVER_MS)
    await log.check()
    await log.append(1) // One more segment decides the numbers of the orphans.
    await until(async () => (await log.orphans()).length === 0, 20_000)
    await log.check()
  }, 180_000)

  it('stands still while S3 is away, says what to do, and comes back by itself (A1)', async () => {
    await using archiver = await startArchiver(env)
    await log.append(20)
    await until(() => proxy.requests('PUT') > 0, 20_000)
    await s3.kill()
    await log.append(20)
    await until(async () => (await archiver.metric('failures_total')) > 0, FAILURE_MS)
    const { boundaryMs } = await log.hot.state(0)
    expect((await fetch(`${archiver.health}/readyz`)).status).toBe(503)
    const told = archiver.lines.find(({ msg }) => msg.startsWith('job failed'))
    expect(told?.['advice']).toContain('stays in redis')
    expect((await log.hot.state(0)).boundaryMs).toBe(boundaryMs)

    await s3.resume()
    await until(async () => (await log.hot.state(0)).hotRecords === 0, 90_000)
    await log.check()
  }, 300_000)

  it('moves no boundary past a segment that does not read back as it was written (A1)', async () => {
    proxy.setLatency(0)
    await using archiver = await startArchiver({ ...env, SWEEP_INTERVAL_MS: '600000' })
    await until(() => proxy.requests('GET') > 0, 20_000) // The only sweep, which lists.
    proxy.inject({ kind: 'wrong-bytes' }, { method: 'GET' })
    await log.append(20)
    await until(async () => (await archiver.metric('failures_total')) > 0, FAILURE_MS)
    expect(proxy.requests('PUT')).toBeGreaterThan(0)
    expect(await log.segments()).toEqual([])
    await log.check()

    proxy.heal()
    await until(async () => (await log.hot.state(0)).hotRecords === 0, TAKEOVER_MS)
    await log.check()
  }, 300_000)

  it('copes with puts that were done though the connection broke', async () => {
    proxy.setLatency(0)
    await log.append(20)
    proxy.inject({ kind: 'answer-reset' }, { method: 'PUT', times: 2 })
    await using archiver = await startArchiver(env)
    await until(async () => (await log.hot.state(0)).hotRecords === 0, TAKEOVER_MS)
    expect(await archiver.metric('records_total')).toBe(20)
    await log.check()
  }, 90_000)
})
