import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { has, MissingProgramError } from './install.ts'
import { ROOT } from './steps.ts'

const CACHE = join(ROOT, 'node_modules/.cache/poglog')
const CACHED = join(CACHE, 'kustomize')
/** The first release of Debian that has it; its package needs nothing of that release. */
const SUITE = 'trixie'
/** Of the package debian-archive-keyring, which every Debian has. */
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg'
const BY_HAND = 'install kustomize 5 and start again'

/**
 * Finds kustomize, or unpacks Debian's package of it below node_modules: earlier releases have none. Nothing else on
 * the machine changes.
 *
 * @returns the command that runs it.
 * @throws {MissingProgramError} when it is missing and cannot be had from Debian.
 */
export function ensureKustomize(): string {
  if (has('kustomize')) return 'kustomize'
  if (existsSync(CACHED)) return CACHED
  if (!has('apt-get')) throw new MissingProgramError(`kustomize is not installed: ${BY_HAND}`)
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'unpacking-'))
  try {
    unpack(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
  return CACHED
}

function unpack(folder: string): void {
  process.stderr.write(`poglog: unpacking kustomize of Debian ${SUITE} ...\n`)
  for (const name of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  writeFileSync(
    join(folder, 'sources.list'),
    `deb [signed-by=${KEYS}] ${debianSite()} ${SUITE} main\n`,
  )
  apt(folder, ['update'])
  apt(folder, ['download', 'kustomize'])
  run('sh', ['-c', 'dpkg-deb -x kustomize_*.deb unpacked'], folder)
  renameSync(join(folder, 'unpacked/usr/bin/kustomize'), CACHED)
}

/** Where this machine gets Debian's packages from. */
function debianSite(): string {
  const site = findSite()
  if (site !== undefined) return site
  // A fresh image has no package lists yet, and does not know whose its sources are.
  run('apt-get', ['-qq', 'update'], CACHE)
  const found = findSite()
  if (found !== undefined) return found
  throw new MissingProgramError(`this machine has no packages of Debian: ${BY_HAND}`)
}

function findSite(): string | undefined {
  const targets = run('apt-get', ['indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(SITE)'], CACHE)
  const prefix = 'Debian|Debian|'
  return targets
    .split('\n')
    .find((line) => line.startsWith(prefix))
    ?.slice(prefix.length)
}

/** Runs apt-get with lists and sources of its own. */
function apt(folder: string, command: readonly string[]): void {
  const options = [
    `Dir::Etc::SourceList=${folder}/sources.list`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}`,
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ]
  run('apt-get', [...options.flatMap((option) => ['-o', option]), '-qq', ...command], folder)
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status === 0) return stdout
  throw new MissingProgramError(`kustomize is missing (${stderr.trim()}): ${BY_HAND}`)
}
