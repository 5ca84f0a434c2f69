import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const RECORDS = 200_000
/** All the records together would take more. */
const HEAP_MEBIBYTES = 72
/** With the buffers outside of the heap and what V8 has not given back yet. */
const GROWTH_BYTES_MAX = 300_000_000

describe('a segment of two hundred thousand records', () => {
  let dir = ''
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'poglog-memory-'))
  })
  afterAll(async () => {
    await rm(dir, { recursive: true })
  })

  it('is written, verified and read in bounded memory', { timeout: 240_000 }, async () => {
    const before = process.memoryUsage().rss
    let most = before
    const sampling = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss)
    }, 20)
    const worker = new Worker(new URL('memory-worker.ts', import.meta.url), {
      workerData: { dir, records: RECORDS },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
    })
    const messages: unknown[] = await once(worker, 'message')
    clearInterval(sampling)
    await worker.terminate()
    expect(messages).toEqual([RECORDS])
    expect(most - before).toBeLessThan(GROWTH_BYTES_MAX)
  })
})
