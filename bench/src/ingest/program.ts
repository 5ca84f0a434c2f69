import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'

/** Clock ticks of `/proc/<pid>/stat`: 100 a second on every Linux. */
const TICK_MS = 10
const ANSWER_MS_MAX = 60_000

export interface ProgramPlan {
  readonly path: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A program of Node in a process of its own, with a channel to it. It ends with us. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess

  constructor({ path, args = [], env = {} }: ProgramPlan) {
    this.#child = spawn(process.execPath, [path, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env,
    })
    const endWithUs = (): boolean => this.#child.kill()
    process.once('exit', endWithUs)
    this.#child.once('exit', () => process.removeListener('exit', endWithUs))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  send(message: object): void {
    this.#child.send(message)
  }

  /** The next thing it tells. @throws Error when it ends, or falls silent for a minute. */
  async told<Message>(schema: z.ZodType<Message>): Promise<Message> {
    const told = new AbortController()
    const signal = AbortSignal.any([AbortSignal.timeout(ANSWER_MS_MAX), told.signal])
    const ended = once(this.#child, 'exit', { signal }).then(() => {
      throw new Error('a program of the bench has ended')
    })
    const answered: Promise<readonly unknown[]> = once(this.#child, 'message', { signal })
    try {
      const [message] = await Promise.race([answered, ended])
      return schema.parse(message)
    } finally {
      told.abort() // Nobody listens on.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasEnded) return
    const exited = once(this.#child, 'exit')
    this.#child.kill()
    await exited
  }
}

/** Processor time a process has taken so far, all its threads together. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** The most memory a process has had since it started. */
export async function peakMibOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}
