import { totalmem } from 'node:os'
import getPort from 'get-port'
import { redisServerCommand } from '@poglog/hot-store/server'
import { openHotStore } from '@poglog/hot-store'
import type { DataFolder } from './data-folder.ts'
import { nodeCommand, type PartSpec } from './launcher.ts'
import { ensureProgram } from './install.ts'
import type { StartPlan } from './start-options.ts'

const PROBE_MS_MAX = 2000
const ARCHIVER_HEAP_MIB = 384
/** Of the machine's memory. With a limit the archiver seals early and ingest spools, instead of the kernel killing Redis. */
const REDIS_MEMORY_SHARE = 0.5

/** How the parts find Redis and the object store. The user's own REDIS_URL and OBJECT_STORE win. */
export interface Wiring {
  readonly redisUrl: string
  readonly objectStore: string
  readonly startsRedis: boolean
}

export function redisPart(folder: DataFolder): PartSpec {
  ensureProgram('redis-server')
  const { command, url, dir } = redisServerCommand({
    dir: folder.inside('redis'),
    config: { maxmemory: String(Math.floor(totalmem() * REDIS_MEMORY_SHARE)) },
  })
  return { name: 'redis', tier: 'redis', command, folder: dir, isHealthy: () => answersPing(url) }
}

/** Where the Redis of a data folder listens. */
export function localRedisUrl(folder: DataFolder): string {
  return redisServerCommand({ dir: folder.inside('redis') }).url
}

export async function archiverPart(wiring: Wiring): Promise<PartSpec> {
  const port = await getPort()
  return {
    name: 'archiver',
    tier: 'services',
    command: withHeapLimit(nodeCommand('services/archiver/src/main.ts')),
    env: { ...storeEnv(wiring), HEALTH_PORT: String(port) },
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/readyz`),
  }
}

/** The API's address as a client on this machine reaches it. */
export function apiUrl({ host, port }: Pick<StartPlan, 'host' | 'port'>): string {
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`
}

export function queryApiPart({ host, port }: StartPlan, wiring: Wiring): PartSpec {
  return {
    name: 'query-api',
    tier: 'services',
    command: nodeCommand('services/query-api/src/main.ts'),
    env: { ...storeEnv(wiring), HOST: host, PORT: String(port) },
    isHealthy: () => answersOk(`${apiUrl({ host, port })}/readyz`),
  }
}

export async function ingestPart(
  wiring: Wiring,
  source: {
    readonly folder: DataFolder
    readonly replica: number
    readonly channels: readonly string[]
    readonly twitchUrl?: string
  },
): Promise<PartSpec> {
  const port = await getPort()
  const name = `ingest-${source.replica}`
  return {
    name,
    tier: 'ingest',
    command: nodeCommand('services/ingest/src/main.ts'),
    env: {
      REDIS_URL: wiring.redisUrl,
      CHANNELS: source.channels.join(','),
      REPLICA_ID: name,
      SPOOL_DIR: source.folder.inside('spool', name),
      HEALTH_PORT: String(port),
      ...(source.twitchUrl !== undefined && { TWITCH_URL: source.twitchUrl }),
    },
    // Alive is enough: a channel that cannot be joined must not hold up the start.
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/healthz`),
  }
}

/** V8 collects late when it may: with the limit a backlog is sealed within 512 MiB of memory. */
function withHeapLimit([node, ...args]: PartSpec['command']): PartSpec['command'] {
  return [node, `--max-old-space-size=${ARCHIVER_HEAP_MIB}`, ...args]
}

function storeEnv({ redisUrl, objectStore }: Wiring): Record<string, string> {
  return { REDIS_URL: redisUrl, OBJECT_STORE: objectStore }
}

async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS_MAX) })
  await response.body?.cancel()
  return response.ok
}

async function answersPing(url: string): Promise<boolean> {
  const hot = await openHotStore({ url })
  try {
    await hot.ping()
    return true
  } finally {
    hot.close()
  }
}
