import { spawnSync } from 'node:child_process'
import process from 'node:process'

/** The programs poglog starts itself, and the Debian packages they come in. */
const PACKAGES = {
  'redis-server': ['redis-server'],
  'ceph-mon': ['ceph-mon', 'ceph-osd', 'radosgw'],
  'ceph-osd': ['ceph-mon', 'ceph-osd', 'radosgw'],
  radosgw: ['ceph-mon', 'ceph-osd', 'radosgw'],
  'radosgw-admin': ['ceph-mon', 'ceph-osd', 'radosgw'],
  promtool: ['prometheus'],
  'chromium-headless-shell': ['chromium-headless-shell'],
} as const

export type Program = keyof typeof PACKAGES

/** What else helps where there is no apt-get. */
const ELSEWHERE: Partial<Record<Program, string>> = {
  'redis-server': '; macOS: brew install redis; or set REDIS_URL to a server you have',
  'chromium-headless-shell':
    '; elsewhere: install Chromium or Chrome and set CHROMIUM to the path of its program',
}

/** A program is missing and could not be installed; the message says how to install it by hand. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError'
}

/**
 * Sees to it that a program is on the PATH: installs its Debian package where this process is root
 * and apt-get is there.
 *
 * @throws {MissingProgramError} when it is missing and cannot be installed. Nothing was started.
 */
export function ensureProgram(program: Program): void {
  if (has(program)) return
  const packages = PACKAGES[program]
  const byHand =
    `install it and start again (Debian and Ubuntu: apt-get install ${packages.join(' ')}` +
    `${ELSEWHERE[program] ?? ''})`
  if (!has('apt-get') || process.getuid?.() !== 0) {
    throw new MissingProgramError(`${program} is not installed: ${byHand}`)
  }
  process.stderr.write(`poglog: installing ${packages.join(', ')} with apt-get ...\n`)
  const problem = aptInstall(packages)
  if (!has(program)) throw new MissingProgramError(`${program} is missing (${problem}): ${byHand}`)
}

function aptInstall(packages: readonly string[]): string {
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages]
  // A fresh image has no package lists yet.
  const first = apt(install)
  if (first.ok) return ''
  apt(['update', '-qq'])
  return apt(install).problem
}

function apt(args: readonly string[]): { ok: boolean; problem: string } {
  const { status, stderr } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lastLine = (stderr ?? '').trim().split('\n').at(-1) ?? ''
  return { ok: status === 0, problem: lastLine }
}

/** Whether a program is on the PATH. */
export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v "$0"`, program]).status === 0
}
