import { Connection } from './connection.ts'
import type { OnCall } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { HotStore } from './hot-store.ts'
import { META_KEY, SHARDS_MAX } from './keys.ts'
import { toArray, toInteger } from './reply.ts'
import { serverProblem } from './server-problem.ts'

/** The version of the data in Redis that this package reads and writes. */
const FORMAT_VERSION = 1

const COMMAND_TIMEOUT_MS = 5000
const SEEN_WINDOW_MS = 300_000
const REPLICA_DEAD_MS = 10_000
const WAIT_REPLICAS_MAX = 16

export interface HotStoreSettings {
  /**
   * `redis://` or `rediss://[user:password@]host[:port][/db]`, `unix:///path.sock` (also `redis+unix://`, or the bare
   * path), `redis-sentinel://host:port,host:port/master-name`, `redis-cluster://host:port,host:port`; the last two
   * also with `rediss-`.
   */
  readonly url: string
  /** 1 to 1024, default 1. Counts only when the store is used for the first time. */
  readonly shards?: number | undefined
  /** Replicas that must confirm an append, freeze and commit before it returns. Default 0. */
  readonly waitReplicas?: number | undefined
  /** A command without an answer fails after this. Default 5,000. */
  readonly commandTimeoutMs?: number | undefined
  /** Length of one of the three windows in which duplicates are dropped. Default five minutes; tests take less. */
  readonly seenWindowMs?: number | undefined
  /** A replica of ingest is dead this long after its last heartbeat. Default ten seconds, the same everywhere; tests take less. */
  readonly replicaDeadMs?: number | undefined
  /** Told of every call to Redis, to count or trace it. */
  readonly onCall?: OnCall | undefined
}

/**
 * Connects to Redis and checks that it can hold the log: version 7.0 or newer (or Valkey), `noeviction`, and data
 * of a format this version knows.
 *
 * @throws {HotStoreError} `unavailable` when Redis does not answer (retrying helps), `misconfigured` with a sentence
 *   that says what to do. Nothing is left open.
 */
export async function openHotStore(settings: HotStoreSettings): Promise<HotStore> {
  const waitReplicas = inRange('waitReplicas', settings.waitReplicas ?? 0, [0, WAIT_REPLICAS_MAX])
  const shardsWanted = inRange('shards', settings.shards ?? 1, [1, SHARDS_MAX])
  const commandTimeoutMs = inRange(
    'commandTimeoutMs',
    settings.commandTimeoutMs ?? COMMAND_TIMEOUT_MS,
    [10, 600_000],
  )
  const seenWindowMs = inRange(
    'seenWindowMs',
    settings.seenWindowMs ?? SEEN_WINDOW_MS,
    [1, 3_600_000],
  )
  const replicaDeadMs = inRange(
    'replicaDeadMs',
    settings.replicaDeadMs ?? REPLICA_DEAD_MS,
    [10, 600_000],
  )
  const { url, onCall } = settings
  const connection = await Connection.open({ url, commandTimeoutMs, waitReplicas, onCall })
  try {
    await checkServers(connection)
    const shards = await readMeta(connection, shardsWanted)
    return new HotStore(connection, { shards, seenWindowMs, replicaDeadMs })
  } catch (error) {
    connection.close()
    throw error
  }
}

async function checkServers(connection: Connection): Promise<void> {
  for (const info of await connection.commandOnPrimaries('info')) {
    const problem = serverProblem(info)
    if (problem !== undefined) throw new HotStoreError('misconfigured', problem)
  }
}

/** Reads first and writes only what is absent, so that a full or read-only Redis can be opened. */
async function readMeta(connection: Connection, shardsWanted: number): Promise<number> {
  const read = async (): Promise<readonly unknown[]> =>
    toArray(await connection.command('hmget', META_KEY, 'format', 'shards'))
  let [format, shards] = await read()
  if (format === null || shards === null) {
    await connection.command('hsetnx', META_KEY, 'format', FORMAT_VERSION)
    await connection.command('hsetnx', META_KEY, 'shards', shardsWanted)
    ;[format, shards] = await read()
  }
  if (toInteger(format) > FORMAT_VERSION) {
    throw new HotStoreError(
      'misconfigured',
      `the data in Redis has format ${toInteger(format)}, this version knows up to ${FORMAT_VERSION}: use a newer poglog`,
    )
  }
  const count = toInteger(shards)
  if (count < 1 || count > SHARDS_MAX) {
    throw new HotStoreError('corrupt', `meta says ${count} shards`)
  }
  return count
}

function inRange(name: string, value: number, [from, to]: readonly [number, number]): number {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new HotStoreError('misconfigured', `${name} must be ${from} to ${to}, not ${value}`)
  }
  return value
}
