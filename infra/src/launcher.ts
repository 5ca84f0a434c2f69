import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataFolder, RunState } from './data-folder.ts'
import { Problem } from './problem.ts'
import { ROOT } from './steps.ts'
import { Supervised, type ProcessSpec } from './supervised.ts'

const HEALTHY_MS_MAX = 90_000
const HEALTH_POLL_MS = 50
/** Ingest hands its buffer over first, then the rest; together under the ten seconds of Ctrl-C. */
const STOP_GRACE_MS = { sources: 1000, ingest: 4000, services: 3000, redis: 2000 } as const

export type Tier = keyof typeof STOP_GRACE_MS

/** What to start: a TypeScript entry of this repository, or any program. */
export interface PartSpec extends Pick<
  ProcessSpec,
  'name' | 'env' | 'folder' | 'onLine' | 'exitCodeUsage'
> {
  readonly tier: Tier
  readonly command: readonly [string, ...string[]]
  /** Whether the part works now; that it throws means no. */
  readonly isHealthy?: () => Promise<boolean>
}

/** The command that runs a TypeScript file of this repository with the Node that runs this. */
export function nodeCommand(script: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, join(ROOT, script), ...args]
}

/** Starts parts in order, waits for each to be healthy, and stops them sources first. */
export class Launcher {
  readonly #folder: DataFolder
  readonly #run: RunState
  readonly #parts: { readonly tier: Tier; readonly part: Supervised }[] = []
  readonly #stopped = new AbortController()
  #noted: Promise<void> = Promise.resolve()

  constructor(folder: DataFolder, run: RunState) {
    this.#folder = folder
    this.#run = run
  }

  /** Rejects with a {@link Problem} when a part refuses its settings at any time. */
  get failed(): Promise<never> {
    return Promise.race(this.#parts.map(({ part }) => part.failed))
  }

  /** Aborted when the stop begins. */
  get signal(): AbortSignal {
    return this.#stopped.signal
  }

  list(): readonly { name: string; pid: number | undefined; logFile: string }[] {
    return this.#parts.map(({ part }) => ({
      name: part.spec.name,
      pid: part.pid,
      logFile: part.spec.logFile,
    }))
  }

  /**
   * Starts a part and waits until it is healthy.
   *
   * @throws {Problem} when it is not healthy in 90 seconds or refuses its settings.
   */
  async start({ tier, isHealthy, ...spec }: PartSpec): Promise<void> {
    this.signal.throwIfAborted()
    const part = new Supervised({
      ...spec,
      logFile: this.#folder.inside('logs', `${spec.name}.log`),
      onStart: (pid) => this.#noteChild(spec.name, pid),
      onWarning: (message) => process.stderr.write(`poglog: ${spec.name} ${message}\n`),
    })
    this.#parts.push({ tier, part })
    part.start()
    if (isHealthy === undefined) return
    await Promise.race([waitUntilHealthy(part, isHealthy, this.signal), part.failed])
  }

  /** Stops everything, ingest before what it writes to; takes under ten seconds. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Problem('stopped'))
    for (const tier of ['sources', 'ingest', 'services', 'redis'] as const) {
      const parts = this.#parts.filter((entry) => entry.tier === tier)
      await Promise.all(parts.map(({ part }) => part.stop(STOP_GRACE_MS[tier])))
    }
    await this.#noted
    await this.#folder.removeRun()
  }

  #noteChild(name: string, pid: number): void {
    this.#run.children[name] = pid
    // One after the other: each write replaces the file.
    this.#noted = this.#noted
      .then(() => this.#folder.writeRun(this.#run))
      .catch((error: unknown) => {
        process.stderr.write(`poglog: cannot write run.json: ${String(error)}\n`)
      })
  }
}

async function waitUntilHealthy(
  part: Supervised,
  isHealthy: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = Date.now() + HEALTHY_MS_MAX
  while (Date.now() < deadlineMs) {
    signal.throwIfAborted()
    if (await isHealthy().catch(() => false)) return
    await sleep(HEALTH_POLL_MS)
  }
  throw new Problem(
    `${part.spec.name} did not become healthy in ${HEALTHY_MS_MAX / 1000} s; the end of ` +
      `${part.spec.logFile}:\n${await part.logTail()}`,
  )
}
