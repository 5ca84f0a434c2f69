import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { RedisServer } from '@poglog/hot-store/server'
import { z } from 'zod'
import getPort from 'get-port'
import type { Lines } from './lines.ts'
import { Program } from './program.ts'

const INGEST = fileURLToPath(new URL('main.ts', import.meta.resolve('@poglog/ingest/config')))
const TMI_LOGGER = fileURLToPath(new URL('tmi-logger.ts', import.meta.url))
const READY_MS_MAX = 30_000
const POLL_MS = 50

/** Where a logger gets its lines from and puts them. */
export interface Place {
  readonly chatPort: number
  readonly redis: RedisServer
  readonly lines: Lines
  readonly dir: string
}

/** Starts a logger and waits until it has joined. */
export type StartLogger = (place: Place) => Promise<Program>

/** One replica of poglog as it is started in production, with its settings as they are. */
export const startPoglog: StartLogger = async ({ chatPort, redis, lines, dir }) => {
  const healthPort = await getPort({ host: '127.0.0.1' })
  const program = new Program({
    path: INGEST,
    env: {
      LOG_LEVEL: 'warn',
      HOST: '127.0.0.1',
      HEALTH_PORT: String(healthPort),
      REDIS_URL: redis.url,
      TWITCH_URL: `ws://127.0.0.1:${chatPort}`,
      CHANNELS: lines.channels.map(({ login }) => login).join(','),
      SPOOL_DIR: join(dir, 'spool'),
      JOINS_PER_10S: '10000',
    },
  })
  const endMs = performance.now() + READY_MS_MAX
  while (!(await isReady(`http://127.0.0.1:${healthPort}/readyz`))) {
    if (program.hasEnded || performance.now() > endMs) throw new Error('ingest is not ready')
    await sleep(POLL_MS)
  }
  return program
}

/** tmi.js with one XADD a message, on one of its two events. */
export const startTmi =
  (event: 'raw_message' | 'message'): StartLogger =>
  async ({ chatPort, redis }) => {
    const settings = { port: chatPort, socketPath: redis.socketPath, event }
    const program = new Program({ path: TMI_LOGGER, args: [JSON.stringify(settings)] })
    await program.told(z.literal('connected'))
    return program
  }

const isReady = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )
