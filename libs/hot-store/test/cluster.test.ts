import { startRedisCluster } from '../src/testing.ts'
import { testDir } from './setup.ts'
import { hotStoreSuite } from './suite.ts'

hotStoreSuite('a cluster of three', async () => {
  const dir = await testDir()
  const cluster = await startRedisCluster({ dir: dir.path })
  return {
    url: cluster.url,
    modelRuns: 150,
    stop: async () => {
      await cluster.stop()
      await dir[Symbol.asyncDispose]()
    },
  }
})
