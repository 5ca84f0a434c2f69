import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cluster, Redis } from 'ioredis'
import { type HotStore, type HotTail, openHotStore } from '../src/index.ts'
import { appendTests } from './appending.ts'
import { readTests } from './reading.ts'
import { sealTests } from './sealing.ts'
import { nameTests } from './names.ts'
import { batchTracesTests } from './batch-traces.ts'
import { clientHitsTests } from './client-hits.ts'
import { erasingTests } from './erasing.ts'
import { modelTest } from './model.ts'
import { optOutTests } from './opt-outs.ts'
import { replicaModelTest } from './replica-model.ts'
import { replicaTests } from './replicas.ts'
import { rawClient, SHARDS } from './setup.ts'
import { swapTests } from './swapping.ts'
import { tailTests } from './tailing.ts'

export interface Started {
  readonly url: string
  /** Interleavings to walk. */
  readonly modelRuns: number
  stop(): Promise<void>
}

/** What the hot store does on any Redis: a single server, or a cluster. */
export function hotStoreSuite(servers: string, start: () => Promise<Started>): void {
  describe(`the hot store on ${servers}`, () => {
    let server: Started
    let hot: HotStore
    let other: HotStore
    let raw: Redis | Cluster
    let tail: HotTail

    beforeAll(async () => {
      server = await start()
      hot = await openHotStore({ url: server.url, shards: SHARDS })
      other = await openHotStore({ url: server.url, shards: 1 })
      raw = rawClient(server.url)
      tail = await hot.openTail()
    })

    afterAll(async () => {
      raw.disconnect()
      tail.close()
      other.close()
      hot.close()
      await server.stop()
    })

    appendTests(() => ({ hot, other, raw, url: server.url }))
    readTests(() => ({ hot, other, raw }))
    sealTests(() => ({ hot, other, raw }))
    nameTests(() => ({ hot, other, raw }))
    tailTests(() => ({ hot, tail }))
    swapTests(() => ({ hot, other, raw }))
    erasingTests(() => ({ hot, other, raw }))
    optOutTests(() => ({ hot, other, raw }))
    clientHitsTests(() => ({ hot, other }))
    batchTracesTests(() => ({ hot, other }))
    replicaTests(() => ({ hot, other, raw }))

    it('knows of every replica what a simple model knows, whatever they and the clock do (I1)', async () => {
      const seldom = await replicaModelTest(server.url, Math.ceil(server.modelRuns / 3))
      expect(Object.entries(seldom).filter(([, times]) => times === 0)).toEqual([])
    })

    it('keeps the number of shards it was first opened with', () => {
      expect(other.shards).toBe(SHARDS)
    })

    it('answers ping and tells the memory in use', async () => {
      await hot.ping()
      const { usedBytes, maxBytes } = await hot.memory()
      expect(usedBytes).toBeGreaterThan(100_000)
      expect(maxBytes).toBe(0)
    })

    it('tells the time that Redis has spent in scripts', async () => {
      const before = await hot.scriptSeconds()
      for (let call = 0; call < 100; call += 1) await hot.state(0)
      const spent = (await hot.scriptSeconds()) - before
      expect(spent).toBeGreaterThan(100 * 1e-6)
      expect(spent).toBeLessThan(10)
    })

    it('keeps every acknowledged record in exactly one place under any interleaving (I2, A1, A2, Q1)', async () => {
      const seldom = await modelTest(server.url, server.modelRuns)
      expect(Object.entries(seldom).filter(([, times]) => times === 0)).toEqual([])
    })
  })
}
