import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openObjectStore } from '@poglog/object-store'
import { startFaultProxy, startRadosgw } from '@poglog/object-store/testing'
import type { FaultProxy, Radosgw } from '@poglog/object-store/testing'

const BUCKET = 'poglog-bench'
const COPIES_AT_ONCE = 4
/** A month's fold is one object of hundreds of megabytes. */
const PUT_MS_MAX = 300_000

/** A real S3 server with the archive in it, behind a proxy that counts requests and can delay them. */
export interface ColdS3 {
  readonly proxy: FaultProxy
  /** The settings of a service that reads it through the proxy. */
  readonly env: Readonly<Record<string, string>>
}

/** Copies objects of a folder into an S3 server of this run's own. */
export async function startColdS3(
  { dir, keys }: { readonly dir: string; readonly keys: readonly string[] },
  resources: AsyncDisposableStack,
): Promise<ColdS3> {
  const s3Dir = await mkdtemp(join(tmpdir(), 'pb-'))
  resources.defer(() => rm(s3Dir, { recursive: true, force: true }))
  const s3 = await startRadosgw({ dir: s3Dir })
  resources.defer(() => s3.stop())
  await s3.createBucket(BUCKET)
  const proxy = await startFaultProxy({ target: s3.endpoint })
  resources.defer(() => proxy.stop())
  await copyAll({ dir, keys }, s3)
  return {
    proxy,
    env: {
      OBJECT_STORE: `s3://${BUCKET}`,
      S3_ENDPOINT: proxy.endpoint,
      S3_REGION: 'us-east-1',
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
  }
}

async function copyAll(
  { dir, keys }: { readonly dir: string; readonly keys: readonly string[] },
  { endpoint, accessKeyId, secretAccessKey }: Radosgw,
): Promise<void> {
  const credentials = { accessKeyId, secretAccessKey }
  const url = `s3://${BUCKET}`
  const to = await openObjectStore({ url, endpoint, credentials, timeoutMs: PUT_MS_MAX })
  const left = keys.values()
  const worker = async (): Promise<void> => {
    for (const key of left) {
      const path = join(dir, key)
      await to.put(key, { path, sizeBytes: (await stat(path)).size })
    }
  }
  await Promise.all(Array.from({ length: COPIES_AT_ONCE }, worker))
  await to.close()
}
