import { ObjectStoreError, type ObjectStoreErrorKind } from './errors.ts'

/** Servers answer with whole pages at times. */
const MESSAGE_LENGTH_MAX = 200

/** What an operator must do, by the name S3 or the SDK gives the error. */
const DENIED_REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    NoSuchBucket: 'the bucket does not exist: create it or correct the url',
    InvalidBucketName: 'the bucket name in the url is not valid',
    AccessDenied: 'the credentials lack rights: reading needs s3:GetObject and s3:ListBucket',
    Forbidden: 'the credentials lack rights: reading needs s3:GetObject and s3:ListBucket',
    AllAccessDisabled: 'access to the bucket is disabled',
    AccountProblem: 'the account has a problem: ask the provider',
    InvalidAccessKeyId: 'the access key is unknown to the server: correct the credentials',
    SignatureDoesNotMatch: 'the secret key is wrong: correct the credentials',
    ExpiredToken: 'the session token has expired: renew the credentials',
    InvalidToken: 'the session token is not valid: renew the credentials',
    CredentialsProviderError:
      'no credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    RequestTimeTooSkewed: "this machine's clock is wrong: synchronise it",
    PermanentRedirect: 'the bucket is in another region: correct the region',
    AuthorizationHeaderMalformed: 'the bucket is in another region: correct the region',
    IllegalLocationConstraintException: 'the bucket is in another region: correct the region',
  }),
)
const FULL_NAMES = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull'])
const CORRUPT_NAMES = new Set(['BadDigest', 'InvalidDigest', 'DamagedBodyError'])

/** Turns what the SDK threw into the package's error. */
export function s3Error(key: string, cause: unknown): ObjectStoreError {
  if (cause instanceof ObjectStoreError) return cause
  const name = errorName(cause)
  const status = httpStatus(cause)
  const kind = kindOf(name, status)
  const denied = DENIED_REASONS.get(name) ?? `${name} ${status ?? ''}`.trim()
  const reason = kind === 'denied' ? denied : `${name}: ${errorMessage(cause)}`
  return new ObjectStoreError(kind, key, { cause, reason })
}

/** The name S3 gave an error (`NoSuchKey`). */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

function errorMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.slice(0, MESSAGE_LENGTH_MAX)
}

function kindOf(name: string, status: number | undefined): ObjectStoreErrorKind {
  if (FULL_NAMES.has(name) || status === 507) return 'full'
  if (CORRUPT_NAMES.has(name)) return 'corrupt'
  if (DENIED_REASONS.has(name) || status === 401 || status === 403) return 'denied'
  return 'unavailable'
}

/** The status of the answer that was an error; `undefined` when no answer came, or none of S3. */
export function httpStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null) return undefined
  if (!('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
