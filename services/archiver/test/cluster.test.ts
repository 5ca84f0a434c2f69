import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHotStore } from '@poglog/hot-store'
import { startRedisCluster } from '@poglog/hot-store/testing'
import { openObjectStore } from '@poglog/object-store'
import { expect, it } from 'vitest'
import { startArchiver, until } from './support/archiver-process.ts'
import { Log } from './support/world.ts'

const SHARDS = 4

it('works on a Redis cluster, queue and all', async () => {
  await using resources = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'poglog-cluster-'))
  resources.defer(() => rm(dir, { recursive: true, force: true }))
  const cluster = await startRedisCluster({ dir })
  resources.defer(() => cluster.stop())
  const hot = await openHotStore({ url: cluster.url, shards: SHARDS })
  resources.defer(() => {
    hot.close()
  })
  const url = `file://${dir}/cold`
  const cold = await openObjectStore({ url })
  resources.defer(() => cold.close())
  const log = new Log({ hot, forgetful: hot, cold })
  await log.append(30)

  const archiver = await startArchiver({ REDIS_URL: cluster.url, OBJECT_STORE: url })
  resources.use(archiver)
  await until(async () => (await hotRecords()) === 0, 30_000)
  await log.check()
  expect(new Set((await log.segments()).map(({ key }) => key)).size).toBeGreaterThan(1)

  archiver.signal('SIGTERM')
  expect(await archiver.exitCode).toBe(0)

  // With the archiver gone, which tidies at its start.
  const day = { fromDayMs: 0, toDayMs: 0 }
  const shards = [...Array(SHARDS).keys()]
  for (const shard of shards) await hot.indexUsers(shard, 0, [['7', '11']])
  await hot.tidyUserSets({ isNeeded: (shard, dayMs) => dayMs > 0 || shard === 1, afterMs: 0 })
  const left = await Promise.all(
    shards.map((shard) => hot.userChannels({ shard, userId: '7', ...day })),
  )
  expect(left).toEqual([[], ['11'], [], []])

  async function hotRecords(): Promise<number> {
    let records = 0
    for (let shard = 0; shard < SHARDS; shard += 1) records += (await hot.state(shard)).hotRecords
    return records
  }
})
