import {
  count,
  parseEnv,
  port,
  processSettings,
  redisSettings,
  secret,
  storeSettings,
} from '@poglog/service-kit'
import type { Env } from '@poglog/service-kit'
import { z } from 'zod'

const PORT_DEFAULT = 8025
const PROXY_HOPS_MAX = 16
/** Short enough to be typed, long enough not to be guessed over a network. */
const ADMIN_KEY_CHARACTERS_MIN = 16

const settings = z
  .object({
    ...processSettings,
    ...redisSettings,
    ...storeSettings,
    PORT: port(PORT_DEFAULT),
    /** Proxies of our own before the service: where in `X-Forwarded-For` the client's address is. */
    TRUSTED_PROXY_HOPS: count({ max: PROXY_HOPS_MAX, fallback: 0 }),
    /** Without one nobody may use the admin routes; an empty one would let everybody in. */
    ADMIN_API_KEY: secret()
      .min(ADMIN_KEY_CHARACTERS_MIN, {
        error: `must have at least ${ADMIN_KEY_CHARACTERS_MIN} characters`,
      })
      .optional(),
  })
  .transform((env) => ({
    logLevel: env.LOG_LEVEL,
    host: env.HOST,
    port: env.PORT,
    adminApiKey: env.ADMIN_API_KEY,
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
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
