/** What runs. */
export interface Setting {
  readonly channels: number
  readonly shards: number
  /** Of ingest. */
  readonly replicas: number
  /** Primaries of a Redis cluster; `undefined` for a single Redis. */
  readonly nodes?: number | undefined
}

/** Processor time while nobody writes anything, in ms a second, of all processes of a kind together. */
export interface Idle {
  readonly ingest: number
  readonly redis: number
  readonly archiver: number
}

/** What one run took. */
export interface Run {
  /** Lines offered. */
  readonly perSecond: number
  /** Lines sent: all, unless connections were closed. */
  readonly lines: number
  readonly frames: number
  /** How many records they are: fewer where equal ones come again. */
  readonly records: number
  /** How long sending them took; as long as it should, where the sender kept up. */
  readonly sendMs: number
  /** Records in Redis when the last line had just been sent. */
  readonly storedInTime: number
  /** Records in Redis in the end, of each replica. */
  readonly storedBy: readonly number[]
  /** Lines that replicas say they could not keep, or could not read. */
  readonly dropped: number
  /** Records that segments got. */
  readonly sealed: number
  /** Calls that appended them. */
  readonly calls: number
  readonly appendMs: { readonly p50: number; readonly p99: number }
  /** Right after the last line was sent: how old the time is up to which everything is stored. */
  readonly coveredSeconds: number
  /** The same for what was in memory and in the spool. */
  readonly bufferBytes: number
  readonly connections: number
  readonly memoryMib: { readonly ingest: number; readonly redis: number }
  readonly cpuMs: {
    /** Until all was stored, of each replica. */
    readonly ingest: readonly number[]
    /** The same, of each node. */
    readonly redis: readonly number[]
    /** From then on, until all was sealed and trimmed, of each node. */
    readonly redisArchiving: readonly number[]
    /** All the time. */
    readonly archiver: number
    readonly chat: number
  }
}

/** Processor time, us a line: of all processes of a kind together, and of the busiest one. */
export interface Costs {
  readonly ingest: number
  readonly busiestReplica: number
  /** Until lines were stored. */
  readonly redis: number
  readonly busiestNode: number
  /** What sealing and trimming took of Redis besides. */
  readonly redisArchiving: number
  readonly archiver: number
}

export function costsOf({ cpuMs, lines }: Pick<Run, 'cpuMs' | 'lines'>): Costs {
  const us = (ms: number): number => (ms * 1000) / lines
  return {
    ingest: us(sum(cpuMs.ingest)),
    busiestReplica: us(Math.max(...cpuMs.ingest)),
    redis: us(sum(cpuMs.redis)),
    busiestNode: us(Math.max(...cpuMs.redis)),
    redisArchiving: us(sum(cpuMs.redisArchiving)),
    archiver: us(cpuMs.archiver),
  }
}

/** What the largest of some parts is over an equal share: 1 where all are equal. */
export function unevenness(parts: readonly number[]): number {
  return Math.max(...parts) / (sum(parts) / parts.length)
}

/** Records that were sent and are not in Redis. There may be more in it: what ingest notes of its channels. */
export function lostIn({
  records,
  storedBy,
  dropped,
}: Pick<Run, 'records' | 'storedBy' | 'dropped'>): number {
  return Math.max(dropped, records - sum(storedBy))
}

/** Records that Redis had and no segment got. */
export function unsealedIn({ sealed, storedBy }: Pick<Run, 'sealed' | 'storedBy'>): number {
  return Math.max(0, sum(storedBy) - sealed)
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
