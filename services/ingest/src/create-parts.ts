import { setTimeout as delay } from 'node:timers/promises'
import type { ReplicaRun } from '@poglog/log-format'
import type { Account } from './account.ts'
import { BackPressure } from './back-pressure.ts'
import { Backfill } from './backfill.ts'
import { ChatCommands } from './chat-commands.ts'
import { ChannelPool } from './channel-pool.ts'
import { ChannelRenames } from './channel-renames.ts'
import type { Config } from './config.ts'
import { openConnection } from './connection.ts'
import type { IngestEvents } from './events.ts'
import { Fleet } from './fleet.ts'
import { followPresence } from './follow-presence.ts'
import type { HotLog } from './hot-log.ts'
import type { JoinBudget } from './join-budget.ts'
import type { LineStore } from './line-store.ts'
import { LoadMeter } from './load-meter.ts'
import { LostReplicas } from './lost-replicas.ts'
import type { RedisClock } from './redis-clock.ts'
import { RegistrySync } from './registry-sync.ts'
import { SharedJoinBudget } from './shared-join-budget.ts'
import { writeLost } from './write-lost.ts'

/** What every part of a replica is made of. */
export interface IngestBase {
  readonly config: Config
  readonly events: IngestEvents
  readonly hotLog: HotLog
  /** Anonymous without. */
  readonly account: Account | undefined
  readonly clock: RedisClock
  readonly me: ReplicaRun
  readonly nowMs: () => number
  /** Aborted once the channels are handed over. */
  readonly stopping: AbortController
  /** Called when a later process has the same replica id. */
  readonly superseded: () => void
}

/** The parts that bring lines in. They know each other, so that they are made together. */
export interface IngestParts {
  readonly pool: ChannelPool
  readonly pressure: BackPressure
  readonly fleet: Fleet
  readonly registry: RegistrySync
  readonly backfill: Backfill | undefined
  readonly commands: ChatCommands
}

export function createParts(base: IngestBase, store: LineStore): IngestParts {
  const { account, config, events, hotLog, clock, nowMs, stopping } = base
  const { intake, ledger } = store
  const backfill = config.backfillUrl === undefined ? undefined : createBackfill(base, store)
  const fleet: Fleet = createFleet(base, store, () => pool)
  const presence = followPresence({
    ledger,
    fleet,
    clock,
    backfill,
    isNew: (login) => registry.isNew(login),
    isStopping: () => stopping.signal.aborted,
  })
  const pool: ChannelPool = new ChannelPool({
    open: (handlers) =>
      openConnection({ url: config.twitchUrl, account: account?.now() }, handlers),
    budget: createBudget(base, fleet),
    settings: config.pool,
    events,
    presence,
    nowMs,
    storedUntilMs: store.storedUntilMs,
    priorityOf: (login) => store.rates.of(login),
    onLines: (lines, source) => {
      events.linesReceived(lines.length)
      intake.take(lines, source, (message) => commands.take(message))
      pressure.check()
    },
  })
  const pressure = new BackPressure({
    buffer: store.buffer,
    reader: pool,
    relieve: () => store.lanes.relieve(),
    events,
    nowMs,
  })
  const registry: RegistrySync = new RegistrySync({
    hotLog,
    configured: config.channels,
    want: (logins, readAtMs) => fleet.want(logins, readAtMs),
    channelIdOf: (login) => intake.channelIdOf(login),
    learnChannel: (login, id) => intake.learnChannel(login, id),
    optOuts: store.optOuts,
    renames: new ChannelRenames({
      isUnconfirmed: (login) => pool.isAskedInVain(login),
      events,
      nowMs,
    }),
    events,
  })
  const commands = new ChatCommands({
    store: () => hotLog.store,
    admins: config.admins,
    changed: () => registry.sync(),
    events,
    nowMs: Date.now,
  })
  return { pool, pressure, fleet, registry, backfill, commands }
}

function createFleet(base: IngestBase, store: LineStore, poolOf: () => ChannelPool): Fleet {
  const { config, events, hotLog, clock, me, nowMs, stopping, superseded } = base
  const load = new LoadMeter(() => ({
    channels: poolOf().counts().receiving,
    lines: store.rates.lines,
  }))
  const fleet: Fleet = new Fleet({
    replicas: () => hotLog.store?.replicas,
    me: { ...config.member, ...me },
    pool: {
      want: (logins) => {
        void store.rates.learn([...logins])
        poolOf().want(logins)
      },
      isSettled: (login) => poolOf().isSettled(login),
      coveredMs: () => poolOf().coveredMs(),
      isCutOff: () => poolOf().isCutOff(),
    },
    clock,
    load: () => load.take(),
    lostReplicas: new LostReplicas({
      write: (lost) =>
        writeLost(lost, {
          ledger: store.ledger,
          channelsOf: (slot) => fleet.channelsOf(slot),
          channelIdOf: (login) => store.intake.channelIdOf(login),
          storedUntilMs: store.storedUntilMs,
          nowMs,
          signal: stopping.signal,
        }),
      forget: async (lost) => await hotLog.store?.replicas.forgetLost(lost),
      events,
    }),
    events: {
      ...events,
      evicted: () => {
        events.evicted()
        store.ledger.evicted()
      },
      superseded: () => {
        events.superseded()
        superseded()
      },
    },
    nowMs,
  })
  return fleet
}

/** One budget for all replicas that Twitch takes for one: those of an account, or behind one address. */
function createBudget({ config, events, hotLog, nowMs }: IngestBase, fleet: Fleet): JoinBudget {
  const { joins, account, egressAddress } = config
  const key = account === undefined ? `address:${egressAddress}` : `account:${account.username}`
  return new SharedJoinBudget({
    ...joins,
    takeJoins: async (wanted, windowMs) => {
      const replicas = hotLog.store?.replicas
      if (replicas === undefined) throw new Error('redis was not reached yet')
      return await replicas.takeJoins({ key, wanted, max: joins.joinsMax, windowMs })
    },
    replicas: () => fleet.counts().replicas,
    events,
    nowMs,
  })
}

function createBackfill({ config, events, clock, nowMs }: IngestBase, store: LineStore): Backfill {
  const { intake, ledger, offer, offerLater } = store
  return new Backfill({
    url: config.backfillUrl ?? '',
    fetch,
    delay: (delayMs, signal) => delay(delayMs, undefined, { signal }),
    offer,
    offerLater,
    channelIdOf: (login) => intake.channelIdOf(login),
    restored: (login, range, source) => ledger.restored(login, range, source),
    events,
    nowMs: () => clock.toRedisMs(nowMs()),
  })
}
