import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { openAccount } from './account.ts'
import type { ChannelPool } from './channel-pool.ts'
import type { AppendLine } from '@poglog/hot-store'
import type { Config } from './config.ts'
import { createParts } from './create-parts.ts'
import type { IngestEvents } from './events.ts'
import { NO_TRACING, traceCalls } from '@poglog/service-kit'
import type { Tracing } from '@poglog/service-kit'
import { every } from './every.ts'
import type { Fleet } from './fleet.ts'
import { HotLog } from './hot-log.ts'
import { learnNames } from './learn-names.ts'
import type { Ledger } from './ledger.ts'
import { LineStore } from './line-store.ts'
import { RedisClock } from './redis-clock.ts'
import { lockSpool } from './spool-lock.ts'

const TICK_MS = 100
const NAMES_INTERVAL_MS = 1000
const LEDGER_INTERVAL_MS = 1000
const HERE_INTERVAL_MS = 2000
const LEARN_MS_MAX = 500
const RATES_INTERVAL_MS = 5000
const UNASKED_INTERVAL_MS = 30 * 60_000
const RUN_BYTES = 8

const nowMs = (): number => performance.now()

/** One running ingest replica. Dispose it to hand its channels over and bring all it holds to Redis, or to disk. */
export interface Ingest extends AsyncDisposable {
  readonly status: () => IngestStatus
  /** Resolves when a later process has the same replica id: this one has to end. */
  readonly superseded: Promise<void>
}

export interface IngestStatus {
  readonly channels: ReturnType<ChannelPool['counts']>
  readonly slots: ReturnType<Fleet['counts']>
  readonly load: Fleet['load']
  /** How long ago everything that was sent until then had been stored; 0 before the first channel. */
  readonly coveredAgeMs: number
  readonly connections: number
  readonly bufferBytes: number
  readonly spoolBytes: number
  readonly spoolingLanes: number
  /** For how long the lane that spools longest has; 0 while none does. Of an earlier run: since the start. */
  readonly spoolingMs: number
}

/**
 * Starts one replica: shares the channels with the others, joins its own and brings their lines to Redis. Works without
 * Redis too, as long as the spool has room; it then joins all channels of its settings.
 *
 * @throws {HotStoreError} `misconfigured`, with nothing left running.
 * @throws {SettingsError} likewise, where a file that a setting names does not hold what it should.
 */
export async function startIngest(
  config: Config,
  events: IngestEvents,
  tracing: Tracing = NO_TRACING,
): Promise<Ingest> {
  const superseded = Promise.withResolvers<void>()
  await using opened = new AsyncDisposableStack()
  const account = config.account && opened.use(openAccount(config.account, events))
  const spoolLockLost = (): void => {
    events.spoolLockLost()
    superseded.resolve()
  }
  opened.use(await lockSpool(config.spoolDir, { events: { ...events, spoolLockLost } }))
  let ledger: Ledger | undefined
  const refused = (lines: readonly AppendLine[]): void => {
    events.refused(lines)
    ledger?.dropped(lines, 'refused')
  }
  const onCall = traceCalls(tracing, 'redis', events.redisCalled)
  const settings = { ...config.redis, onCall }
  const hotLog = new HotLog(settings, { ...events, refused }, tracing)
  opened.defer(() => hotLog.close())
  await hotLog.open()
  const base = {
    config,
    events,
    hotLog,
    account,
    clock: new RedisClock(),
    me: { replica: config.member.replica, run: randomBytes(RUN_BYTES).toString('hex') },
    nowMs,
    tracing,
    stopping: new AbortController(),
    superseded: superseded.resolve,
  }
  // Last of all but Redis: who leaves the fleet has stored everything.
  const fleetEnd = opened.use(new AsyncDisposableStack())
  const store = opened.use(await LineStore.open(base))
  ledger = store.ledger
  const { pool, pressure, fleet, backfill, registry, commands } = createParts(base, store)
  fleetEnd.defer(() => fleet.stop())
  opened.defer(() => finishLearning(store, base))
  if (backfill !== undefined) opened.use(backfill)
  opened.defer(() => commands.settled())
  opened.defer(() => pressure.stop())
  opened.defer(() => pool.stop())
  opened.defer(() => base.stopping.abort())
  opened.use(startTimers({ pool, fleet, store }, base))
  opened.defer(() => fleet.handOver(config.handoverMsMax))
  await fleet.start()
  opened.use(every(config.registryIntervalMs, () => registry.sync()))
  opened.use(every(UNASKED_INTERVAL_MS, () => registry.dropUnasked()))
  await registry.sync()
  pool.tick()

  const running = opened.move()
  return {
    status: () => statusOf({ pool, fleet, store }),
    superseded: superseded.promise,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

interface RunningParts {
  readonly pool: ChannelPool
  readonly fleet: Fleet
  readonly store: LineStore
}

/** Everything that is done again and again. */
function startTimers(
  { pool, fleet, store }: RunningParts,
  base: { readonly hotLog: HotLog; readonly events: IngestEvents },
): Disposable {
  const { names, ledger, rates } = store
  const timers = new DisposableStack()
  timers.use(every(TICK_MS, () => pool.tick()))
  timers.use(every(TICK_MS, () => fleet.tick()))
  timers.use(every(NAMES_INTERVAL_MS, () => learnNames(names, base)))
  timers.use(every(LEDGER_INTERVAL_MS, () => ledger.tick()))
  timers.use(every(HERE_INTERVAL_MS, () => ledger.here(pool.receiving())))
  timers.use(every(RATES_INTERVAL_MS, () => rates.fold()))
  return timers
}

function statusOf({ pool, fleet, store }: RunningParts): IngestStatus {
  const { spoolingSinceMs } = store.lanes
  return {
    channels: pool.counts(),
    slots: fleet.counts(),
    load: fleet.load,
    coveredAgeMs: nowMs() - (pool.coveredMs() ?? nowMs()),
    connections: pool.connections,
    bufferBytes: store.buffer.usedBytes,
    spoolBytes: store.spoolBudget.usedBytes,
    spoolingLanes: spoolingSinceMs.length,
    spoolingMs: nowMs() - Math.min(nowMs(), ...spoolingSinceMs),
  }
}

/** A last time, but not for long: names are learnt again from later lines. */
async function finishLearning(
  { names }: LineStore,
  base: { readonly hotLog: HotLog; readonly events: IngestEvents },
): Promise<void> {
  await Promise.race([learnNames(names, base), delay(LEARN_MS_MAX)])
}
