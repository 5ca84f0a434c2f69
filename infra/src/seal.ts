import { readJobConfig, sealNow, type SealProgress } from '@poglog/archiver'
import { ProgressLine } from './progress-line.ts'
import { whereItRuns } from './where-it-runs.ts'

/**
 * `poglog seal`: moves everything that is hot to the object store, and prints what was written.
 *
 * @throws {Problem} when no poglog runs on the folder and no REDIS_URL says where Redis is.
 */
export async function seal(options: { data: string }, env: NodeJS.ProcessEnv): Promise<void> {
  const settings = readJobConfig({ ...(await whereItRuns(options.data, env)), ...env })
  const line = new ProgressLine()
  const onProgress = (progress: SealProgress): void => line.show(() => describe(progress))
  const startedMs = performance.now()
  const done = await sealNow({ settings, onProgress }).finally(() => line.clear())
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`${describe(done)} in ${seconds} s`)
}

function describe({ shards, shardsDone, segments, records, bytes }: SealProgress): string {
  const kilobytes = Math.ceil(bytes / 1000).toLocaleString('en')
  return (
    `sealed ${records.toLocaleString('en')} records into ${segments} segments ` +
    `(${kilobytes} kB), ${shardsDone} of ${shards} shards`
  )
}
