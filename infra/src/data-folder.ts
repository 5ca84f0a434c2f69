import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { z } from 'zod'
import { Problem } from './problem.ts'
import { isOurs, stopPid } from './pids.ts'

/** The layout of a data folder. A change that older versions cannot read raises it. */
const VERSION = 1

const markerSchema = z.object({
  version: z.number().int(),
  /** What the last start logged, so that a start without options goes on with it. */
  mode: z.enum(['demo', 'twitch', 'replay']).optional(),
})

const runSchema = z.object({
  pid: z.number().int(),
  children: z.record(z.string(), z.number().int()),
  api: z.string(),
  redisUrl: z.string(),
  objectStore: z.string(),
  /** The S3 settings it was started with, without credentials. */
  s3: z.record(z.string(), z.string()).default({}),
})

/** What a running poglog tells the other commands: where its parts are. */
export type RunState = z.infer<typeof runSchema>
export type Mode = NonNullable<z.infer<typeof markerSchema>['mode']>

/**
 * One folder with everything a local poglog keeps: `redis/`, `objects/`, `spool/`, `logs/`, the
 * marker `poglog.json` and, while it runs, `run.json`.
 */
export class DataFolder {
  readonly path: string

  constructor(path: string) {
    this.path = resolve(path)
  }

  inside(...parts: string[]): string {
    return join(this.path, ...parts)
  }

  /** What it logged last. @throws {Problem} when it is of a newer version or damaged. */
  async lastMode(): Promise<Mode | undefined> {
    return (await this.#readMarker()).mode
  }

  /**
   * Makes the folder this process's own: creates it, checks its version, and stops what a launcher
   * that was killed has left behind. Two starts at once cannot both get it.
   *
   * @throws {Problem} when it is of a newer version, in use, or not writable. Nothing was changed.
   */
  async claim(where: Pick<RunState, 'api' | 'redisUrl' | 'objectStore' | 's3'>): Promise<RunState> {
    try {
      for (const name of ['redis', 'objects', 'logs']) {
        await mkdir(this.inside(name), { recursive: true })
      }
      const marker = await this.#readMarker()
      await this.#takeOver()
      const run = { pid: process.pid, children: {}, ...where }
      await writeFile(this.inside('run.json'), JSON.stringify(run), { flag: 'wx' })
      await this.#write('poglog.json', { ...marker, version: VERSION })
      return run
    } catch (error) {
      throw describe(error, this.path)
    }
  }

  async rememberMode(mode: Mode): Promise<void> {
    await this.#write('poglog.json', { version: VERSION, mode })
  }

  async writeRun(run: RunState): Promise<void> {
    await this.#write('run.json', run)
  }

  async removeRun(): Promise<void> {
    await rm(this.inside('run.json'), { force: true })
  }

  /** The running poglog of this folder, `undefined` when none runs. */
  async running(): Promise<RunState | undefined> {
    const run = await this.#readRun()
    return run !== undefined && isAnother(run.pid) ? run : undefined
  }

  async #takeOver(): Promise<void> {
    const run = await this.#readRun()
    if (run === undefined) return
    if (isAnother(run.pid)) {
      throw new Problem(
        `poglog already runs on ${this.path} (pid ${run.pid}, ${run.api}): ` +
          'stop it first, or choose another folder with --data',
      )
    }
    await Promise.all(Object.values(run.children).filter(isOurs).map(stopPid))
    await this.removeRun()
  }

  async #readMarker(): Promise<z.infer<typeof markerSchema>> {
    const file = this.inside('poglog.json')
    if (!existsSync(file)) return { version: VERSION }
    const marker = markerSchema.safeParse(parseJson(await readFile(file, 'utf8')))
    if (!marker.success) {
      throw new Problem(`${file} is damaged: restore it, or write {"version":${VERSION}} into it`)
    }
    if (marker.data.version > VERSION) {
      throw new Problem(
        `${this.path} was written by a newer poglog (folder version ${marker.data.version}, ` +
          `this one knows ${VERSION}): update poglog, or choose another folder with --data`,
      )
    }
    return marker.data
  }

  async #readRun(): Promise<RunState | undefined> {
    const text = await readFile(this.inside('run.json'), 'utf8').catch(() => undefined)
    const run = runSchema.safeParse(text === undefined ? undefined : parseJson(text))
    return run.success ? run.data : undefined
  }

  async #write(name: string, value: unknown): Promise<void> {
    const file = this.inside(name)
    await writeFile(`${file}.new`, `${JSON.stringify(value, undefined, 2)}\n`)
    await rename(`${file}.new`, file)
  }
}

/** After a restart of a container a pid of the run before may be this process or the one that started it. */
function isAnother(pid: number): boolean {
  return pid !== process.pid && pid !== process.ppid && isOurs(pid)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space, or choose another folder with --data',
  EDQUOT: 'the disk quota is used up: free some space, or choose another folder with --data',
  EACCES: 'this user may not write there: change its owner, or choose another folder with --data',
  EROFS: 'the file system is read-only: choose another folder with --data',
  EEXIST:
    'it is a file, or another poglog is being started on it: choose another folder with --data',
  ENOTDIR: 'a part of the path is a file: choose another folder with --data',
}

/** Turns what the file system said into a sentence; other errors pass. */
export function describe(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof Problem) return error
  const code: unknown = Reflect.get(error, 'code')
  const reason = typeof code === 'string' ? REASONS[code] : undefined
  if (reason === undefined) return error
  return new Problem(`cannot write to ${path}: ${reason}`, { cause: error })
}
