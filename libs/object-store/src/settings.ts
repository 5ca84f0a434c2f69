import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assertKey } from './keys.ts'

const CONCURRENCY_DEFAULT = 16
const CONCURRENCY_MAX = 1_000
const TIMEOUT_MS_DEFAULT = 30_000
const ATTEMPTS_DEFAULT = 5
const PART_BYTES_DEFAULT = 16 * 1024 * 1024
/** What S3 takes as one part. */
const PART_BYTES_MAX = 5 * 1024 ** 3
const ATTEMPTS_MAX = 20
/** What AWS calls its first region; servers that have none accept it. */
const REGION_DEFAULT = 'us-east-1'

/** Where the objects lie and how hard to try. Credentials come from the AWS SDK's own chain. */
export interface ObjectStoreSettings {
  /** `s3://bucket`, `s3://bucket/prefix` or `file:///absolute/folder` (made when its parent exists). */
  readonly url: string
  /** `http(s)://host:port` of an S3 server; AWS when absent. Ignored for a folder. */
  readonly endpoint?: string | undefined
  /** Default `us-east-1`. */
  readonly region?: string | undefined
  /** Bucket in the path instead of the host name; default: true when an endpoint is set. */
  readonly forcePathStyle?: boolean | undefined
  /** Requests (file operations) running at once, 1 to 1,000, default 16; more wait in order. */
  readonly concurrency?: number | undefined
  /**
   * Limit of one attempt in milliseconds; default 30,000. Bytes that are sent or come add the time they
   * take at 1 MB/s. S3 only.
   */
  readonly timeoutMs?: number | undefined
  /** Attempts a request, 1 to 20, default 5; the waits between grow exponentially, with full jitter. S3 only. */
  readonly attempts?: number | undefined
  /**
   * A body over four times this many bytes is stored in parts of this size (larger ones when 10,000 do
   * not suffice); default 16 MiB. AWS takes no parts below 5 MiB. S3 only.
   */
  readonly partBytes?: number | undefined
  /** Instead of the SDK's credential chain; for tests. */
  readonly credentials?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string }
    | undefined
}

/** A folder's settings, checked. */
export interface FolderSettings {
  readonly kind: 'folder'
  readonly path: string
  readonly concurrency: number
}

/** S3 settings, checked. `prefix` is empty or ends in `/`. */
export interface S3Settings {
  readonly kind: 's3'
  readonly bucket: string
  readonly prefix: string
  readonly endpoint: string | undefined
  readonly region: string
  readonly forcePathStyle: boolean
  readonly concurrency: number
  readonly timeoutMs: number
  readonly attempts: number
  readonly partBytes: number
  readonly credentials: ObjectStoreSettings['credentials']
}

/** Throws a plain `Error` that names the wrong setting. */
export function checkSettings(settings: ObjectStoreSettings): FolderSettings | S3Settings {
  const url = URL.parse(settings.url)
  const concurrency = bounded(
    'concurrency',
    settings.concurrency ?? CONCURRENCY_DEFAULT,
    CONCURRENCY_MAX,
  )
  if (url?.protocol === 'file:') {
    return { kind: 'folder', path: resolve(fileURLToPath(url)), concurrency }
  }
  if (url?.protocol === 's3:') return { ...s3Settings(settings, url), concurrency }
  throw new Error('object store url must be s3://bucket/prefix or file:///folder')
}

function s3Settings(settings: ObjectStoreSettings, url: URL): Omit<S3Settings, 'concurrency'> {
  const prefix = decodedPath(url).replace(/^\//, '').replace(/\/$/, '')
  if (prefix !== '') assertKey(prefix)
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host)) {
    throw new Error(`object store url has no valid bucket name: ${JSON.stringify(url.host)}`)
  }
  const { endpoint } = settings
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new Error('object store endpoint must be http://host:port or https://host:port')
  }
  return {
    kind: 's3',
    bucket: url.host,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint,
    region: settings.region ?? REGION_DEFAULT,
    forcePathStyle: settings.forcePathStyle ?? endpoint !== undefined,
    timeoutMs: bounded('timeoutMs', settings.timeoutMs ?? TIMEOUT_MS_DEFAULT, 3_600_000),
    attempts: bounded('attempts', settings.attempts ?? ATTEMPTS_DEFAULT, ATTEMPTS_MAX),
    partBytes: bounded('partBytes', settings.partBytes ?? PART_BYTES_DEFAULT, PART_BYTES_MAX),
    credentials: settings.credentials,
  }
}

function bounded(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new Error(`object store setting ${name} must be a whole number from 1 to ${max}`)
}

function decodedPath(url: URL): string {
  try {
    return decodeURIComponent(url.pathname)
  } catch (cause) {
    throw new Error('object store url is not a valid url', { cause })
  }
}
