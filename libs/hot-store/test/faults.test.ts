import { setTimeout as sleep } from 'node:timers/promises'
import getPort from 'get-port'
import { afterEach, assert, describe, expect, it } from 'vitest'
import { type HotStore, openHotStore } from '../src/index.ts'
import { type RedisServer, type RedisServerOptions, startRedisServer } from '../src/server.ts'
import { appendLine, startRedisCluster } from '../src/testing.ts'
import { entriesOf, rawClient, seal, testDir } from './setup.ts'

const CHANNEL = '1'
const PLACE = { shard: 0, channelId: CHANNEL }

/** In the order in which they are to be done: servers before their folders. */
const cleanUps: (() => void | PromiseLike<void>)[] = []

/** A server of its own, gone after the test. */
async function start(options: Partial<RedisServerOptions> = {}): Promise<RedisServer> {
  const dir = options.dir ?? (await temporaryDir())
  const server = await startRedisServer({ dir, ...options })
  cleanUps.unshift(() => server.kill())
  return server
}

async function temporaryDir(): Promise<string> {
  const dir = await testDir()
  cleanUps.push(() => dir[Symbol.asyncDispose]())
  return dir.path
}

async function open(url: string, commandTimeoutMs = 2000, waitReplicas = 0): Promise<HotStore> {
  const hot = await openHotStore({ url, commandTimeoutMs, waitReplicas })
  cleanUps.unshift(() => hot.close())
  return hot
}

const line = (n: number, raw?: string) =>
  appendLine({ channelId: CHANNEL, text: `t${n}`, ...(raw === undefined ? {} : { raw }) })

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

describe('a crash of Redis', () => {
  it('keeps every acknowledged append, and a batch sent again is stored once (I1, I2)', async () => {
    const dir = await temporaryDir()
    let server = await start({ dir })
    let hot = await open(server.url)
    const acknowledged = new Set<string>()
    let next = 0
    for (let crash = 0; crash < 4; crash += 1) {
      const killed = sleep(150 + crash * 37).then(() => server.kill())
      let unacknowledged: ReturnType<typeof line>[] = []
      try {
        for (;;) {
          unacknowledged = Array.from({ length: 50 }, (_, n) => line(next + n))
          next += 50
          await hot.append(0, unacknowledged)
          for (const { raw } of unacknowledged) acknowledged.add(raw)
        }
      } catch (error) {
        assert.propertyVal(error, 'kind', 'unavailable')
      }
      await killed
      hot.close()
      server = await start({ dir })
      hot = await open(server.url)
      await hot.append(0, unacknowledged)
      for (const { raw } of unacknowledged) acknowledged.add(raw)
    }
    const raws = (await entriesOf(hot, PLACE)).map(({ raw }) => raw)
    expect(raws.length).toBeGreaterThan(500)
    expect(new Set(raws)).toEqual(acknowledged)
    expect(raws).toHaveLength(acknowledged.size)
    expect((await hot.state(0)).hotRecords).toBe(acknowledged.size)
  })

  it('fails calls at once while it is away, and comes back by itself', async () => {
    const dir = await temporaryDir()
    const server = await start({ dir })
    const hot = await open(server.url)
    await hot.append(0, [line(1)])
    const inFlight = hot.append(0, [line(2)])
    const settled = Promise.allSettled([inFlight])
    await server.kill()
    await settled
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const startMs = performance.now()
      await expect(hot.append(0, [line(3)])).rejects.toMatchObject({ kind: 'unavailable' })
      await expect(hot.snapshot(PLACE)).rejects.toMatchObject({ kind: 'unavailable' })
      expect(performance.now() - startMs).toBeLessThan(500)
      await sleep(100)
    }
    await start({ dir })
    await expect
      .poll(
        () =>
          hot.ping().then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true)
    expect(await hot.append(0, [line(1), line(3)])).toEqual({ appended: 1, duplicates: 1 })
  })

  it('gives up on a server that is silent, and uses it again when it answers', async () => {
    const server = await start()
    const hot = await open(server.url, 300)
    await hot.append(0, [line(1)])
    process.kill(server.pid, 'SIGSTOP')
    const startMs = performance.now()
    await expect(hot.append(0, [line(2)])).rejects.toMatchObject({ kind: 'unavailable' })
    expect(performance.now() - startMs).toBeLessThan(1000)
    await expect(openHotStore({ url: server.url, commandTimeoutMs: 200 })).rejects.toMatchObject({
      kind: 'unavailable',
    })
    process.kill(server.pid, 'SIGCONT')
    await expect
      .poll(
        () =>
          hot.ping().then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true)
    // Whether the timed-out append arrived is unknown; sending it again is right in both cases.
    await hot.append(0, [line(2)])
    expect(await entriesOf(hot, PLACE)).toHaveLength(2)
  })

  it('does not open what cannot be reached', async () => {
    const dir = await temporaryDir()
    const startMs = performance.now()
    await expect(openHotStore({ url: `${dir}/nobody.sock` })).rejects.toMatchObject({
      kind: 'unavailable',
    })
    expect(performance.now() - startMs).toBeLessThan(11_000)
  })

  it('comes back by itself in a cluster when a node has been away', async () => {
    const dir = await temporaryDir()
    const cluster = await startRedisCluster({ dir })
    cleanUps.unshift(() => cluster.stop())
    const hot = await open(cluster.url)
    await hot.append(0, [line(1)])
    const results: string[] = []
    for (const node of cluster.nodes) process.kill(node.pid, 'SIGSTOP')
    const startMs = performance.now()
    await expect(hot.append(0, [line(2)])).rejects.toMatchObject({ kind: 'unavailable' })
    expect(performance.now() - startMs).toBeLessThan(6000)
    for (const node of cluster.nodes) process.kill(node.pid, 'SIGCONT')
    await expect
      .poll(
        () =>
          hot.append(0, [line(2)]).then(
            () => 'ok',
            (error: unknown) => results.push(String(error)),
          ),
        { timeout: 20_000, interval: 200 },
      )
      .toBe('ok')
    expect(await entriesOf(hot, PLACE)).toHaveLength(2)
  })
})

describe('a full Redis', () => {
  it('says full, loses and halves nothing, and can still be sealed and trimmed (I1, A1)', async () => {
    const server = await start({ config: { maxmemory: '8mb' }, appendfsync: 'everysec' })
    const hot = await open(server.url)
    const raw = rawClient(server.url)
    cleanUps.unshift(() => raw.disconnect())
    const big = (n: number) => line(n, `${n} ${'x'.repeat(2000)}`)
    const accepted = new Set<string>()
    let refused: ReturnType<typeof line>[] = []
    for (let next = 0; refused.length === 0; next += 100) {
      if (next > 10_000) throw new Error('it never filled up')
      const batch = Array.from({ length: 100 }, (_, n) => big(next + n))
      try {
        await hot.append(0, batch)
        for (const { raw: text } of batch) accepted.add(text)
      } catch (error) {
        assert.propertyVal(error, 'kind', 'full')
        refused = batch
      }
    }
    const held = async (): Promise<string[]> =>
      (await entriesOf(hot, PLACE)).map(({ raw: text }) => text)
    expect(new Set(await held())).toEqual(accepted)
    expect(await hot.memory()).toMatchObject({ maxBytes: 8_388_608 })
    // Nobody sees a full Redis as a reason not to open it.
    const another = await open(server.url)
    expect((await another.state(0)).hotRecords).toBe(accepted.size)

    await raw.config('SET', 'maxmemory', '1mb')
    const cutMs = (await hot.state(0)).nowMs + 1
    await seal(hot, 0, cutMs)
    expect(await hot.trim(0, { beforeMs: cutMs })).toEqual({ removed: accepted.size })
    await raw.config('SET', 'maxmemory', '8mb')
    expect(await hot.append(0, refused)).toEqual({ appended: 100, duplicates: 0 })
    expect(new Set(await held())).toEqual(new Set(refused.map(({ raw: text }) => text)))
  })
})

describe('replicas', () => {
  it('are read like the primary, and refuse to be written', async () => {
    const { replica, hot } = await pair()
    await hot.append(0, [line(1)])
    const reading = await open(replica.url)
    await expect.poll(async () => (await reading.snapshot(PLACE)).page.entries.length).toBe(1)
    await expect(reading.append(0, [line(2)])).rejects.toMatchObject({ kind: 'unavailable' })
    await expect
      .poll(() =>
        reading.ping().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    await expect(reading.freeze(0, 1)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it('must have an append before it is acknowledged, where that is asked for', async () => {
    const { primary, replica, hot } = await pair()
    const careful = await open(primary.url, 1000, 1)
    expect(await careful.append(0, [line(1)])).toEqual({ appended: 1, duplicates: 0 })
    const frozen = await careful.freeze(0, 5)
    expect(await careful.check(frozen)).toBe(true)
    process.kill(replica.pid, 'SIGSTOP')
    await expect(careful.append(0, [line(2)])).rejects.toThrow(/unavailable: 0 of 1 replicas/)
    await expect(careful.freeze(0, 6)).rejects.toMatchObject({ kind: 'unavailable' })
    // A heartbeat does not stand behind those that wait.
    const appends = [3, 4, 5].map((n) => careful.append(0, [line(n)]))
    const settled = Promise.allSettled(appends)
    const first = await Promise.race([settled, careful.ping().then(() => 'ping')])
    expect(first).toBe('ping')
    await settled
    process.kill(replica.pid, 'SIGCONT')
    expect(await careful.append(0, [line(2)])).toEqual({ appended: 0, duplicates: 1 })
    expect((await hot.state(0)).hotRecords).toBe(5)
  })
})

describe('a misconfigured Redis', () => {
  it('is refused with a sentence that says what to do', async () => {
    const evicting = await start({ config: { 'maxmemory-policy': 'allkeys-lru' } })
    await expect(openHotStore({ url: evicting.url })).rejects.toThrow(
      /misconfigured: .*set it to noeviction/,
    )

    const secret = await start({ config: { requirepass: 'hunter2' } })
    await expect(openHotStore({ url: secret.url })).rejects.toMatchObject({ kind: 'misconfigured' })
  })

  it('with data of a newer version is left alone', async () => {
    const server = await start()
    const raw = rawClient(server.url)
    cleanUps.unshift(() => raw.disconnect())
    await raw.hset('meta', { format: 2, shards: 4 })
    await expect(openHotStore({ url: server.url })).rejects.toThrow(/format 2.*use a newer poglog/)
  })

  it('is not asked at all when the settings are wrong', async () => {
    const url = '/nowhere.sock'
    for (const wrong of [
      { shards: 0 },
      { shards: 2000 },
      { waitReplicas: -1 },
      { commandTimeoutMs: 0 },
    ]) {
      await expect(openHotStore({ url, ...wrong })).rejects.toMatchObject({ kind: 'misconfigured' })
    }
  })
})

async function pair(): Promise<{ primary: RedisServer; replica: RedisServer; hot: HotStore }> {
  const port = await getPort({ host: '127.0.0.1' })
  const primary = await start({ port })
  const hot = await open(primary.url)
  const config = { replicaof: `127.0.0.1 ${port}`, 'repl-diskless-sync-delay': '0' }
  const replica = await start({ config })
  const raw = rawClient(replica.url)
  cleanUps.unshift(() => raw.disconnect())
  await expect
    .poll(() => raw.info('replication'), { timeout: 20_000 })
    .toContain('master_link_status:up')
  return { primary, replica, hot }
}
