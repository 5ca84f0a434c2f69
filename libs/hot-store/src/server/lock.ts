import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RedisServerError } from './error.ts'

const LOCK_FILE = 'redis-server.lock'
const ATTEMPTS_MAX = 3

/** Two servers on one folder would both write its append-only file. Redis has no lock of its own. */
export interface FolderLock {
  /** Notes the server's process, which from now on holds the lock. */
  hold(pid: number): Promise<void>
  release(): Promise<void>
}

/** @throws {RedisServerError} `in-use` when the process named in the lock is alive. */
export async function lockFolder(dir: string): Promise<FolderLock> {
  const path = join(dir, LOCK_FILE)
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    if (await createFile(path, String(process.pid))) {
      return {
        hold: (pid) => writeFile(path, String(pid)),
        release: () => rm(path, { force: true }),
      }
    }
    const pid = Number(await readIfThere(path))
    if (await isAlive(pid)) {
      throw new RedisServerError('in-use', `a Redis server runs on ${dir} already (process ${pid})`)
    }
    await rm(path, { force: true })
  }
  throw new RedisServerError('in-use', `another process keeps starting a Redis server on ${dir}`)
}

async function createFile(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw new RedisServerError('failed', `cannot write to ${path}`, { cause: error })
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return '' // Released in between: the next attempt creates it.
  }
}

/** A process id may have been given to another program meanwhile: where /proc says so, the lock is stale. */
async function isAlive(pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
  if (pid === process.pid) return true
  const commandLine = await readIfThere(`/proc/${pid}/cmdline`)
  return commandLine === '' || /redis|valkey|node/.test(commandLine)
}

/** Whether a system call failed with this code. */
export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
