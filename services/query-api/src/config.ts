import {
  count,
  flag,
  parseEnv,
  port,
  processSettings,
  redisSettings,
  secret,
  storeSettings,
} from '@poglog/service-kit'
import type { Env } from '@poglog/service-kit'
import { z } from 'zod'
import { ACROSS_CHANNELS } from './admin/across-channels.ts'
import { parseAdminKeys } from './admin/admin-keys.ts'
import {
  ADMIN_KEY_CHARACTERS_MIN,
  JOIN_ON_DEMAND_CHANNELS_DEFAULT,
  JOIN_ON_DEMAND_CHANNELS_MAX,
  LIVE_LIMITS,
  RATE_LIMIT_PER_MINUTE_DEFAULT,
  STREAMS_PER_ADDRESS_DEFAULT,
} from './limits.ts'

const PORT_DEFAULT = 8025
const PROXY_HOPS_MAX = 16
const RATE_LIMIT_PER_MINUTE_MAX = 1_000_000
const STREAMS_PER_ADDRESS_MAX = 10_000

const adminKeys = z.string().transform((text, context) => {
  const keys = parseAdminKeys(text)
  if (!('problem' in keys)) return keys
  context.addIssue({ code: 'custom', message: keys.problem })
  return z.NEVER
})

const settings = z
  .object({
    ...processSettings,
    ...redisSettings,
    ...storeSettings,
    PORT: port(PORT_DEFAULT),
    /** Proxies of our own before the service: where in `X-Forwarded-For` the client's address is. */
    TRUSTED_PROXY_HOPS: count({ max: PROXY_HOPS_MAX, fallback: 0 }),
    /** Live tails in all, and of one client address. */
    LIVE_LISTENERS_MAX: count({ min: 1, fallback: LIVE_LIMITS.listenersMax }),
    LIVE_LISTENERS_PER_ADDRESS_MAX: count({
      min: 1,
      fallback: LIVE_LIMITS.listenersPerAddressMax,
    }),
    /** Requests a minute of one address; 0 for any number. */
    RATE_LIMIT_PER_MINUTE: count({
      max: RATE_LIMIT_PER_MINUTE_MAX,
      fallback: RATE_LIMIT_PER_MINUTE_DEFAULT,
    }),
    /** Answers that one address may be taking at a time; 0 for any number. */
    STREAMS_PER_ADDRESS: count({
      max: STREAMS_PER_ADDRESS_MAX,
      fallback: STREAMS_PER_ADDRESS_DEFAULT,
    }),
    /** Whether asking for a channel's recent messages has it logged, and how many channels may be logged for that. */
    JOIN_ON_DEMAND: flag().optional(),
    JOIN_ON_DEMAND_MAX: count({
      min: 1,
      max: JOIN_ON_DEMAND_CHANNELS_MAX,
      fallback: JOIN_ON_DEMAND_CHANNELS_DEFAULT,
    }),
    /** Without one nobody may use the admin routes; an empty one would let everybody in. */
    ADMIN_API_KEY: secret()
      .min(ADMIN_KEY_CHARACTERS_MIN, {
        error: `must have at least ${ADMIN_KEY_CHARACTERS_MIN} characters`,
      })
      .optional(),
    ADMIN_API_KEYS: adminKeys.optional(),
    /** Where the archiver's queues are; only looked at. */
    QUEUE_REDIS_URL: z.string().optional(),
    ADMIN_API_KEYS_FILE: z.string().optional(),
    USER_LOGS_ACROSS_CHANNELS: z
      .enum(ACROSS_CHANNELS, { error: `must be one of ${ACROSS_CHANNELS.join(', ')}` })
      .default('public'),
  })
  .transform((env) => ({
    joinOnDemandMax: env.JOIN_ON_DEMAND ? env.JOIN_ON_DEMAND_MAX : 0,
    logLevel: env.LOG_LEVEL,
    host: env.HOST,
    port: env.PORT,
    admin: {
      keys: [
        ...(env.ADMIN_API_KEY === undefined ? [] : [{ name: 'default', key: env.ADMIN_API_KEY }]),
        ...(env.ADMIN_API_KEYS ?? []),
      ],
      file: env.ADMIN_API_KEYS_FILE,
    },
    queueRedisUrl: env.QUEUE_REDIS_URL ?? env.REDIS_URL,
    acrossChannels: env.USER_LOGS_ACROSS_CHANNELS,
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE,
    streamsPerAddress: env.STREAMS_PER_ADDRESS,
    live: {
      listenersMax: env.LIVE_LISTENERS_MAX,
      listenersPerAddressMax: env.LIVE_LISTENERS_PER_ADDRESS_MAX,
    },
    hot: { url: env.REDIS_URL, shards: env.SHARDS },
    cold: {
      url: env.OBJECT_STORE,
      // Unset means what the endpoint suggests, not `false`.
      ...(env.S3_FORCE_PATH_STYLE ? { forcePathStyle: true } : {}),
      ...(env.S3_ENDPOINT === undefined ? {} : { endpoint: env.S3_ENDPOINT }),
      ...(env.S3_REGION === undefined ? {} : { region: env.S3_REGION }),
    },
  }))

export type Config = z.output<typeof settings>

/** @throws {SettingsError} listing every wrong setting. */
export const readConfig = (env: Env): Config => parseEnv(settings, env)
