import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { joinQueue } from '@poglog/archiver/queue'
import type { ArchiveQueue } from '@poglog/archiver/queue'
import { generatedChannels } from '@poglog/chat-sim'
import { ServiceProcess } from '@poglog/e2e/service-process'
import { untilSettled } from '@poglog/e2e/until-settled'
import { openHotStore } from '@poglog/hot-store'
import getPort from 'get-port'
import { startManyChats } from './chat.ts'
import type { ManyChats } from './chat.ts'
import { startRedis } from './redis.ts'
import type { RedisUnit } from './redis.ts'
import type { Setting } from './run.ts'

const SEED = 20_261_130
/** Most of them write in the warm-up: what is measured afterwards is not the learning of names. */
const CHATTERS = 20_000
/** What segments have may leave Redis as soon as it is asked for. */
const SEALING = { TRIM_GRACE_MS: '0' }
/** Joining is not what is measured. */
const JOINING = { JOINS_PER_10S: '10000', CONNECT_INTERVAL_MS: '10', HANDOVER_MS_MAX: '0' }

/** All that runs, each part as a process of its own, with all channels joined. */
export interface Stage extends AsyncDisposable {
  readonly redis: RedisUnit
  readonly chat: ManyChats
  readonly replicas: readonly ServiceProcess[]
  readonly archiver: ServiceProcess
  /** Of the archiver, to ask for jobs before they are due. */
  readonly queue: ArchiveQueue
  readonly shards: number
  /** How long joining took, in seconds. */
  readonly joinSeconds: number
}

export async function openStage({ channels, shards, replicas, nodes }: Setting): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'poglog-bench-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  await mkdir(join(dir, 'logs'))
  const redis = opened.use(await startRedis(join(dir, 'redis'), nodes))
  const plan = { seed: SEED, channels, chatters: CHATTERS }
  const chat = opened.use(await startManyChats(plan))
  const where = { REDIS_URL: redis.url, SHARDS: String(shards), LOG_LEVEL: 'warn' }
  await register(where.REDIS_URL, { shards, plan })

  const start = async (
    service: 'ingest' | 'archiver',
    { name, env }: { readonly name: string; readonly env: Record<string, string> },
  ): Promise<ServiceProcess> => {
    const healthPort = await getPort({ host: '127.0.0.1' })
    const logFile = join(dir, 'logs', `${name}.log`)
    const started = await ServiceProcess.start({
      service,
      name,
      healthPort,
      logFile,
      env: { ...where, ...env },
    })
    opened.defer(async () => void (await started.stop()))
    return started
  }
  const store = { OBJECT_STORE: pathToFileURL(join(dir, 'objects')).href }
  const archiver = await start('archiver', { name: 'archiver', env: { ...store, ...SEALING } })
  const queue = opened.use(await joinQueue({ redisUrl: redis.url, onError: console.error }))
  const startMs = performance.now()
  const fleet = await Promise.all(
    Array.from({ length: replicas }, (_, index) => {
      const name = `ingest-${index + 1}`
      const env = { TWITCH_URL: chat.url, SPOOL_DIR: join(dir, 'spool', name), ...JOINING }
      return start('ingest', { name, env })
    }),
  )
  const startedMs = performance.now() - startMs
  const joinSeconds = (startedMs + (await untilSettled(fleet, channels))) / 1000
  const running = opened.move()
  return {
    redis,
    chat,
    archiver,
    queue,
    shards,
    replicas: fleet,
    joinSeconds,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** More channels than the settings of a replica take are registered before it starts. */
async function register(
  url: string,
  { shards, plan }: { shards: number; plan: { seed: number; channels: number } },
): Promise<void> {
  const hot = await openHotStore({ url, shards })
  try {
    await hot.registry.add(generatedChannels(plan).map(({ login }) => login))
  } finally {
    hot.close()
  }
}
