import type { ByteRange } from './types.ts'

/** S3 allows 1,024 bytes of UTF-8; the rest is room for the prefix of the store. */
export const KEY_BYTES_MAX = 900
/** The longest file name of Linux file systems, in bytes. */
const PART_BYTES_MAX = 255

/**
 * Throws a plain `Error` when a key is none that every store can hold: 1 to 900 bytes, parts of 1 to
 * 255 bytes that do not begin with a dot, no control character, no backslash, well-formed Unicode.
 */
export function assertKey(key: string): void {
  const problem = keyProblem(key)
  if (problem !== undefined) throw new Error(`bad object key ${JSON.stringify(key)}: ${problem}`)
}

/** Tells whether {@link assertKey} accepts a key. */
export function isKey(key: string): boolean {
  return keyProblem(key) === undefined
}

/** Throws a plain `Error` unless a prefix is empty or could begin a key (it may end anywhere, also in `/`). */
export function assertPrefix(prefix: string): void {
  if (prefix === '') return
  const problem = keyProblem(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix)
  if (problem !== undefined) {
    throw new Error(`bad object prefix ${JSON.stringify(prefix)}: ${problem}`)
  }
}

/** Throws a plain `Error` unless `0 <= start <= end` and both are safe integers. */
export function assertRange({ start, end }: ByteRange): void {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw new Error(`bad byte range [${start}, ${end})`)
  }
}

/** Compares keys by their UTF-8 bytes, the order in which S3 lists. JavaScript's own order differs. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function keyProblem(key: string): string | undefined {
  if (key === '') return 'empty'
  if (Buffer.byteLength(key) > KEY_BYTES_MAX) return `longer than ${KEY_BYTES_MAX} bytes`
  if (!key.isWellFormed()) return 'not well-formed Unicode'
  // XML, in which S3 lists and deletes, cannot hold U+FFFE and U+FFFF.
  if (/[\p{Cc}\\\uFFFE\uFFFF]/u.test(key)) return 'control character, backslash or no character'
  for (const part of key.split('/')) {
    if (part === '') return 'empty part'
    if (part.startsWith('.')) return 'part begins with a dot'
    if (Buffer.byteLength(part) > PART_BYTES_MAX) return `part longer than ${PART_BYTES_MAX} bytes`
  }
  return undefined
}
