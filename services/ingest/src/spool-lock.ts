import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SettingsError } from '@poglog/service-kit'
import { z } from 'zod'
import { every } from './every.ts'

const LOCK_FILE = 'ingest.lock'
const ATTEMPTS_MAX = 40
/** How long to wait for another that removes the lock; it takes a millisecond. */
const GUARD_WAIT_MS = 50
/** Who removes a lock for so long was killed at it. */
const GUARD_MS_MAX = 1000
const NS_PER_MS = 1_000_000n
const TOUCH_INTERVAL_MS = 1000
/** A holder that cannot be seen from here and has not touched the lock for so long is gone. */
const OBSERVE_MS = 5000

const holderSchema = z.object({
  host: z.string(),
  pid: z.number().int().positive(),
  /** When the process started, in ticks since the boot: a process id is given again, and is 1 in every container. */
  startTicks: z.string(),
  bootId: z.string(),
  /** Process ids mean the same within one namespace only. */
  pidNamespace: z.string(),
  lock: z.string(),
})

type Holder = z.output<typeof holderSchema>

export interface SpoolLockEvents {
  /** Another process took the lock over, because it took this one for dead: this one must end. */
  readonly spoolLockLost: () => void
  /** The lock was left by a holder that cannot be seen from here; it is watched for some seconds. */
  readonly spoolLockWatched: (path: string) => void
}

export interface SpoolLockOptions {
  readonly events: SpoolLockEvents
  /** Default 5 s. */
  readonly observeMs?: number
  /** Default 1 s. */
  readonly touchIntervalMs?: number
}

/**
 * Keeps a spool folder for this process: two on one folder would write into each other's files. The lock of a
 * process that was killed is taken over: at once where it ran beside this one, after five seconds without a sign
 * of life where it ran in another container, on another machine or before a reboot.
 *
 * @returns the lock; dispose it once nothing is written any more.
 * @throws {SettingsError} when another process has it.
 */
export async function lockSpool(dir: string, options: SpoolLockOptions): Promise<AsyncDisposable> {
  await mkdir(dir, { recursive: true })
  const path = join(dir, LOCK_FILE)
  const text = JSON.stringify(await thisProcess())
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    if (await createFile(path, text)) return keep(path, text, options)
    const found = await readIfThere(path)
    if (found === undefined) continue
    if (await isHeld(path, found, options)) throw inUse(dir, parseHolder(found))
    await removeStale(path, found)
  }
  throw inUse(dir, undefined)
}

function inUse(dir: string, holder: Holder | undefined): SettingsError {
  const who = holder === undefined ? '' : ` (process ${holder.pid} on ${holder.host})`
  const advice = 'stop it, or give this one a folder of its own'
  const problem = `${dir} is used by another ingest process${who}: ${advice}`
  return new SettingsError([{ name: 'SPOOL_DIR', problem }])
}

function keep(path: string, text: string, options: SpoolLockOptions): AsyncDisposable {
  const { events, touchIntervalMs = TOUCH_INTERVAL_MS } = options
  let isLost = false
  const touching = every(touchIntervalMs, async () => {
    if (isLost) return
    const found = await readIfThere(path).catch(() => text) // A disk in trouble is told by the spool.
    if (found === text) await utimes(path, new Date(), new Date()).catch(() => undefined)
    else {
      isLost = true
      events.spoolLockLost()
    }
  })
  return {
    async [Symbol.asyncDispose]() {
      touching[Symbol.dispose]()
      if ((await readIfThere(path).catch(() => undefined)) === text) await rm(path, { force: true })
    },
  }
}

async function isHeld(path: string, found: string, options: SpoolLockOptions): Promise<boolean> {
  const holder = parseHolder(found)
  const me = await thisProcess()
  if (holder?.bootId === me.bootId && holder.pidNamespace === me.pidNamespace) {
    return (await startTicksOf(holder.pid)) === holder.startTicks && isAlive(holder.pid)
  }
  options.events.spoolLockWatched(path)
  const before = await lastTouchOf(path)
  await delay(options.observeMs ?? OBSERVE_MS)
  const isReplaced = (await readIfThere(path)) !== found
  return !isReplaced && (await lastTouchOf(path)) !== before
}

async function lastTouchOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).mtimeNs
  } catch {
    return undefined // Released in between.
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function thisProcess(): Promise<Holder> {
  return {
    host: hostname(),
    pid: process.pid,
    startTicks: await startTicksOf(process.pid),
    bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim(),
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    lock: randomUUID(),
  }
}

/** `''` where there is no such process, or no /proc. */
async function startTicksOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The program's name, in brackets, may hold spaces and brackets: field 22 is the 20th behind it.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
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
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * Removes a stale lock, one process at a time: a lock that another has just put in its place must never be touched.
 *
 * Whoever finds another at it waits, and looks again at what is there.
 */
async function removeStale(path: string, found: string): Promise<void> {
  const guard = `${path}.removing`
  if (!(await createFile(guard, ''))) {
    const since = await lastTouchOf(guard)
    await delay(GUARD_WAIT_MS)
    const isLeft = since !== undefined && Date.now() - Number(since / NS_PER_MS) > GUARD_MS_MAX
    if (isLeft) await rm(guard, { force: true })
    return
  }
  try {
    if ((await readIfThere(path)) === found) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
