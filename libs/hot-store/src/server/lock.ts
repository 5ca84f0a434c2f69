import { randomUUID } from 'node:crypto'
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { RedisServerError } from './error.ts'

const LOCK_FILE = 'redis-server.lock'
const ATTEMPTS_MAX = 40
/** How long to wait for another that removes the lock; it takes a millisecond. */
const GUARD_WAIT_MS = 50
/** Who removes a lock for so long was killed at it. */
const GUARD_MS_MAX = 1000

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
    const holder = await readIfThere(path)
    if (await isAlive(Number(holder))) {
      throw new RedisServerError(
        'in-use',
        `a Redis server runs on ${dir} already (process ${holder})`,
      )
    }
    await removeStale(path, holder)
  }
  throw new RedisServerError('in-use', `another process is starting a Redis server on ${dir}`)
}

/** Creates the file with its content at one instant, so that nobody reads it empty and takes it for stale. */
async function createFile(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, text)
    await link(draft, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw new RedisServerError('failed', `cannot write to ${path}`, { cause: error })
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * Removes a stale lock, one process at a time: a lock that another has just put in its place must never be touched.
 *
 * Whoever finds another at it waits, and looks again at what is there.
 */
async function removeStale(path: string, holder: string): Promise<void> {
  const guard = `${path}.removing`
  if (!(await createFile(guard, ''))) {
    const since = await stat(guard).catch(() => undefined)
    await delay(GUARD_WAIT_MS)
    const isLeft = since !== undefined && Date.now() - since.mtimeMs > GUARD_MS_MAX
    if (isLeft) await rm(guard, { force: true })
    return
  }
  try {
    if ((await readIfThere(path)) === holder) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
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
