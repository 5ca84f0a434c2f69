import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { openObjectStore } from '@poglog/object-store'
import { encodeSegment, readSegment, segmentKey, verifySegment } from '@poglog/log-format'
import { generateRecords, testIdentity } from '@poglog/log-format/testing'

/** Writes, verifies and reads a segment; posts how many records it read. `workerData`: `{ dir, records }`. */
const { dir, records } = settings(workerData)
const path = join(dir, 'body')
const generated = generateRecords({ channels: 5, recordsEach: records / 5, users: 20_000 })
const { body, summary } = await encodeSegment(generated, testIdentity(), { path })
const store = await openObjectStore({ url: `file://${join(dir, 'store')}` })
const key = segmentKey(testIdentity(), '01KAMB6Z5T8R9XQ3W7D2E4F6GH')
await store.put(key, body)
const source = { store, key, sizeBytes: summary.sizeBytes }
await verifySegment(source)
let read = 0
for await (const batch of readSegment(source, { fromMs: 0, toMs: Infinity, order: 'desc' })) {
  read += batch.length
}
await store.close()
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker port, not a window
parentPort?.postMessage(read)

function settings(data: unknown): { dir: string; records: number } {
  if (typeof data === 'object' && data !== null && 'dir' in data && 'records' in data) {
    const { dir: folder, records: count } = data
    if (typeof folder === 'string' && typeof count === 'number') {
      return { dir: folder, records: count }
    }
  }
  throw new Error('no worker data')
}
