import { readdir } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { createSorter } from '@poglog/log-format'

/** Sorts rows in 8 MiB; posts what came out. `workerData`: `{ dir, rows }`. */
const { dir, rows } = settings(workerData)
const result = await sortRows()
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker port, not a window
parentPort?.postMessage(result)

async function sortRows(): Promise<{ rows: number; isSorted: boolean; spilled: boolean }> {
  await using sorter = createSorter<{ id: number; text: string }>({
    workDir: dir,
    compare: (left, right) => left.id - right.id,
    sizeOf: () => 200,
    bytesMax: 8 * 1024 * 1024,
  })
  for (let at = 0; at < rows; at += 1000) {
    await sorter.add(
      Array.from({ length: 1000 }, (_, index) => {
        const id = ((at + index) * 7_368_787) % rows // A prime: every number once.
        return { id, text: `${id}`.padEnd(100, 'x') }
      }),
    )
  }
  const spilled = (await readdir(dir)).length > 0
  let expected = 0
  let isSorted = true
  for await (const batch of sorter.sorted()) {
    for (const { id } of batch) {
      isSorted &&= id === expected
      expected += 1
    }
  }
  return { rows: expected, isSorted, spilled }
}

function settings(data: unknown): { dir: string; rows: number } {
  if (typeof data === 'object' && data !== null && 'dir' in data && 'rows' in data) {
    const { dir: folder, rows: count } = data
    if (typeof folder === 'string' && typeof count === 'number') return { dir: folder, rows: count }
  }
  throw new Error('no worker data')
}
