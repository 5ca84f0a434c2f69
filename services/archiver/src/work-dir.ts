import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const PREFIX = 'poglog-work'
/** No job takes this long: what is older was left behind, whichever machine it is of. */
const LEFTOVER_MS = 2 * 86_400_000
const NAME = new RegExp(`^${PREFIX}-([0-9a-z-]+)-(\\d+)-[0-9a-zA-Z]{6}$`)

/** A folder that is removed with all that is in it when it is disposed. */
export interface WorkDir extends AsyncDisposable {
  readonly path: string
}

/**
 * Makes a folder of this process alone for temporary files below `parent` (default: the system's
 * temporary folder), and removes those that killed processes left there.
 *
 * @throws the file system's error.
 */
export async function openWorkDir(parent: string = tmpdir()): Promise<WorkDir> {
  await mkdir(parent, { recursive: true })
  await removeLeftovers(parent)
  return await folderIn(parent, `${PREFIX}-${host()}-${process.pid}-`)
}

/** Makes a folder for one job in the process's own. */
export async function openJobDir(workDir: string): Promise<WorkDir> {
  await mkdir(workDir, { recursive: true })
  return await folderIn(workDir, 'job-')
}

async function folderIn(parent: string, prefix: string): Promise<WorkDir> {
  const path = await mkdtemp(join(parent, prefix))
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true })
    },
  }
}

async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const [, ofHost, pid] = NAME.exec(name) ?? []
    if (ofHost === undefined) continue
    const path = join(parent, name)
    const isDead = ofHost === host() && !isAlive(Number(pid))
    if (isDead || (await ageMs(path)) > LEFTOVER_MS)
      await rm(path, { recursive: true, force: true })
  }
}

/** Signal 0 asks without sending. A process of another user is alive too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** 0 for a folder that has just been removed by its owner. */
async function ageMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? 0 : Date.now() - found.mtimeMs
}

const host = (): string =>
  hostname()
    .toLowerCase()
    .replaceAll(/[^0-9a-z-]/g, '-')
