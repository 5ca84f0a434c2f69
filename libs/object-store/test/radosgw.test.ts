import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openObjectStore } from '../src/index.ts'
import { startRadosgw } from '../src/testing.ts'

const OBJECTS = 40

it('keeps every stored object over a SIGKILL of the whole server', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'rgw-'))
  const rgw = await startRadosgw({ dir, store: 'bluestore' })
  try {
    await rgw.createBucket('logs')
    const store = await openObjectStore({
      url: 's3://logs',
      endpoint: rgw.endpoint,
      credentials: rgw,
      attempts: 2,
    })
    const keys = Array.from({ length: OBJECTS }, (_, index) => `object-${100 + index}`)
    await Promise.all(keys.map(async (key) => await store.put(key, Buffer.from(key.repeat(500)))))
    await rgw.kill()
    await expect(store.get('object-100')).rejects.toMatchObject({ kind: 'unavailable' })
    await rgw.resume()
    const found: string[] = []
    for await (const { key } of store.list('')) found.push(key)
    expect(found).toEqual(keys)
    for (const key of keys) {
      expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe(key.repeat(500))
    }
    await store.close()
  } finally {
    await rgw.stop()
    await rm(dir, { recursive: true })
  }
})
