import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const INSTALL = 'apt-get install -y --no-install-recommends ceph-mon ceph-osd radosgw'
const COMMAND_TIMEOUT_MS = 20_000
const POLL_MS = 50

const run = promisify(execFile)

/** A Ceph process that runs until it is told to end, or the process that started it has ended. */
export interface Daemon {
  readonly pid: number
  readonly process: ChildProcess
  readonly ended: Promise<void>
  readonly outputPath: string
}

/** Runs a Ceph tool to its end and gives what it printed. Throws with the line to install it with. */
export async function cephTool(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(program, args, { timeout: COMMAND_TIMEOUT_MS })
    return stdout
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new Error(`${program} is not installed: run ${INSTALL}`, { cause })
    }
    throw new Error(`${program} ${args.join(' ')} failed`, { cause })
  }
}

/**
 * Starts a Ceph daemon in the foreground. `setpriv --pdeathsig` (util-linux) has the kernel kill it
 * when this process ends in whatever way, SIGKILL included.
 */
export function startDaemon(program: string, args: readonly string[], outputPath: string): Daemon {
  const output = openSync(outputPath, 'w')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, '-f', ...args], {
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  child.unref() // A forgotten stop must not keep a test process alive.
  return { pid: child.pid ?? 0, process: child, ended, outputPath }
}

/** Waits until something is true, fails when the daemon ends before or the time is over. */
export async function waitFor(
  daemon: Daemon,
  timeoutMs: number,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs
  while (!(await isReady())) {
    if (hasEnded(daemon)) throw new Error(await lastWords(daemon))
    if (Date.now() > deadlineMs) throw new Error(`not ready in time: ${await lastWords(daemon)}`)
    await sleep(POLL_MS)
  }
}

/** Kills daemons at once and waits until they are gone. */
export async function killDaemons(daemons: readonly Daemon[]): Promise<void> {
  for (const { process } of daemons.filter((daemon) => !hasEnded(daemon))) {
    process.ref() // Its end is now waited for.
    process.kill('SIGKILL')
  }
  await Promise.all(daemons.map(async ({ ended }) => await ended))
}

function hasEnded({ process }: Daemon): boolean {
  return process.pid === undefined || process.exitCode !== null || process.signalCode !== null
}

async function lastWords({ process, outputPath }: Daemon): Promise<string> {
  const output = await readFile(outputPath, 'utf8')
  const program = process.spawnargs.slice(3).join(' ')
  const hint = process.exitCode === 127 ? `; run ${INSTALL}` : ''
  return `${program} (exit code ${process.exitCode}): ${output.slice(-2_000)}${hint}`
}
