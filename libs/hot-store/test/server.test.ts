import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openHotStore } from '../src/index.ts'
import { redisServerCommand, type RedisServer, startRedisServer } from '../src/server.ts'
import { appendLine } from '../src/testing.ts'
import { type TestDir, testDir } from './setup.ts'

const servers: RedisServer[] = []
const dirs: TestDir[] = []

async function dirOf(...names: string[]): Promise<string> {
  const dir = await testDir()
  dirs.push(dir)
  return join(dir.path, ...names)
}

async function start(dir: string): Promise<RedisServer> {
  const server = await startRedisServer({ dir })
  servers.push(server)
  return server
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.kill()
  for (const dir of dirs.splice(0)) await dir[Symbol.asyncDispose]()
})

describe('startRedisServer', () => {
  it('continues with the data of the same folder after a stop', async () => {
    const dir = await dirOf('not', 'yet', 'there')
    const first = await start(dir)
    const hot = await openHotStore({ url: first.url, shards: 4 })
    const line = appendLine()
    await hot.append(hot.shardOf(line.channelId), [line])
    hot.close()
    await first.stop()
    const second = await start(dir)
    expect(second.url).toBe(first.url)
    const again = await openHotStore({ url: second.url })
    expect(again.shards).toBe(4)
    expect((await again.state(again.shardOf(line.channelId))).hotRecords).toBe(1)
    again.close()
    await second.stop()
    await second.stop()
  })

  it('refuses a second server on the same folder, and names the first', async () => {
    const dir = await dirOf()
    const { pid } = await start(dir)
    const refused = startRedisServer({ dir })
    await expect(refused).rejects.toThrow(`process ${pid}`)
    await expect(refused).rejects.toMatchObject({ kind: 'in-use' })
    const outcomes = await Promise.allSettled([
      startRedisServer({ dir }),
      startRedisServer({ dir }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('lets one of two simultaneous starts win', async () => {
    const dir = await dirOf()
    const outcomes = await Promise.allSettled([start(dir), start(dir), start(dir)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
    ])
  })

  it('starts over the lock of a server that was killed', async () => {
    const dir = await dirOf()
    const first = await start(dir)
    process.kill(first.pid, 'SIGKILL')
    await first.kill()
    await writeFile(join(dir, 'redis-server.lock'), String(first.pid))
    const outcomes = await Promise.allSettled([start(dir), start(dir)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('puts the socket elsewhere when its path would be too long, and says so', async () => {
    const dir = await dirOf('x'.repeat(120))
    const server = await start(dir)
    expect(server.notice).toContain('too long for a socket')
    expect(server.socketPath.length).toBeLessThan(108)
    const hot = await openHotStore({ url: server.url })
    await hot.ping()
    hot.close()
    expect(redisServerCommand({ dir }).url).toBe(server.url)
  })

  it('says how to install a missing redis-server', async () => {
    const path = process.env['PATH']
    process.env['PATH'] = await dirOf()
    try {
      const refused = startRedisServer({ dir: await dirOf() })
      await expect(refused).rejects.toThrow('apt-get install redis-server')
      await expect(refused).rejects.toMatchObject({ kind: 'missing' })
    } finally {
      process.env['PATH'] = path
    }
  })

  it('shows the log of a server that does not start', async () => {
    const dir = await dirOf()
    const failing = startRedisServer({ dir, config: { appendfilename: 'a/b' } })
    await expect(failing).rejects.toMatchObject({ kind: 'failed' })
    await writeFile(join(dir, 'file'), '')
    await expect(startRedisServer({ dir: join(dir, 'file') })).rejects.toMatchObject({
      kind: 'failed',
    })
    await start(dir)
  })
})
