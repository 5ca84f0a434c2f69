import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join, resolve } from 'node:path'
import type { World } from './world/world.ts'

const SCRIPT = 'e2e/chaos/job-child.ts'

/** `fold` compacts, too. Both take the days that have not ended, and the month, as far as they are sealed. */
export type Job = 'seal' | 'compact' | 'fold'

/** Does a job of the archiver in a process of its own, which is killed when it takes longer. Tells whether it was done. */
export async function runJob(job: Job, killAfterMs: number, world: World): Promise<boolean> {
  const { folder, history } = world.options
  // In the version of an archiver, as it would do it.
  const root = world.archivers[0]?.root ?? ''
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, [resolve(root, SCRIPT), job], {
    env: { PATH, NODE_COMPILE_CACHE, ...world.jobEnv },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(join(folder, 'logs', 'jobs.log'), { flags: 'a' })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  log.write(`--- ${job}\n`)
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  await once(child, 'close')
  const { exitCode: code } = child
  clearTimeout(timer)
  const end = code === 0 ? 'done' : code === null ? 'killed' : 'failed'
  history.heard(`job: ${job} ${end}`)
  log.write(`--- ${job} ${end}\n`)
  log.end()
  return code === 0
}
