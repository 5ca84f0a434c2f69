import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { redisServerCommand, type RedisServerCommand, type RedisServerOptions } from './command.ts'
import { RedisServerError } from './error.ts'
import { hasCode, lockFolder } from './lock.ts'
import { ask } from './probe.ts'

/** A large append-only file takes its time to load: a gigabyte about ten seconds. */
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 10_000
const POLL_MS = 10
const LOG_TAIL_CHARACTERS = 600

export interface RedisServer {
  /** What `openHotStore` takes: `unix:///...`. */
  readonly url: string
  readonly socketPath: string
  readonly pid: number
  /** Set where the socket does not lie in the folder, because its path would be too long. */
  readonly notice: string | undefined
  /** Ends it gracefully and waits. */
  stop(): Promise<void>
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
}

/**
 * Starts a private Redis on a unix socket, with persistence, and waits until it has loaded its data and answers.
 * It gets a process group of its own, so that Ctrl-C in a terminal does not reach it before those who write to it;
 * it is told to end when this process exits without having stopped it.
 *
 * @throws {RedisServerError}
 */
export async function startRedisServer(options: RedisServerOptions): Promise<RedisServer> {
  const plan = redisServerCommand(options)
  const lock = await lockFolder(plan.dir)
  try {
    const child = await launch(plan, options.env)
    const endWithUs = (): boolean => child.kill('SIGTERM')
    process.once('exit', endWithUs)
    child.once('exit', () => process.removeListener('exit', endWithUs))
    await lock.hold(child.pid ?? 0)
    await untilReady(child, plan)
    const ended = async (signal: NodeJS.Signals): Promise<void> => {
      await end(child, signal)
      await lock.release()
    }
    return {
      url: plan.url,
      socketPath: plan.socketPath,
      pid: child.pid ?? 0,
      notice: plan.notice,
      stop: () => ended('SIGTERM'),
      kill: () => ended('SIGKILL'),
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function launch(
  { command, dir }: RedisServerCommand,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  // `env` sets them and becomes the server.
  const [program, ...args] = variables.length === 0 ? command : ['env', ...variables, ...command]
  const child = spawn(program ?? '', args, { cwd: dir, stdio: 'ignore', detached: true })
  try {
    await once(child, 'spawn')
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) {
      throw new RedisServerError(
        'missing',
        'there is no redis-server program: apt-get install redis-server',
        { cause },
      )
    }
    throw new RedisServerError('failed', 'redis-server cannot be started', { cause })
  }
  return child
}

async function untilReady(child: ChildProcess, plan: RedisServerCommand): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadlineMs) {
    if (hasEnded(child)) throw await failure('redis-server ended at its start', plan.dir)
    const answer = await ask({ path: plan.socketPath }, 'PING')
    // Any other answer will do: with a password it is -NOAUTH.
    if (answer !== undefined && !answer.startsWith('-LOADING')) return
    await sleep(POLL_MS)
  }
  await end(child, 'SIGKILL')
  throw await failure(`redis-server was not ready within ${START_TIMEOUT_MS} ms`, plan.dir)
}

async function failure(what: string, dir: string): Promise<RedisServerError> {
  const log = await readFile(join(dir, 'redis.log'), 'utf8').catch(() => '')
  return new RedisServerError('failed', `${what}\n${log.slice(-LOG_TAIL_CHARACTERS)}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  clearTimeout(timer)
}

const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null
