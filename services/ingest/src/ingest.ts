import { setTimeout as delay } from 'node:timers/promises'
import { BackPressure } from './back-pressure.ts'
import { ByteBudget } from './byte-budget.ts'
import { ChannelPool } from './channel-pool.ts'
import type { Config } from './config.ts'
import { openConnection } from './connection.ts'
import type { IngestEvents } from './events.ts'
import { every } from './every.ts'
import { HotLog } from './hot-log.ts'
import { createJoinBudget } from './join-budget.ts'
import { KnownNames } from './known-names.ts'
import { Lanes } from './lanes.ts'
import { learnNames } from './learn-names.ts'
import { LineIntake } from './line-intake.ts'
import { RegistrySync } from './registry-sync.ts'
import { UserIdLookup } from './user-id-lookup.ts'

const TICK_MS = 100
const NAMES_INTERVAL_MS = 1000
/** Of the ten seconds a stop may take: closing sockets and looking up users take up to 3 of the rest. */
const FLUSH_MS_MAX = 1500
const LEARN_MS_MAX = 500

/** One running ingest replica. Dispose it to bring all it holds to Redis, or to disk. */
export interface Ingest extends AsyncDisposable {
  readonly status: () => IngestStatus
}

export interface IngestStatus {
  readonly channels: ReturnType<ChannelPool['counts']>
  readonly connections: number
  readonly bufferBytes: number
  readonly spoolBytes: number
  readonly spoolingLanes: number
}

/**
 * Starts one replica: joins channels and brings their lines to Redis. Works without Redis too, as long
 * as the spool has room.
 *
 * @throws {HotStoreError} `misconfigured`, with nothing left running.
 */
export async function startIngest(config: Config, events: IngestEvents): Promise<Ingest> {
  await using opened = new AsyncDisposableStack()
  const hotLog = opened.adopt(new HotLog(config.redis, events), (log) => log.close())
  await hotLog.open()

  const buffer = new ByteBudget(config.bufferBytesMax)
  const spoolBudget = new ByteBudget(config.spoolBytesMax)
  const lanes = opened.adopt(
    await Lanes.open({
      append: (lines) => hotLog.append(lines),
      lanes: config.redis.shards,
      spoolDir: config.spoolDir,
      spoolBudget,
      buffer,
      events,
      flushIntervalMs: config.flushIntervalMs,
    }),
    (all) => all.stop(FLUSH_MS_MAX),
  )
  const names = new KnownNames()
  const offer = lanes.offer.bind(lanes)
  const lookup = opened.adopt(new UserIdLookup(hotLog, offer), (users) => users.flush())
  const offerLater = lookup.offer.bind(lookup)
  const intake = new LineIntake({ offer, offerLater, names, events, nowMs: Date.now })

  const { pool, pressure } = createPool(config, { events, intake, buffer, lanes })
  opened.defer(() => pressure.stop())
  const registry = new RegistrySync({
    hotLog,
    configured: config.channels,
    want: (logins) => {
      pool.want(logins)
      if (config.account !== undefined) events.accountLimited(logins.size)
    },
    channelIdOf: intake.channelIdOf.bind(intake),
    learnChannel: intake.learnChannel.bind(intake),
    events,
  })
  opened.defer(async () => {
    await Promise.race([learnNames(names, { hotLog, events }), delay(LEARN_MS_MAX)])
  })
  opened.use(every(NAMES_INTERVAL_MS, () => learnNames(names, { hotLog, events })))
  opened.defer(() => pool.stop())
  opened.use(every(TICK_MS, () => pool.tick()))
  opened.use(every(config.registryIntervalMs, () => registry.sync()))
  await registry.sync()
  pool.tick()

  const running = opened.move()
  return {
    status: () => ({
      channels: pool.counts(),
      connections: pool.connections,
      bufferBytes: buffer.usedBytes,
      spoolBytes: spoolBudget.usedBytes,
      spoolingLanes: lanes.spooling,
    }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

interface PoolParts {
  readonly events: IngestEvents
  readonly intake: LineIntake
  readonly buffer: ByteBudget
  readonly lanes: Lanes
}

const nowMs = (): number => performance.now()

function createPool(
  config: Config,
  { events, intake, buffer, lanes }: PoolParts,
): { pool: ChannelPool; pressure: BackPressure } {
  const pool: ChannelPool = new ChannelPool({
    open: (handlers) =>
      openConnection({ url: config.twitchUrl, account: config.account }, handlers),
    budget: createJoinBudget({ ...config.joins, nowMs }),
    settings: {
      connectIntervalMs: config.connectIntervalMs,
      pingAfterMs: config.pingAfterMs,
      endAfterMs: config.silenceMsMax,
    },
    events,
    nowMs,
    onLines: (lines, source) => {
      events.linesReceived(lines.length)
      intake.take(lines, source)
      pressure.check()
    },
  })
  const pressure = new BackPressure({
    buffer,
    reader: pool,
    relieve: () => lanes.relieve(),
    events,
    nowMs,
  })
  return { pool, pressure }
}
