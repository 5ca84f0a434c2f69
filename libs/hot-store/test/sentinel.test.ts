import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openHotStore } from '../src/index.ts'
import { type RedisServer, startRedisServer } from '../src/server.ts'
import { appendLine } from '../src/testing.ts'
import { entriesOf, freePort, rawClient, testDir } from './setup.ts'

const stack: (() => PromiseLike<unknown> | void)[] = []

afterEach(async () => {
  for (const cleanUp of stack.splice(0).toReversed()) await cleanUp()
})

describe('a failover by Sentinel', () => {
  it('loses no append that a replica had confirmed, and the store follows (I1)', async () => {
    const { primary, url } = await startPair()
    const careful = await openHotStore({ url, waitReplicas: 1, commandTimeoutMs: 2000 })
    stack.push(() => careful.close())
    const lines = Array.from({ length: 300 }, (_, n) =>
      appendLine({ channelId: '1', text: `t${n}` }),
    )
    expect(await careful.append(0, lines)).toEqual({ appended: 300, duplicates: 0 })
    const frozen = await careful.freeze(0, (await careful.state(0)).nowMs)

    const hot = await openHotStore({ url, commandTimeoutMs: 2000 })
    stack.push(() => hot.close())
    await primary.kill()
    await expect(hot.append(0, lines.slice(0, 1))).rejects.toMatchObject({ kind: 'unavailable' })
    const again = lines.concat(appendLine({ channelId: '1', text: 'after' }))
    const append = (): Promise<unknown> => hot.append(0, again).catch(() => undefined)
    await expect
      .poll(append, { timeout: 40_000, interval: 200 })
      .toEqual({ appended: 1, duplicates: 300 })
    expect(await entriesOf(hot, { shard: 0, channelId: '1' })).toHaveLength(301)
    expect(await hot.check(frozen)).toBe(true)
  })
})

async function startPair(): Promise<{ primary: RedisServer; url: string }> {
  const dir = await testDir()
  stack.push(() => dir[Symbol.asyncDispose]())
  const [port, replicaPort, sentinelPort] = await Promise.all([freePort(), freePort(), freePort()])
  const quick = { 'repl-diskless-sync-delay': '0' }
  const primary = await startRedisServer({ dir: join(dir.path, 'a'), port, config: quick })
  stack.push(() => primary.kill())
  const config = { ...quick, replicaof: `127.0.0.1 ${port}` }
  const replica = await startRedisServer({ dir: join(dir.path, 'b'), port: replicaPort, config })
  stack.push(() => replica.kill())
  const raw = rawClient(replica.url)
  stack.push(() => raw.disconnect())
  await expect.poll(() => raw.info('replication'), { timeout: 20_000 }).toContain('link_status:up')
  await startSentinel(dir.path, { port, sentinelPort })
  const url = `redis-sentinel://127.0.0.1:${sentinelPort}/mymaster`
  return { primary, url }
}

/** One is enough where its vote alone decides. It learns of the replica from the primary. */
async function startSentinel(
  dir: string,
  ports: { port: number; sentinelPort: number },
): Promise<void> {
  const path = join(dir, 'sentinel.conf')
  const lines = [
    `port ${ports.sentinelPort}`,
    'bind 127.0.0.1',
    `dir ${dir}`,
    `sentinel monitor mymaster 127.0.0.1 ${ports.port} 1`,
    'sentinel down-after-milliseconds mymaster 1000',
    'sentinel failover-timeout mymaster 3000',
  ]
  await writeFile(path, lines.join('\n'))
  const child: ChildProcess = spawn('redis-server', [path, '--sentinel'], { stdio: 'ignore' })
  await once(child, 'spawn')
  stack.push(async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  })
  const sentinel = rawClient(`redis://127.0.0.1:${ports.sentinelPort}`)
  stack.push(() => sentinel.disconnect())
  const info = (): Promise<string> => sentinel.info('sentinel')
  await expect.poll(info, { timeout: 20_000 }).toMatch(/slaves=1,/)
}
