import { parseEnv, port, processSettings, redisSettings, storeSettings } from '@poglog/service-kit'
import type { Env } from '@poglog/service-kit'
import { z } from 'zod'

const PORT_DEFAULT = 8025

const settings = z
  .object({ ...processSettings, ...redisSettings, ...storeSettings, PORT: port(PORT_DEFAULT) })
  .transform((env) => ({
    logLevel: env.LOG_LEVEL,
    host: env.HOST,
    port: env.PORT,
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
