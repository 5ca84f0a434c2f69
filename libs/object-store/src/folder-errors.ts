import { ObjectStoreError, type ObjectStoreErrorKind } from './errors.ts'

/** Tells the system's code of an error (`ENOENT`), `undefined` when it has none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Turns a failed system call on a key's file into the package's error; others pass as they are. */
export function folderError(key: string, cause: unknown): unknown {
  const code = errorCode(cause)
  if (cause instanceof ObjectStoreError || code === undefined) return cause
  if (code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG') {
    return new Error(`object key ${JSON.stringify(key)} cannot be a file here: ${code}`, { cause })
  }
  return new ObjectStoreError(kindOf(code), key, { cause, reason: code })
}

function kindOf(code: string): ObjectStoreErrorKind {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'full'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'denied'
  return 'unavailable'
}
