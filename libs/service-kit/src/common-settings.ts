import { z } from 'zod'
import { count, flag, logLevel, port } from './setting-types.ts'

const SHARDS_MAX = 1024
const STORE_URL = /^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?|file:\/\/\/.*)$/

/** What every process takes: spread it into a service's own schema. */
export const processSettings = {
  LOG_LEVEL: logLevel(),
  /** Where the process listens. 0.0.0.0 is for containers. */
  HOST: z.string().default('127.0.0.1'),
  HEALTH_PORT: port(0),
}

/** Where hot records live. `REDIS_URL` may hold a password: log it through {@link redactUrl} only. */
export const redisSettings = {
  REDIS_URL: z.string().default('redis://127.0.0.1:6379'),
  SHARDS: count({ min: 1, max: SHARDS_MAX, fallback: 1 }),
}

/** Where segments live. Credentials are the AWS SDK's own chain, never settings of ours. */
export const storeSettings = {
  OBJECT_STORE: z
    .string()
    .regex(STORE_URL, { error: 'must be s3://bucket/prefix or file:///absolute/path' }),
  S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
  S3_REGION: z.string().optional(),
  /** Bucket in the path instead of the host name. Unset: the object store decides by the endpoint. */
  S3_FORCE_PATH_STYLE: flag().optional(),
}
