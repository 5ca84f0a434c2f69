import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type HotStore, openHotStore } from '../src/index.ts'
import { type RedisServer, startRedisServer } from '../src/server.ts'
import { beatOf } from './fleet-setup.ts'
import { rawClient, testDir } from './setup.ts'

const DEAD_MS = 600

/** In the order in which they are to be done: servers before their folders. */
const cleanUps: (() => void | PromiseLike<void>)[] = []

async function temporaryDir(): Promise<string> {
  const dir = await testDir()
  cleanUps.push(() => dir[Symbol.asyncDispose]())
  return dir.path
}

async function start(dir: string): Promise<RedisServer> {
  const server = await startRedisServer({ dir, appendfsync: 'always' })
  cleanUps.unshift(() => server.kill())
  return server
}

async function open(url: string): Promise<HotStore> {
  const hot = await openHotStore({ url, replicaDeadMs: DEAD_MS, commandTimeoutMs: 2000 })
  cleanUps.unshift(() => hot.close())
  return hot
}

const membersOf = async (hot: HotStore): Promise<string[]> =>
  (await hot.replicas.list()).replicas.map(({ replica }) => replica)

/** `a` beats once more, and `b` every 50 ms: after how many ms `b` is the only member. */
async function untilAlone(hot: HotStore, last = beatOf('a')): Promise<number> {
  const startMs = performance.now()
  expect((await hot.replicas.beat(last)).standing).toBe('member')
  for (;;) {
    await hot.replicas.beat(beatOf('b'))
    const members = await membersOf(hot)
    if (members.join() === 'b') return performance.now() - startMs
    if (performance.now() - startMs > 10_000) return Number.POSITIVE_INFINITY
    await sleep(50)
  }
}

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

describe('the fleet while time passes', () => {
  it('takes a silent replica for dead when its time is up, not before (I1)', async () => {
    const hot = await open((await start(await temporaryDir())).url)
    await hot.replicas.beat(beatOf('b'))
    await sleep(DEAD_MS / 3)
    const aloneAfterMs = await untilAlone(hot)
    expect(aloneAfterMs).toBeGreaterThan(DEAD_MS - 1)
    expect(aloneAfterMs).toBeLessThan(3 * DEAD_MS)
  })

  it('takes nobody for dead because Redis was killed and is back (I1)', async () => {
    const dir = await temporaryDir()
    const first = await start(dir)
    const before = await open(first.url)
    const version = (await before.replicas.beat(beatOf('a'))).view?.version
    await before.replicas.beat(beatOf('b'))
    await first.kill()
    await sleep(DEAD_MS + 200)
    const hot = await open((await start(dir)).url)
    await hot.replicas.beat(beatOf('b'))
    expect(await membersOf(hot)).toEqual(['a', 'b'])
    expect(await untilAlone(hot, beatOf('a', { version }))).toBeGreaterThan(DEAD_MS - 1)
  })

  it('takes nobody for dead because Redis stood still (I1)', async () => {
    const server = await start(await temporaryDir())
    const hot = await open(server.url)
    const version = (await hot.replicas.beat(beatOf('a'))).view?.version
    await hot.replicas.beat(beatOf('b'))
    process.kill(server.pid, 'SIGSTOP')
    const beats = [beatOf('b'), beatOf('a', { version })].map((beat) => hot.replicas.beat(beat))
    await sleep(DEAD_MS + 200)
    process.kill(server.pid, 'SIGCONT')
    const answers = await Promise.all(beats)
    expect(answers.map(({ standing }) => standing)).toEqual(['member', 'member'])
    expect(answers.flatMap(({ lost }) => lost)).toEqual([])
  })

  it('goes on in a Redis that is full: heartbeats, joins, and who leaves (I1)', async () => {
    const server = await start(await temporaryDir())
    const hot = await open(server.url)
    const raw = rawClient(server.url)
    cleanUps.unshift(() => raw.disconnect())
    await hot.replicas.beat(beatOf('a', { slots: new Map([[1, 'holding']]) }))
    await raw.call('config', 'set', 'maxmemory', '1mb')
    await expect(hot.registry.add(['nymn'])).rejects.toMatchObject({ kind: 'full' })

    const successor = beatOf('a', { run: 'a2', slots: new Map([[1, 'joining']]) })
    const { lost, uncovered } = await hot.replicas.beat(successor)
    expect(lost).toHaveLength(1)
    expect(uncovered.size).toBe(1)
    for (const one of lost) await hot.replicas.forgetLost(one)
    const request = { key: 'k', wanted: 2, max: 3, windowMs: 10_000 }
    expect(await hot.replicas.takeJoins(request)).toBe(2)
    expect(await hot.replicas.takeJoins(request)).toBe(1)
    await hot.replicas.leave('a', 'a2')
    expect(await hot.replicas.list()).toMatchObject({ replicas: [], lostPending: 0 })
    await expect(hot.replicas.noteRates(new Map([['nymn', 1]]))).rejects.toMatchObject({
      kind: 'full',
    })
  })
})
