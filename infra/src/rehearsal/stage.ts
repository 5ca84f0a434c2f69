import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Settings of the npm that runs this would be taken for those of the npm in the stage; where packages come from is kept. */
const NPM_SETTING = /^npm_(?!config_registry$)|^INIT_CWD$/

/**
 * One stage of an image, as this machine can have it without a container engine: what the stage has below it stays
 * untouched, and what it writes lies in a folder of its own, by an overlay.
 */
export class Stage {
  readonly name: string
  readonly #upper: string
  readonly #lowers: readonly string[]
  readonly root: string
  workdir = '/'

  /** @param below - the stage it is made from; without one, the file system of this machine. */
  constructor(name: string, dir: string, below?: Stage) {
    this.name = name
    this.#upper = join(dir, name, 'upper')
    this.root = join(dir, name, 'root')
    this.#lowers = below === undefined ? ['/'] : [below.#upper, ...below.#lowers]
    if (below !== undefined) this.workdir = below.workdir
    const work = join(dir, name, 'work')
    for (const folder of [this.#upper, this.root, work]) mkdirSync(folder, { recursive: true })
    const options = `lowerdir=${this.#lowers.join(':')},upperdir=${this.#upper},workdir=${work}`
    runHere('mount', ['-t', 'overlay', 'overlay', '-o', options, this.root])
    for (const [kind, at] of [
      ['--rbind', '/dev'],
      ['--rbind', '/proc'],
    ] as const) {
      runHere('mount', [kind, at, join(this.root, at)])
    }
  }

  /** Where a path of the stage lies on this machine. */
  inside(path: string): string {
    return join(this.root, path.startsWith('/') ? path : join(this.workdir, path))
  }

  /** Runs a command of the image. @throws {Error} when it fails. */
  run(command: string): void {
    const script = `cd ${this.workdir} && ${command}`
    runHere('chroot', [this.root, '/bin/sh', '-c', script], cleanEnv())
  }

  /** From here on nothing can be written but below the given folders, which belong to `owner`. */
  seal(writable: readonly string[], owner: string): void {
    for (const path of writable) {
      const at = this.inside(path)
      runHere('mount', ['-t', 'tmpfs', 'tmpfs', at])
      runHere('chown', [owner, at])
    }
    runHere('mount', ['-o', 'remount,ro', this.root])
  }
}

/** Runs a program to its end with its output shown. @throws {Error} when it fails. */
export function runHere(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): void {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  })
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${status}`, { cause: error })
  }
}

function cleanEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !NPM_SETTING.test(name))
  return { ...Object.fromEntries(kept), PATH, HOME: '/root' }
}
