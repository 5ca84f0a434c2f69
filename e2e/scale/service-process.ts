import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const ROOT = resolve(import.meta.dirname, '../..')
const READY_MS_MAX = 60_000
const POLL_MS = 100
const PAGE_BYTES = 4096
const MIB = 1024 * 1024

export interface ServiceProcessOptions {
  readonly service: 'ingest' | 'archiver'
  readonly name: string
  readonly healthPort: number
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
}

/** A service as a real process. It ends with this one. */
export class ServiceProcess {
  readonly name: string
  readonly #options: ServiceProcessOptions
  readonly #child: ChildProcess

  private constructor(options: ServiceProcessOptions, child: ChildProcess) {
    this.name = options.name
    this.#options = options
    this.#child = child
  }

  /** Starts it and waits until it answers. */
  static async start(options: ServiceProcessOptions): Promise<ServiceProcess> {
    const { service, name, healthPort, env, logFile } = options
    const node = [process.execPath, resolve(ROOT, `services/${service}/src/main.ts`)]
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...node], {
      env: {
        PATH: process.env['PATH'],
        REPLICA_ID: name,
        HEALTH_PORT: String(healthPort),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(logFile, { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    const started = new ServiceProcess(options, child)
    const endMs = performance.now() + READY_MS_MAX
    while ((await started.metrics()) === undefined) {
      if (performance.now() > endMs || child.exitCode !== null) {
        throw new Error(`${name} did not start: see ${logFile}`)
      }
      await sleep(POLL_MS)
    }
    return started
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** SIGTERM; resolves with the milliseconds it took to end. */
  async stop(): Promise<number> {
    const startMs = performance.now()
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await ended
    if (this.#child.exitCode !== 0) {
      throw new Error(`${this.name} ended with ${this.#child.exitCode}: ${this.#options.logFile}`)
    }
    return performance.now() - startMs
  }

  /** A metric's value by its name and labels, without the prefix; `undefined` while the process does not answer. */
  async metric(series: string): Promise<number | undefined> {
    return (await this.metrics())?.get(series)
  }

  /** All values by name and labels, without the prefix; `undefined` while the process does not answer. */
  async metrics(): Promise<ReadonlyMap<string, number> | undefined> {
    const { service, healthPort } = this.#options
    const url = `http://127.0.0.1:${healthPort}/metrics`
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok !== true) return undefined
    const values = new Map<string, number>()
    const prefix = `poglog_${service}_`
    for (const line of (await answer.text()).split('\n')) {
      if (!line.startsWith(prefix)) continue
      const at = line.lastIndexOf(' ')
      values.set(line.slice(prefix.length, at), Number(line.slice(at + 1)))
    }
    return values
  }

  /** Resident memory in MiB. */
  async memoryMib(): Promise<number> {
    const statm = await readFile(`/proc/${this.#child.pid}/statm`, 'utf8')
    return (Number(statm.split(' ')[1]) * PAGE_BYTES) / MIB
  }
}
