import { DataFolder } from './data-folder.ts'
import { Problem } from './problem.ts'

/** What stands in the place of a password in `run.json`. */
const REDACTED = '***'

/**
 * The settings REDIS_URL and OBJECT_STORE (and those of S3) of the poglog that runs on a data folder; none where the
 * environment has both.
 *
 * @throws {Problem} when no poglog runs on the folder and the environment does not say where Redis is.
 */
export async function whereItRuns(
  data: string,
  env: NodeJS.ProcessEnv,
): Promise<Record<string, string>> {
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
