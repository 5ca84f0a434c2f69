import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from './lock.ts'

/** No system gives it. */
const DEAD_PID = '999999999'

describe('the lock of a folder', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'poglog-lock-'))
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('lets one of many in that find a stale lock together', async () => {
    for (let round = 0; round < 20; round += 1) {
      await writeFile(join(dir, 'redis-server.lock'), DEAD_PID)
      const tried = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(dir)))
      expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await readdir(dir)).toEqual(['redis-server.lock'])
    }
  })

  it('is taken over although a process was killed while it took it over', async () => {
    await writeFile(join(dir, 'redis-server.lock'), DEAD_PID)
    await writeFile(join(dir, 'redis-server.lock.removing'), '')
    const lock = await lockFolder(dir)
    expect(await readdir(dir)).toEqual(['redis-server.lock'])
    await lock.release()
    expect(await readdir(dir)).toEqual([])
  })
})
