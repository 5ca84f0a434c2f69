import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

/** Where this version of poglog is. */
export const ROOT = resolve(import.meta.dirname, '../../..')
/** As long as Kubernetes takes about to start a container again. */
const RESTART_MS = 1000
const PROBE_MS_MAX = 2000
const STOP_MS_MAX = 15_000
const HEAP_MIB = 256

const logLine = z.looseObject({ msg: z.string() })
type LogLine = z.infer<typeof logLine>

export interface PartSpec {
  readonly name: string
  /** The version that it starts with: a folder like {@link ROOT}. */
  readonly root: string
  /** From the root. */
  readonly script: string
  readonly env: Readonly<Record<string, string>>
  /** Where `/healthz`, `/readyz` and `/metrics` are. */
  readonly url: string
  readonly logFile: string
  readonly onLog: (line: LogLine) => void
  /** It ended though nobody had ended it, after it had been up. */
  readonly onCrash: (end: string) => void
}

/** A real process that is started again a second after it has ended, whoever ended it. */
export class Part {
  readonly spec: PartSpec
  #root: string
  #child: ChildProcess | undefined
  #isStopping = false
  #isKilled = false
  #wasUp = false
  #ended: Promise<void> = Promise.resolve()

  constructor(spec: PartSpec) {
    this.spec = spec
    this.#root = spec.root
  }

  get name(): string {
    return this.spec.name
  }

  /** The version that runs. */
  get root(): string {
    return this.#root
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    this.#ended = this.#supervise()
  }

  /** SIGKILL; it is started again. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM, and waits until it has ended; it is started again. */
  async terminate(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** SIGTERM, and starts another version of it in its place. */
  async replace(root: string): Promise<void> {
    this.#root = root
    await this.terminate()
  }

  /** SIGSTOP for a while: it does not know that time passes. */
  async freeze(durationMs: number, signal: AbortSignal): Promise<void> {
    const child = this.#child
    child?.kill('SIGSTOP')
    await sleep(durationMs, undefined, { signal }).catch(() => undefined)
    child?.kill('SIGCONT')
  }

  async isReady(): Promise<boolean> {
    const answer = await this.#get('/readyz')
    return answer?.ok === true
  }

  /** The sum of a metric over its series that have these labels; `undefined` while it does not answer. */
  async metrics(): Promise<string | undefined> {
    const answer = await this.#get('/metrics')
    return answer?.ok === true ? await answer.text().catch(() => undefined) : undefined
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#child?.kill('SIGCONT')
    this.#child?.kill('SIGTERM')
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS_MAX)
    await this.#ended
    clearTimeout(timer)
  }

  async #get(path: string): Promise<Response | undefined> {
    const signal = AbortSignal.timeout(PROBE_MS_MAX)
    return await fetch(`${this.spec.url}${path}`, { signal }).catch(() => undefined)
  }

  async #end(name: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.#isKilled = true
    const exited = once(child, 'exit')
    child.kill(name)
    await exited
  }

  async #supervise(): Promise<void> {
    const { logFile, onCrash } = this.spec
    const log = createWriteStream(logFile, { flags: 'a' })
    while (!this.#isStopping) {
      this.#isKilled = false
      this.#wasUp = false
      const child = this.#launch()
      child.stdout?.on('data', (chunk: Buffer) => log.write(chunk))
      child.stderr?.on('data', (chunk: Buffer) => log.write(chunk))
      await once(child, 'close')
      const end = String(child.exitCode ?? child.signalCode)
      this.#child = undefined
      log.write(`--- ended: ${end}\n`)
      const isOwn = this.#isKilled || this.#isStopping
      if (!isOwn && this.#wasUp) onCrash(end)
      if (!this.#isStopping) await sleep(RESTART_MS)
    }
    log.end()
  }

  /** It ends with this process, also when that is killed. */
  #launch(): ChildProcess {
    const { script, env, onLog } = this.spec
    const node = [process.execPath, `--max-old-space-size=${HEAP_MIB}`, resolve(this.#root, script)]
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...node], {
      env: { PATH, NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = parseLine(text)
      if (line === undefined) return
      if (line.msg.endsWith(' started')) this.#wasUp = true
      onLog(line)
    })
    return child
  }
}

function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined
  return logLine.safeParse(JSON.parse(text)).data
}
