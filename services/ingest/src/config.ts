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

const MIB = 1024 * 1024
const JOIN_WINDOW_MS = 10_000
const CHANNELS_MAX = 10_000

const channels = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map(toLogin)
      .filter((login) => login !== ''),
  )
  .pipe(
    z
      .array(
        z.string().regex(/^[a-z0-9_]{1,25}$/, { error: 'must be Twitch logins, comma separated' }),
      )
      .max(CHANNELS_MAX, { error: `must be at most ${CHANNELS_MAX} channels` }),
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
    CHANNELS: channels,
    BACKFILL_URL: z
      .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
      .optional(),
    SPOOL_DIR: z.string().default('./data/spool'),
    SPOOL_BYTES_MAX: bytes({ min: MIB, fallback: 4096 * MIB }),
    BUFFER_BYTES_MAX: bytes({ min: MIB, fallback: 32 * MIB }),
    FLUSH_INTERVAL_MS: duration({ min: 1, max: 1000, fallback: 50 }),
    JOINS_PER_10S: count({ min: 1, max: 10_000, fallback: 20 }),
    CONNECT_INTERVAL_MS: duration({ min: 10, max: 60_000, fallback: 1000 }),
    REGISTRY_INTERVAL_MS: duration({ min: 100, max: 600_000, fallback: 3000 }),
    PING_AFTER_MS: duration({ min: 100, max: 600_000, fallback: 20_000 }),
    SILENCE_MS_MAX: duration({ min: 200, max: 600_000, fallback: 35_000 }),
  })
  .superRefine((env, context) => {
    const wrong = (name: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [name], message })
    }
    if (env.TWITCH_TOKEN !== undefined && env.TWITCH_USERNAME === undefined) {
      wrong('TWITCH_USERNAME', 'must be set together with TWITCH_TOKEN')
    }
    if (env.TWITCH_USERNAME !== undefined && env.TWITCH_TOKEN === undefined) {
      wrong('TWITCH_TOKEN', 'must be set together with TWITCH_USERNAME')
    }
    if (env.SILENCE_MS_MAX <= env.PING_AFTER_MS) {
      wrong('SILENCE_MS_MAX', 'must be more than PING_AFTER_MS')
    }
  })
  .transform((env) => ({
    logLevel: env.LOG_LEVEL,
    host: env.HOST,
    healthPort: env.HEALTH_PORT,
    redis: { url: env.REDIS_URL, shards: env.SHARDS, waitReplicas: env.WAIT_REPLICAS },
    twitchUrl: env.TWITCH_URL,
    account: accountOf(env.TWITCH_USERNAME, env.TWITCH_TOKEN),
    channels: env.CHANNELS,
    backfillUrl: env.BACKFILL_URL,
    spoolDir: env.SPOOL_DIR,
    spoolBytesMax: env.SPOOL_BYTES_MAX,
    bufferBytesMax: env.BUFFER_BYTES_MAX,
    flushIntervalMs: env.FLUSH_INTERVAL_MS,
    joins: { joinsMax: env.JOINS_PER_10S, windowMs: JOIN_WINDOW_MS },
    connectIntervalMs: env.CONNECT_INTERVAL_MS,
    registryIntervalMs: env.REGISTRY_INTERVAL_MS,
    pingAfterMs: env.PING_AFTER_MS,
    silenceMsMax: env.SILENCE_MS_MAX,
  }))

export type Config = z.output<typeof envSchema>

/** @throws {SettingsError} listing everything that is wrong. */
export const readConfig = (env: Env): Config => parseEnv(envSchema, env)

/** Accepts what people paste: spaces, a leading `#`, capitals. */
function toLogin(text: string): string {
  return text.trim().replace(/^#/, '').toLowerCase()
}

function accountOf(
  username: string | undefined,
  token: string | undefined,
): { readonly username: string; readonly token: string } | undefined {
  return username === undefined || token === undefined ? undefined : { username, token }
}
