import process from 'node:process'
import { readJobConfig, sealNow, type SealProgress } from '@poglog/archiver'
import { DataFolder } from './data-folder.ts'
import { Problem } from './problem.ts'

/** What stands in the place of a password in `run.json`. */
const REDACTED = '***'

/**
 * `poglog seal`: moves everything that is hot to the object store, and prints what was written.
 *
 * @throws {Problem} when no poglog runs on the folder and no REDIS_URL says where Redis is.
 */
export async function seal(options: { data: string }, env: NodeJS.ProcessEnv): Promise<void> {
  const settings = readJobConfig({ ...(await whereItRuns(options.data, env)), ...env })
  const isTty = process.stdout.isTTY
  const onProgress = (progress: SealProgress): void => {
    if (isTty) process.stdout.write(`\r${describe(progress)}   `)
  }
  const startedMs = performance.now()
  const done = await sealNow({ settings, onProgress })
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(`${isTty ? '\r' : ''}${describe(done)} in ${seconds} s`)
}

async function whereItRuns(data: string, env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  if (env['REDIS_URL'] !== undefined && env['OBJECT_STORE'] !== undefined) return {}
  const folder = new DataFolder(data)
  const run = await folder.running()
  if (run === undefined) {
    throw new Problem(
      `no poglog runs on ${folder.path}: start it (npm start -- --data ${data}), or set REDIS_URL ` +
        'and OBJECT_STORE to those of a poglog elsewhere',
    )
  }
  const where = { REDIS_URL: run.redisUrl, OBJECT_STORE: run.objectStore }
  for (const [name, url] of Object.entries(where)) {
    if (env[name] === undefined && url.includes(REDACTED)) {
      throw new Problem(`this poglog was started with a password in ${name}: set ${name} here too`)
    }
  }
  return { ...where, ...run.s3 }
}

function describe({ shards, shardsDone, segments, records, bytes }: SealProgress): string {
  const kilobytes = Math.ceil(bytes / 1000).toLocaleString('en')
  return (
    `sealed ${records.toLocaleString('en')} records into ${segments} segments ` +
    `(${kilobytes} kB), ${shardsDone} of ${shards} shards`
  )
}
