import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT_CONFIG, Problem } from './problem.ts'

const RESTART_MS_MIN = 250
const RESTART_MS_MAX = 10_000
/** A process that has run this long starts with a short delay again. */
const HEALTHY_MS = 30_000
const LOG_BYTES_MAX = 50_000_000
const LOG_TAIL_BYTES = 4000

export interface ProcessSpec {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  readonly logFile: string
  /** Made before each start where it is not there: somebody may have deleted the data of a lost Redis. */
  readonly folder?: string
  /** A further exit code, beside that of wrong settings, after which starting again cannot help. */
  readonly exitCodeUsage?: number
  /** Called with each line of its standard output, which is logged as well. */
  readonly onLine?: (line: string) => void
  /** Called with what the user should know although the process goes on. */
  readonly onWarning?: (message: string) => void
  /** Called with the new pid at each start. */
  readonly onStart?: (pid: number) => void
}

/**
 * A child process that is started again whenever it ends, with a growing delay, until it is told to
 * stop. It has a process group of its own, so that Ctrl-C reaches the launcher alone and the order
 * of stopping is the launcher's.
 */
export class Supervised {
  readonly spec: ProcessSpec
  /** Rejects with a {@link Problem} when the process ends with wrong settings. */
  readonly failed: Promise<never>
  readonly #fail: (problem: Problem) => void
  #child: ChildProcess | undefined
  #log: WriteStream | undefined
  readonly #stopping = new AbortController()
  #restarts = 0
  #ended: Promise<void> = Promise.resolve()

  constructor(spec: ProcessSpec) {
    this.spec = spec
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => undefined)
    this.failed = promise
    this.#fail = reject
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  get restarts(): number {
    return this.#restarts
  }

  start(): void {
    rotate(this.spec.logFile)
    this.#log = createWriteStream(this.spec.logFile, { flags: 'a' })
    // A log that cannot be written (a full disk) must not stop the logging of chat.
    this.#log.on('error', (error) =>
      this.spec.onWarning?.(`cannot write its log: ${error.message}`),
    )
    this.#ended = this.#supervise()
  }

  /** Asks the process to end, and kills it after `graceMs`. Resolves when it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort()
    this.#child?.kill('SIGTERM')
    const kill = setTimeout(() => this.#child?.kill('SIGKILL'), graceMs)
    await this.#ended
    clearTimeout(kill)
    this.#log?.end()
  }

  async #supervise(): Promise<void> {
    let delayMs = RESTART_MS_MIN
    for (;;) {
      const startedMs = Date.now()
      const code = await this.#runOnce()
      if (this.#stopping.signal.aborted) return
      if (code === EXIT_CONFIG)
        return this.#fail(new Problem(await this.logTail(), { exitCode: code }))
      if (code === this.spec.exitCodeUsage) return this.#fail(new Problem(await this.logTail()))
      delayMs = Date.now() - startedMs > HEALTHY_MS ? RESTART_MS_MIN : delayMs
      this.#log?.write(`--- ${this.spec.name} ended (${code}); starting again in ${delayMs} ms\n`)
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
      if (this.#stopping.signal.aborted) return
      delayMs = Math.min(delayMs * 2, RESTART_MS_MAX)
      this.#restarts += 1
    }
  }

  /** Resolves with the exit code, or the signal's name. */
  async #runOnce(): Promise<number | string> {
    const [file, ...args] = this.spec.command
    this.#makeFolder()
    const child = spawn(file, args, {
      env: { ...process.env, ...this.spec.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child = child
    const { promise, resolve } = Promise.withResolvers<number | string>()
    child.once('error', (error) => {
      this.#log?.write(`--- ${this.spec.name}: ${error.message}\n`)
      resolve('not started')
    })
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'ended'))
    this.#follow(child)
    if (child.pid !== undefined) this.spec.onStart?.(child.pid)
    const code = await promise
    this.#child = undefined
    return code
  }

  #makeFolder(): void {
    const { folder, onWarning } = this.spec
    if (folder === undefined) return
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
    } catch (error) {
      onWarning?.(`cannot make its folder ${folder}: ${String(error)}`)
    }
  }

  #follow(child: ChildProcess): void {
    child.stderr?.on('data', (chunk: Buffer) => this.#log?.write(chunk))
    if (child.stdout === null) return
    const { onLine } = this.spec
    child.stdout.on('data', (chunk: Buffer) => this.#log?.write(chunk))
    if (onLine !== undefined) createInterface({ input: child.stdout }).on('line', onLine)
  }

  /** The end of its log, for a message that has to say why it does not start. */
  async logTail(): Promise<string> {
    await using file = await open(this.spec.logFile, 'r')
    const { size } = await file.stat()
    const length = Math.min(size, LOG_TAIL_BYTES)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8').split('\n').slice(-15).join('\n').trim()
  }
}

/** Keeps one older log; a log of a long run does not fill the disk at the next start. */
function rotate(logFile: string): void {
  const stats = statSync(logFile, { throwIfNoEntry: false })
  if (stats !== undefined && stats.size > LOG_BYTES_MAX) renameSync(logFile, `${logFile}.1`)
}
