import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { Problem } from './problem.ts'
import { ROOT } from './steps.ts'

/**
 * Builds the web page that the API serves; turbo does nothing when its sources are as they were at the last build.
 *
 * @throws {Problem} with the end of what the build said.
 */
export function buildPage(): void {
  const { status, error, stdout, stderr } = spawnSync(
    join(ROOT, 'node_modules/.bin/turbo'),
    ['run', 'build', '--no-color', '--output-logs=errors-only'],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } },
  )
  if (status === 0) return
  const said = error?.message ?? `${stdout}${stderr}`.trim()
  throw new Problem(`the web page could not be built:\n${said}`)
}
