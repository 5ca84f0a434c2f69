import { ASSUMED, BUILT_IN, MEASURED, type PRICES } from './facts.ts'

const DAY_SECONDS = 86_400
const MONTH_DAYS = 30.4
const HOURS_PER_MONTH = MONTH_DAYS * 24
const MICROS = 1_000_000
const GIB = 1024 ** 3
const GB = 1_000_000_000
/** A rolling replacement takes one away, and the others still have to be as many as receive a channel. */
const SPARE_REPLICAS = 1
const REPLICAS_MIN = 2
/** Requests around the parts of an upload: its begin and its end. */
const UPLOAD_EXTRA = 2

/** What is asked for. Rates are averages over a day. */
export interface Load {
  readonly messagesPerSecond: number
  readonly channels: number
  readonly shards: number
  readonly replication: number
  readonly peakFactor: number
  /** How long records stay in Redis, instead of what the archiver's defaults make of the rate. */
  readonly retentionHoursHot?: number | undefined
  readonly queriesPerSecond: number
  readonly joinMinutes: number
  readonly outageHours: number
  readonly usersPerDay: number
  readonly monthsKept: number
  readonly prices: Readonly<Record<keyof typeof PRICES, number>>
}

export type Capacity = ReturnType<typeof capacityOf>

/** What a load takes of everything. Bytes, cores, requests a month, dollars a month. */
export function capacityOf(load: Load) {
  const redis = redisOf(load)
  const ingest = ingestOf(load)
  const archiver = archiverOf(load)
  const api = apiOf(load)
  const store = storeOf(load)
  return {
    redis,
    ingest,
    archiver,
    api,
    store,
    dollars: dollarsOf(load, { redis, ingest, archiver, api, store }),
  }
}

/** Of the busiest hour: Redis that is full stops taking lines. */
function redisOf(load: Load) {
  const { shards, channels, usersPerDay, replication } = load
  const peakPerSecond = load.messagesPerSecond * load.peakFactor
  const sealSeconds = Math.min(
    BUILT_IN.sealPeriodSeconds,
    (BUILT_IN.sealRecordsMax * shards) / peakPerSecond,
  )
  const hotSeconds =
    load.retentionHoursHot === undefined
      ? sealSeconds + BUILT_IN.reconcileSeconds + BUILT_IN.trimGraceSeconds
      : load.retentionHoursHot * 3600
  const hotRecords = Math.ceil(peakPerSecond * hotSeconds)
  const dataBytes =
    hotRecords * MEASURED.redisBytesPerRecord +
    peakPerSecond * BUILT_IN.seenSeconds * MEASURED.redisBytesPerSeenKey +
    // A day's sets go when it is compacted: two days may be there.
    2 * usersPerDay * MEASURED.redisBytesPerUserDay +
    usersPerDay * ASSUMED.namesPerUserOfDay * MEASURED.redisBytesPerName +
    channels * MEASURED.redisBytesPerChannel
  const microsPerRecord =
    replication * MEASURED.redisMicrosPerLine + MEASURED.redisMicrosPerSealedRecord
  const coresAtPeak = (peakPerSecond * microsPerRecord) / MICROS
  return {
    hotSeconds: Math.round(hotSeconds),
    hotRecords,
    dataBytes: Math.ceil(dataBytes),
    maxmemoryBytes: Math.ceil(dataBytes / BUILT_IN.redisMemoryShareMax),
    coresAtPeak,
    /** One Redis runs scripts on one core; more are a cluster. */
    primaries: Math.ceil(coresAtPeak / ASSUMED.coreShareMax),
  }
}

function ingestOf(load: Load) {
  const { channels, replication, joinMinutes, outageHours } = load
  const joined = channels * replication
  const receivedAtPeak = load.messagesPerSecond * load.peakFactor * replication
  const busyCores =
    (receivedAtPeak * MEASURED.ingestMicrosPerLine) / MICROS +
    joined * MEASURED.ingestRestCoresPerChannel
  const joinsPerMinute = BUILT_IN.joinsPer10s * 6
  const addresses = Math.ceil(joined / (joinsPerMinute * joinMinutes))
  const replicas = Math.max(
    Math.ceil(busyCores / (ASSUMED.coreShareMax - MEASURED.ingestRestCores)),
    addresses,
    replication + SPARE_REPLICAS,
  )
  return {
    receivedAtPeak,
    coresAtPeak: busyCores + replicas * MEASURED.ingestRestCores,
    connections: Math.ceil(joined / BUILT_IN.channelsPerConnection),
    /** Addresses (or accounts) that join at the same time: each has a budget of joins of its own. */
    addresses,
    replicas,
    minutesToJoin: joined / (joinsPerMinute * replicas),
    /** What HANDOVER_MS_MAX must be for a replica to leave without its channels being received by one less: the others join its share. */
    handoverSeconds: Math.ceil((joined / replicas / (replicas - 1) / joinsPerMinute) * 60),
    spoolBytesPerReplica: Math.ceil(
      (receivedAtPeak / replicas) * outageHours * 3600 * MEASURED.spoolBytesPerLine,
    ),
  }
}

function archiverOf({ messagesPerSecond, peakFactor }: Load) {
  const perDay = messagesPerSecond * DAY_SECONDS
  const sealCoresAtPeak = (messagesPerSecond * peakFactor) / MEASURED.sealRecordsPerCoreSecond
  const dayCoreSeconds =
    perDay / MEASURED.compactRecordsPerCoreSecond +
    (perDay * BUILT_IN.foldsPerRecord) / MEASURED.foldRecordsPerCoreSecond
  const coresAfterMidnight = dayCoreSeconds / (ASSUMED.compactHours * 3600)
  return {
    sealCoresAtPeak,
    dayCoreHours: dayCoreSeconds / 3600,
    replicas: Math.max(REPLICAS_MIN, Math.ceil(sealCoresAtPeak + coresAfterMidnight)),
  }
}

function apiOf({ queriesPerSecond }: Load) {
  const cores = (queriesPerSecond * MEASURED.queryMs) / 1000
  return { cores, replicas: Math.max(REPLICAS_MIN, Math.ceil(cores / ASSUMED.coreShareMax)) }
}

function storeOf({ messagesPerSecond, shards, queriesPerSecond, monthsKept }: Load) {
  const { byChannelBytesPerRecord, byUserBytesPerRecord, wordsBytesPerRecord } = MEASURED
  const records = messagesPerSecond * DAY_SECONDS * MONTH_DAYS
  const keptPerRecord = byChannelBytesPerRecord + byUserBytesPerRecord + wordsBytesPerRecord
  const sealsPerShard = Math.max(HOURS_PER_MONTH, records / shards / BUILT_IN.sealRecordsMax)
  // A day of a shard: itself, a run for each user shard, and its words. A month: a fold for each of users and of words.
  const dayObjects = MONTH_DAYS * shards * (2 + shards)
  const foldObjects = 2 * shards * (1 + MONTH_DAYS / 7)
  const written = sealsPerShard * shards + dayObjects + foldObjects
  const writtenBytes =
    records *
    (byChannelBytesPerRecord +
      keptPerRecord +
      (byUserBytesPerRecord + wordsBytesPerRecord) * BUILT_IN.foldsPerRecord)
  return {
    recordsPerMonth: Math.round(records),
    bytesPerMonth: Math.round(records * keptPerRecord),
    bytesKept: Math.round(records * keptPerRecord * monthsKept),
    objectsKept: Math.round((MONTH_DAYS * shards + 2 * shards) * monthsKept),
    putsPerMonth: Math.round(written * (1 + UPLOAD_EXTRA) + writtenBytes / BUILT_IN.partBytes),
    getsPerMonth: Math.round(
      written * 2 +
        (records * ASSUMED.readsPerRecord) / BUILT_IN.rowsPerGroup +
        queriesPerSecond * DAY_SECONDS * MONTH_DAYS * MEASURED.requestsPerQuery,
    ),
  }
}

type Parts = {
  readonly redis: ReturnType<typeof redisOf>
  readonly ingest: ReturnType<typeof ingestOf>
  readonly archiver: ReturnType<typeof archiverOf>
  readonly api: ReturnType<typeof apiOf>
  readonly store: ReturnType<typeof storeOf>
}

/** Cores and memory as they are reserved, at the price of containers without machines of one's own. */
function dollarsOf({ prices }: Load, { redis, ingest, archiver, api, store }: Parts) {
  const hours = (cores: number, memoryGib: number): number =>
    HOURS_PER_MONTH * (cores * prices.coreHour + memoryGib * prices.memoryGbHour)
  const parts = {
    // Each primary has a replica: 2.
    redis: hours(2 * redis.primaries, (2 * redis.maxmemoryBytes) / GIB),
    ingest: ingest.replicas * hours(0.5, ASSUMED.ingestMemoryMib / 1024),
    archiver: archiver.replicas * hours(1, ASSUMED.archiverMemoryMib / 1024),
    api: api.replicas * hours(1, ASSUMED.apiMemoryMib / 1024),
    storage: (store.bytesKept / GB) * prices.gbMonth,
    puts: (store.putsPerMonth / 1000) * prices.putPer1000,
    gets: (store.getsPerMonth / 1000) * prices.getPer1000,
  }
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) }
}
