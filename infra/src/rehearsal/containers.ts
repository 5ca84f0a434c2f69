import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ImageConfig } from './build-image.ts'
import type { Stage } from './stage.ts'

const READY_MS_MAX = 60_000
const POLL_MS = 200
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface Container {
  /** Sends SIGTERM; resolves with the exit code and the milliseconds it took. */
  stop(): Promise<{ code: number | null; tookMs: number }>
}

/** How a command ended, with all it has printed. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs commands of an image as its user, without privileges, on its read-only tree. */
export class Containers {
  readonly #stage: Stage
  readonly #config: ImageConfig
  readonly #env: Readonly<Record<string, string>>

  constructor(stage: Stage, config: ImageConfig, env: Readonly<Record<string, string>>) {
    this.#stage = stage
    this.#config = config
    this.#env = { PATH, ...config.env, ...env }
  }

  start(command: readonly string[], env: Readonly<Record<string, string>> = {}): Container {
    const [program, args] = this.#invocation([...this.#config.entrypoint, ...command])
    const child = spawn(program, args, {
      env: { ...this.#env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    return { stop: () => stop(child) }
  }

  /** Runs a command to its end through the entry point. */
  async run(command: readonly string[]): Promise<Ended> {
    return await this.exec([...this.#config.entrypoint, ...command])
  }

  /** Runs any program of the image, as `docker exec` does. */
  async exec(
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const [program, args] = this.#invocation(command)
    const child = spawn(program, args, {
      env: { ...this.#env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = Promise.all([text(child.stdout), text(child.stderr)])
    await once(child, 'close')
    return { code: child.exitCode, output: (await output).join('') }
  }

  #invocation(command: readonly string[]): [string, string[]] {
    const [uid = '', gid = ''] = this.#config.user.split(':')
    const limits = ['--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all']
    const user = [`--reuid=${uid}`, `--regid=${gid}`, ...limits]
    return ['chroot', [this.#stage.root, 'setpriv', ...user, '--', ...command]]
  }
}

/** Waits until an address answers with success. @throws {Error} when it does not in time. */
export async function untilOk(url: string): Promise<void> {
  const deadlineMs = Date.now() + READY_MS_MAX
  for (;;) {
    const isOk = await fetch(url).then(
      (response) => response.ok,
      () => false,
    )
    if (isOk) return
    if (Date.now() > deadlineMs) throw new Error(`${url} was not ready within ${READY_MS_MAX} ms`)
    await sleep(POLL_MS)
  }
}

async function stop(child: ChildProcess): Promise<{ code: number | null; tookMs: number }> {
  const startedMs = performance.now()
  if (child.exitCode === null) {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
  }
  return { code: child.exitCode, tookMs: Math.round(performance.now() - startedMs) }
}
