import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { openObjectStore, type ObjectStore, type ObjectStoreSettings } from '../src/index.ts'
import {
  objectStoreConformance,
  startFaultProxy,
  startRadosgw,
  type FaultProxy,
  type Radosgw,
} from '../src/testing.ts'
import { s3Faults } from './s3-faults.ts'
import { s3Limits } from './s3-limits.ts'
import { s3Parts } from './s3-parts.ts'

// One server for all tests of this package that need one: it takes 3 s to start.
let dir = ''
let rgw: Radosgw
let proxy: FaultProxy
let stores = 0

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rgw-'))
  rgw = await startRadosgw({ dir })
  await rgw.createBucket('logs')
  proxy = await startFaultProxy({ target: rgw.endpoint })
})
afterAll(async () => {
  await proxy.stop()
  await rgw.stop()
  await rm(dir, { recursive: true })
})
beforeEach(() => {
  proxy.heal()
  proxy.setLatency(0)
})

/** An empty store behind the proxy. */
async function open(settings: Partial<ObjectStoreSettings> = {}): Promise<ObjectStore> {
  stores += 1
  const url = `s3://logs/store-${stores}`
  const store = await openObjectStore({
    url,
    endpoint: proxy.endpoint,
    credentials: rgw,
    ...settings,
  })
  proxy.resetCounts()
  return store
}

/** How many uploads in parts are neither complete nor given up. */
async function uploads(): Promise<number> {
  const client = new S3Client({
    endpoint: rgw.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: rgw,
  })
  const answer = await client.send(new ListMultipartUploadsCommand({ Bucket: 'logs' }))
  client.destroy()
  return answer.Uploads?.length ?? 0
}

// Parts of 256 KiB: what the suite puts goes both ways, whole and in parts.
objectStoreConformance('S3', async () => {
  return await open({ endpoint: rgw.endpoint, partBytes: 256 * 1024 })
})
s3Faults({ proxy: () => proxy, open })
s3Limits({ proxy: () => proxy, open })
s3Parts({ proxy: () => proxy, open, uploads })
