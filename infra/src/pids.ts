import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const STOP_MS_MAX = 8000

/**
 * Whether a pid is alive and, where /proc tells, a process that poglog has started: pids are used
 * again after a restart of the machine.
 */
export function isOurs(pid: number): boolean {
  if (!isAlive(pid)) return false
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return /redis-server|\/src\/(cli|main)\.ts/.test(command)
  } catch {
    return true
  }
}

/** Stops a process: SIGTERM, and SIGKILL when it has not ended after eight seconds. */
export async function stopPid(pid: number): Promise<void> {
  signal(pid, 'SIGTERM')
  const deadlineMs = Date.now() + STOP_MS_MAX
  while (isAlive(pid) && Date.now() < deadlineMs) await sleep(50)
  if (isAlive(pid)) signal(pid, 'SIGKILL')
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}

function isAlive(pid: number): boolean {
  return signal(pid, 0)
}
