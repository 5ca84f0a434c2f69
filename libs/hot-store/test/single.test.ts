import { startRedisServer } from '../src/server.ts'
import { testDir } from './setup.ts'
import { hotStoreSuite } from './suite.ts'

hotStoreSuite('a single server', async () => {
  const dir = await testDir()
  const server = await startRedisServer({ dir: dir.path, appendfsync: 'everysec' })
  return {
    url: server.url,
    modelRuns: 500,
    stop: async () => {
      await server.stop()
      await dir[Symbol.asyncDispose]()
    },
  }
})
