import { HotStoreError } from './errors.ts'

/** A node's address. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
}

/** Credentials, database and TLS, as ioredis names them. */
export interface RedisLogin {
  readonly username?: string
  readonly password?: string
  readonly db?: number
  readonly tls?: Record<string, never>
}

/** Where Redis is; `options` can be handed to ioredis as they are. */
export type RedisTarget =
  | {
      readonly kind: 'single'
      readonly options: RedisLogin & (RedisAddress | { readonly path: string })
    }
  | {
      readonly kind: 'sentinel'
      readonly options: RedisLogin & { readonly sentinels: RedisAddress[]; readonly name: string }
    }
  | { readonly kind: 'cluster'; readonly nodes: RedisAddress[]; readonly options: RedisLogin }

const REDIS_PORT = 6379
const SENTINEL_PORT = 26_379

/**
 * Reads the forms of `REDIS_URL`:
 *
 * - `redis://[user:password@]host[:port][/db]`, `rediss://` with TLS
 * - `unix:///path/redis.sock[?db=1]`, `redis+unix:///path/redis.sock`, or just `/path/redis.sock`
 * - `redis-sentinel://[user:password@]host[:port],host[:port]/master-name[?db=1]`, `rediss-sentinel://`
 * - `redis-cluster://[user:password@]host[:port],host[:port]`, `rediss-cluster://`
 *
 * User and password are percent-encoded.
 *
 * @throws {HotStoreError} `misconfigured`, without the URL in its message, because it may hold a password.
 */
export function parseRedisUrl(url: string): RedisTarget {
  if (url.startsWith('/')) return socketTarget(url)
  const [, scheme = '', rest = ''] = /^([a-z+-]+):\/\/(.*)$/s.exec(url) ?? []
  if (scheme === 'unix' || scheme === 'redis+unix') return socketTarget(rest)
  const [, family, kind] = /^(rediss?)(-sentinel|-cluster)?$/.exec(scheme) ?? []
  if (family === undefined)
    throw wrong('use redis://, rediss://, unix://, redis-sentinel:// or redis-cluster://')

  const [, credentials, hosts = '', path = '', query = ''] =
    /^(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? []
  const options = {
    ...login(credentials),
    ...database(kind !== '-sentinel' && path !== '' ? path : new URLSearchParams(query).get('db')),
    ...(family === 'rediss' ? { tls: {} } : {}),
  }
  if (kind === '-sentinel') {
    if (path === '') throw wrong('a sentinel url ends with /master-name')
    const sentinels = addresses(hosts, SENTINEL_PORT)
    return { kind: 'sentinel', options: { ...options, sentinels, name: decodeURIComponent(path) } }
  }
  const nodes = addresses(hosts, REDIS_PORT)
  if (kind === '-cluster') {
    if (options.db !== undefined && options.db !== 0) throw wrong('a cluster has only database 0')
    return { kind: 'cluster', nodes, options }
  }
  const [node, ...others] = nodes
  if (node === undefined || others.length > 0) throw wrong('redis:// names one host')
  return { kind: 'single', options: { ...options, ...node } }
}

function socketTarget(rest: string): RedisTarget {
  const [path = '', query = ''] = rest.split('?', 2)
  if (!path.startsWith('/'))
    throw wrong('a unix socket needs an absolute path, as in unix:///path/redis.sock')
  const options = { path, ...database(new URLSearchParams(query).get('db')) }
  return { kind: 'single', options }
}

function login(credentials: string | undefined): RedisLogin {
  if (credentials === undefined || credentials === '') return {}
  const colon = credentials.indexOf(':')
  const username = decoded(colon < 0 ? credentials : credentials.slice(0, colon))
  const password = colon < 0 ? '' : decoded(credentials.slice(colon + 1))
  return {
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw wrong('user or password is not percent-encoded', cause)
  }
}

function database(text: string | null): RedisLogin {
  if (text === null) return {}
  if (!/^\d{1,5}$/.test(text)) throw wrong('the database is a number')
  return { db: Number(text) }
}

function addresses(hosts: string, defaultPort: number): RedisAddress[] {
  return hosts.split(',').map((text) => {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
    const host = bracketed ?? plain
    if (host === undefined || Number(port ?? 1) > 65_535) throw wrong('a host is name or name:port')
    return { host, port: Number(port ?? defaultPort) }
  })
}

const wrong = (message: string, cause?: unknown): HotStoreError =>
  new HotStoreError('misconfigured', `Redis url: ${message}`, { cause })
