import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openObjectStore } from '../src/index.ts'
import { objectStoreConformance, startRadosgw, type Radosgw } from '../src/testing.ts'

let dir = ''
let rgw: Radosgw
let stores = 0
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rgw-'))
  rgw = await startRadosgw({ dir })
  await rgw.createBucket('logs')
})
afterAll(async () => {
  await rgw.stop()
  await rm(dir, { recursive: true })
})

objectStoreConformance('S3', async () => {
  stores += 1
  return await openObjectStore({
    url: `s3://logs/store-${stores}`,
    endpoint: rgw.endpoint,
    credentials: rgw,
  })
})
