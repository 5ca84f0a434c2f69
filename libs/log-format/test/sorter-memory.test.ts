import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** Together about 100 MB in memory. */
const ROWS = 500_000
const HEAP_MEBIBYTES = 56

describe('a sorter of half a million rows', () => {
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'poglog-sorter-'))
  })
  afterEach(async () => {
    await rm(dir, { recursive: true })
  })

  it('takes the memory it was given, and leaves no file', { timeout: 120_000 }, async () => {
    const worker = new Worker(new URL('sorter-worker.ts', import.meta.url), {
      workerData: { dir, rows: ROWS },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEBIBYTES },
    })
    const messages: unknown[] = await once(worker, 'message')
    await worker.terminate()
    expect(messages).toEqual([{ rows: ROWS, isSorted: true, spilled: true }])
    expect(await readdir(dir)).toEqual([])
  })
})
