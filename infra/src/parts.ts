import getPort from 'get-port'
import { redisServerCommand } from '@poglog/hot-store/server'
import type { DataFolder } from './data-folder.ts'
import { nodeCommand, type PartSpec } from './launcher.ts'
import { ensureProgram } from './install.ts'
import type { StartPlan } from './start-options.ts'

/** How the parts find Redis and the object store. The user's own REDIS_URL and OBJECT_STORE win. */
export interface Wiring {
  readonly redisUrl: string
  readonly objectStore: string
  readonly startsRedis: boolean
}

export function redisPart(folder: DataFolder): PartSpec {
  ensureProgram('redis-server')
  const { command } = redisServerCommand({ dir: folder.inside('redis') })
  return { name: 'redis', tier: 'redis', command }
}

export async function archiverPart(wiring: Wiring): Promise<PartSpec> {
  const port = await getPort()
  return {
    name: 'archiver',
    tier: 'services',
    command: nodeCommand('services/archiver/src/main.ts'),
    env: { ...storeEnv(wiring), HEALTH_PORT: String(port) },
    healthUrl: `http://127.0.0.1:${port}/readyz`,
  }
}

export function queryApiPart({ host, port }: StartPlan, wiring: Wiring): PartSpec {
  return {
    name: 'query-api',
    tier: 'services',
    command: nodeCommand('services/query-api/src/main.ts'),
    env: { ...storeEnv(wiring), HOST: host, PORT: String(port) },
    healthUrl: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}/readyz`,
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
    healthUrl: `http://127.0.0.1:${port}/healthz`,
  }
}

function storeEnv({ redisUrl, objectStore }: Wiring): Record<string, string> {
  return { REDIS_URL: redisUrl, OBJECT_STORE: objectStore }
}
