import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import { connectQueue, QUEUE_NAMES, QUEUE_PREFIX } from '@poglog/hot-store/queue'
import { Queue } from 'bullmq'
import { Hono } from 'hono'
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { QUEUE_BOARD_PATH } from './admin-only.ts'

const DESCRIPTIONS = {
  keepsRedisSmall: 'Seals and trims: moves hot records to the object store',
  takesLong: 'Compacts, folds, cleans, erases',
} as const

/** BullMQ's board over the archiver's queues. Dispose it to let go of Redis. */
export interface QueueBoard extends Disposable {
  readonly app: Hono
}

/**
 * Opens the board. It only shows: what the queues should hold follows from the state of the log, and a queue that is
 * paused by hand would let Redis fill.
 *
 * @param onError is told when its Redis is away; requests fail at once then.
 */
export function openQueueBoard(redisUrl: string, onError: (error: unknown) => void): QueueBoard {
  const connection = connectQueue(redisUrl, 'adding')
  connection.on('error', onError)
  const queues = (['keepsRedisSmall', 'takesLong'] as const).map((lane) => {
    const options = { connection, prefix: QUEUE_PREFIX, skipMetasUpdate: true }
    const queue = new Queue(QUEUE_NAMES[lane], options)
    queue.on('error', onError)
    return new BullMQAdapter(queue, { readOnlyMode: true, description: DESCRIPTIONS[lane] })
  })
  const serverAdapter = new HonoAdapter(serveStatic).setBasePath(QUEUE_BOARD_PATH)
  createBullBoard({
    queues,
    serverAdapter,
    options: { uiConfig: { boardTitle: 'poglog', hideRedisDetails: false } },
  })
  return {
    app: new Hono().use(onlyOwnParts, onlyLooking).route('/', serverAdapter.registerPlugin()),
    [Symbol.dispose]() {
      connection.disconnect()
    },
  }
}

/** A browser sends a password along with requests of other pages, too: none may change anything. */
const onlyLooking: MiddlewareHandler = async (c, next) => {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    return c.text('the board only shows', 405, { allow: 'GET, HEAD' })
  }
  await next()
  return undefined
}

/** The page asks another host for fonts; a browser is not to tell anybody who looks. */
const onlyOwnParts = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    frameAncestors: ["'none'"],
  },
})
