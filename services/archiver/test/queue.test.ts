import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArchiveJob } from '../src/due-jobs.ts'
import { openQueue } from '../src/queue.ts'
import { until } from './support/archiver-process.ts'
import { startWorld } from './support/world.ts'
import type { World } from './support/world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world[Symbol.asyncDispose]()
})

describe('the queue', () => {
  it('seals and trims while another job takes hours', async () => {
    const started: string[] = []
    const long = Promise.withResolvers<void>()
    await using queue = await openQueue({
      redisUrl: world.server.url,
      concurrency: 1,
      async run({ kind }) {
        started.push(kind)
        if (kind === 'compact') await long.promise
      },
      onJobFailed() {},
      onError() {},
    })
    const jobs: ArchiveJob[] = [
      { kind: 'compact', shard: 0, dayMs: 0 },
      { kind: 'sweep' },
      { kind: 'seal', shard: 0, upTo: 'period' },
      { kind: 'trim', shard: 0 },
    ]
    await queue.add(jobs)
    await until(() => started.includes('compact'), 10_000)
    await until(() => started.includes('trim'), 10_000)
    // One of a kind and shard at a time, and only so many of the long ones at once.
    await queue.add(jobs)
    await until(() => started.filter((kind) => kind === 'trim').length === 2, 10_000)
    expect(started.toSorted()).toEqual(['compact', 'seal', 'seal', 'trim', 'trim'])
    expect(await queue.waiting()).toEqual(new Map([['sweep', 1]]))
    long.resolve()
    await until(() => started.includes('sweep'), 10_000)
    expect(started.filter((kind) => kind === 'compact' || kind === 'sweep')).toEqual([
      'compact',
      'sweep',
    ])
  })
})
