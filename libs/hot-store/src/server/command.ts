import { createHash } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { RedisServerError } from './error.ts'

/** `sun_path` has 108 bytes with its closing zero. @see https://man7.org/linux/man-pages/man7/unix.7.html */
const SOCKET_PATH_BYTES_MAX = 107

export interface RedisServerOptions {
  /** Where it keeps its data, log and socket. Created when absent; the same folder continues. */
  readonly dir: string
  /** A TCP port on 127.0.0.1; 0, the default, for none. */
  readonly port?: number | undefined
  /** Default `always`: an acknowledged append survives a crash of the machine. */
  readonly appendfsync?: 'always' | 'everysec' | undefined
  /** Further settings of redis.conf, for example `{ maxmemory: '64mb' }`. */
  readonly config?: Readonly<Record<string, string>> | undefined
  /** Further variables of its environment; `startRedisServer` only. */
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** How to start a Redis server, and where it will be. */
export interface RedisServerCommand {
  /** The program and its arguments. */
  readonly command: readonly [program: string, ...args: string[]]
  /** What `openHotStore` takes: `unix:///...`. The same for the same folder. */
  readonly url: string
  readonly socketPath: string
  readonly dir: string
  /** Set where the socket does not lie in the folder, because its path would be too long. */
  readonly notice: string | undefined
}

/**
 * Builds the command line of a private Redis on a unix socket, with persistence, and creates its folder. For
 * launchers that keep their processes themselves; others use `startRedisServer`.
 *
 * @throws {RedisServerError} `failed` when the folder cannot be created.
 */
export function redisServerCommand(options: RedisServerOptions): RedisServerCommand {
  const dir = resolve(options.dir)
  createFolder(dir)
  const { path, notice } = socketPlace(dir)
  const config = {
    port: String(options.port ?? 0),
    bind: '127.0.0.1',
    unixsocket: path,
    unixsocketperm: '700',
    dir,
    logfile: join(dir, 'redis.log'),
    daemonize: 'no',
    appendonly: 'yes',
    appendfsync: options.appendfsync ?? 'always',
    save: '',
    'maxmemory-policy': 'noeviction',
    ...options.config,
  }
  const args = Object.entries(config).flatMap(([name, value]) => [`--${name}`, value])
  return {
    command: ['redis-server', ...args],
    url: `unix://${path}`,
    socketPath: path,
    dir,
    notice,
  }
}

function socketPlace(dir: string): { path: string; notice: string | undefined } {
  const path = join(dir, 'redis.sock')
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return { path, notice: undefined }
  const hash = createHash('sha256').update(dir).digest('hex').slice(0, 16)
  const short = join(tmpdir(), `poglog-${process.getuid?.() ?? 0}-${hash}`)
  createFolder(short)
  // A folder below /tmp may have been put there by somebody else, who would then hold our socket.
  if (statSync(short).uid !== process.getuid?.()) {
    throw new RedisServerError('failed', `${short} belongs to another user`)
  }
  const notice = `the path of ${dir} is too long for a socket, which lies in ${short} instead`
  return { path: join(short, 'redis.sock'), notice }
}

function createFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new RedisServerError('failed', `cannot create the folder ${dir}`, { cause })
  }
}
