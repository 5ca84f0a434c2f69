import { hostname } from 'node:os'
import {
  bytes,
  count,
  duration,
  parseEnv,
  processSettings,
  redisSettings,
  secret,
} from '@poglog/service-kit'
import type { Env } from '@poglog/service-kit'
import { z } from 'zod'
import type { AccountSetting } from './account.ts'
import { REPLICATION_MAX } from './owners.ts'

const MIB = 1024 * 1024
const JOIN_WINDOW_MS = 10_000
const CHANNELS_MAX = 10_000
const ADMINS_MAX = 1000
/** Since 2024 an account may be in so many channels at once. */
const ACCOUNT_CHANNELS_MAX = 100

/** The least and the most that one replica may weigh against another. */
const CAPACITY_MIN = 0.01
const CAPACITY_MAX = 100
const CAPACITY_ERROR = `must be a number from ${CAPACITY_MIN} to ${CAPACITY_MAX}`

const replicaId = z
  .string()
  .default(() =>
    hostname()
      .replaceAll(/[^\w.-]/g, '-')
      .slice(0, 64),
  )
  .pipe(z.string().regex(/^[\w.-]{1,64}$/, { error: 'must be 1 to 64 of A-Z a-z 0-9 . _ -' }))

const channels = z
  .string()
  .default('')
  .transform(splitLogins)
  .pipe(
    z
      .array(
        z.string().regex(/^[a-z0-9_]{1,25}$/, { error: 'must be Twitch logins, comma separated' }),
      )
      .max(CHANNELS_MAX, { error: `must be at most ${CHANNELS_MAX} channels` }),
  )

/** Logins, or ids, which stay the same when a login changes hands. */
const admins = z
  .string()
  .default('')
  .transform(splitLogins)
  .pipe(
    z
      .array(
        z.string().regex(/^[a-z0-9_]{1,25}$/, {
          error: 'must be Twitch logins or user ids, comma separated',
        }),
      )
      .max(ADMINS_MAX, { error: `must be at most ${ADMINS_MAX} admins` }),
  )

const envSchema = z
  .object({
    ...processSettings,
    ...redisSettings,
    WAIT_REPLICAS: count({ min: 0, max: 16, fallback: 0 }),
    TWITCH_URL: z
      .url({ protocol: /^wss?$/, error: 'must be a ws:// or wss:// URL' })
      .default('wss://irc-ws.chat.twitch.tv:443'),
    TWITCH_USERNAME: z.string().optional(),
    TWITCH_TOKEN: secret().optional(),
    TWITCH_TOKEN_FILE: z.string().optional(),
    CHANNELS: channels,
    ADMINS: admins,
    BACKFILL_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
      .optional(),
    REPLICA_ID: replicaId,
    REPLICATION: count({ min: 1, max: REPLICATION_MAX, fallback: 1 }),
    CAPACITY: z.coerce
      .number({ error: CAPACITY_ERROR })
      .min(CAPACITY_MIN, { error: CAPACITY_ERROR })
      .max(CAPACITY_MAX, { error: CAPACITY_ERROR })
      .default(1),
    EGRESS_ADDRESS: z
      .string()
      .regex(/^[\w.:-]{1,100}$/, { error: 'must be 1 to 100 of A-Z a-z 0-9 . _ : -' })
      .default('shared'),
    HANDOVER_MS_MAX: duration({ min: 0, max: 3_600_000, fallback: 25_000 }),
    SPOOL_DIR: z.string().default('./data/spool'),
    SPOOL_BYTES_MAX: bytes({ min: MIB, fallback: 4096 * MIB }),
    BUFFER_BYTES_MAX: bytes({ min: MIB, fallback: 32 * MIB }),
    FLUSH_INTERVAL_MS: duration({ min: 1, max: 1000, fallback: 50 }),
    JOINS_PER_10S: count({ min: 1, max: 10_000, fallback: 20 }),
    CONNECT_INTERVAL_MS: duration({ min: 10, max: 60_000, fallback: 1000 }),
    REGISTRY_INTERVAL_MS: duration({ min: 100, max: 600_000, fallback: 3000 }),
    PING_INTERVAL_MS: duration({ min: 100, max: 60_000, fallback: 1000 }),
    PONG_MS_MAX: duration({ min: 100, max: 600_000, fallback: 5000 }),
    SILENCE_MS_MAX: duration({ min: 200, max: 600_000, fallback: 35_000 }),
  })
  .superRefine((env, context) => {
    const wrong = (name: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    const token = env.TWITCH_TOKEN ?? env.TWITCH_TOKEN_FILE
    if (token !== undefined && env.TWITCH_USERNAME === undefined) {
      wrong('TWITCH_USERNAME', 'must be set together with TWITCH_TOKEN or TWITCH_TOKEN_FILE')
    }
    if (env.TWITCH_USERNAME !== undefined && token === undefined) {
      wrong('TWITCH_TOKEN', 'must be set together with TWITCH_USERNAME, or TWITCH_TOKEN_FILE')
    }
    if (env.TWITCH_TOKEN !== undefined && env.TWITCH_TOKEN_FILE !== undefined) {
      wrong('TWITCH_TOKEN_FILE', 'must not be set together with TWITCH_TOKEN')
    }
    if (env.SILENCE_MS_MAX <= env.PONG_MS_MAX + env.PING_INTERVAL_MS) {
      wrong('SILENCE_MS_MAX', 'must be more than PING_INTERVAL_MS and PONG_MS_MAX together')
    }
  })
  .transform((env) => ({
    logLevel: env.LOG_LEVEL,
    host: env.HOST,
    healthPort: env.HEALTH_PORT,
    redis: { url: env.REDIS_URL, shards: env.SHARDS, waitReplicas: env.WAIT_REPLICAS },
    twitchUrl: env.TWITCH_URL,
    account: accountOf(env.TWITCH_USERNAME, env),
    channels: env.CHANNELS,
    admins: new Set(env.ADMINS),
    backfillUrl: env.BACKFILL_URL,
    member: {
      replica: env.REPLICA_ID,
      weight: env.CAPACITY,
      replication: env.REPLICATION,
    },
    egressAddress: env.EGRESS_ADDRESS,
    handoverMsMax: env.HANDOVER_MS_MAX,
    spoolDir: env.SPOOL_DIR,
    spoolBytesMax: env.SPOOL_BYTES_MAX,
    bufferBytesMax: env.BUFFER_BYTES_MAX,
    flushIntervalMs: env.FLUSH_INTERVAL_MS,
    joins: { joinsMax: env.JOINS_PER_10S, windowMs: JOIN_WINDOW_MS },
    pool: {
      connectIntervalMs: env.CONNECT_INTERVAL_MS,
      pingIntervalMs: env.PING_INTERVAL_MS,
      pongMsMax: env.PONG_MS_MAX,
      silenceMsMax: env.SILENCE_MS_MAX,
      channelsMax: env.TWITCH_USERNAME === undefined ? Infinity : ACCOUNT_CHANNELS_MAX,
    },
    registryIntervalMs: env.REGISTRY_INTERVAL_MS,
  }))

export type Config = z.output<typeof envSchema>

/** @throws {SettingsError} listing everything that is wrong. */
export const readConfig = (env: Env): Config => parseEnv(envSchema, env)

function splitLogins(text: string): string[] {
  return text
    .split(',')
    .map(toLogin)
    .filter((login) => login !== '')
}

/** Accepts what people paste: spaces, a leading `#`, capitals. */
function toLogin(text: string): string {
  return text.trim().replace(/^#/, '').toLowerCase()
}

function accountOf(
  username: string | undefined,
  env: {
    readonly TWITCH_TOKEN?: string | undefined
    readonly TWITCH_TOKEN_FILE?: string | undefined
  },
): AccountSetting | undefined {
  const { TWITCH_TOKEN: token, TWITCH_TOKEN_FILE: tokenFile } = env
  return username === undefined ? undefined : { username, token, tokenFile }
}
