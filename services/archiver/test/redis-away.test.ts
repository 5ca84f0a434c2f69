import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHotStore } from '@poglog/hot-store'
import { startRedisServer } from '@poglog/hot-store/server'
import { openObjectStore } from '@poglog/object-store'
import { expect, it } from 'vitest'
import { startArchiver, until } from './support/archiver-process.ts'
import { Log } from './support/world.ts'

it('survives Redis being away, says so, goes on by itself, and stops in time without it', async () => {
  await using resources = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'poglog-away-'))
  resources.defer(() => rm(dir, { recursive: true, force: true }))
  const redisDir = join(dir, 'redis')
  const first = await startRedisServer({ dir: redisDir })
  resources.defer(() => first.kill())
  const hot = await openHotStore({ url: first.url })
  resources.defer(() => {
    hot.close()
  })
  const url = `file://${dir}/cold`
  const cold = await openObjectStore({ url })
  resources.defer(() => cold.close())
  const log = new Log({ hot, forgetful: hot, cold })
  const archiver = await startArchiver({ REDIS_URL: first.url, OBJECT_STORE: url })
  resources.use(archiver)
  await log.append(10)

  await first.kill()
  await until(async () => (await archiver.metric('failures_total')) > 0, 30_000)
  const ready = await fetch(`${archiver.health}/readyz`)
  expect(await ready.text()).toContain('"failed":["redis","queue"]')
  expect((await fetch(`${archiver.health}/healthz`)).status).toBe(200)

  const second = await startRedisServer({ dir: redisDir })
  resources.defer(() => second.kill())
  await until(async () => (await hot.state(0).catch(() => undefined))?.hotRecords === 0, 40_000)
  await log.append(10)
  await until(async () => (await hot.state(0)).hotRecords === 0, 40_000)
  await log.check()

  await second.kill()
  archiver.signal('SIGTERM')
  const stoppedAt = Date.now()
  expect(await archiver.exitCode).toBe(0)
  expect(Date.now() - stoppedAt).toBeLessThan(12_000)
}, 120_000)
