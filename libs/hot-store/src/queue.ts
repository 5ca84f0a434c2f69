import { Cluster, Redis } from 'ioredis'
import { parseRedisUrl } from './redis-url.ts'

/**
 * The archiver's queues: what keeps Redis small does not wait for a job that takes hours. Within one they are done in
 * the order they came.
 */
export const QUEUE_NAMES = { keepsRedisSmall: 'seal', takesLong: 'archive' } as const

/** Of every key of BullMQ. With a hash tag, because its scripts touch several keys, which a cluster wants on one node. */
export const QUEUE_PREFIX = '{bull}'

/** A connection of BullMQ: it brings its own client. */
export type QueueConnection = Redis | Cluster

/**
 * Connects BullMQ. While Redis is away, what looks at queues and adds jobs fails at once; what works on them waits for it,
 * for ever.
 *
 * @throws {HotStoreError} `misconfigured` for a URL that cannot be one.
 */
export function connectQueue(url: string, use: 'adding' | 'working'): QueueConnection {
  const target = parseRedisUrl(url)
  const own = { maxRetriesPerRequest: null, enableOfflineQueue: use === 'working' }
  if (target.kind === 'cluster') {
    return new Cluster([...target.nodes], {
      enableOfflineQueue: own.enableOfflineQueue,
      redisOptions: { ...target.options, maxRetriesPerRequest: null },
    })
  }
  return new Redis({ ...own, ...target.options })
}
