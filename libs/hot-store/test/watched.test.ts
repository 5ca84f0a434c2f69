import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHotStore } from '../src/index.ts'
import { startRedisServer } from '../src/server.ts'
import type { RedisServer } from '../src/server.ts'
import { testDir } from './setup.ts'
import type { TestDir } from './setup.ts'

let dir: TestDir
let server: RedisServer
beforeAll(async () => {
  dir = await testDir()
  server = await startRedisServer({ dir: dir.path, appendfsync: 'everysec' })
})
afterAll(async () => {
  await server.stop()
  await dir[Symbol.asyncDispose]()
})

it('tells every call by the name of its script or command, and how it ended', async () => {
  const told: string[] = []
  const hot = await openHotStore({
    url: server.url,
    onCall: (call) => (outcome) => void told.push(`${call} ${outcome}`),
  })
  told.length = 0
  const line = { channelId: '1', raw: 'x', sentAtMs: 1, userId: '', type: 'PRIVMSG' }
  await hot.append(0, [{ ...line, key: '0'.repeat(32) }])
  await hot.state(0)
  hot.close()
  await expect(hot.state(0)).rejects.toMatchObject({ kind: 'unavailable' })
  expect(told).toEqual(['append done', 'state done', 'state failed'])
})
