import { readFileSync } from 'node:fs'
import { createHash, timingSafeEqual } from 'node:crypto'
import { SettingsError, secret } from '@poglog/service-kit'
import {
  ADMIN_KEY_CHARACTERS_MIN,
  ADMIN_KEY_FILE_BYTES_MAX,
  ADMIN_KEY_FILE_LOOK_MS,
  ADMIN_KEYS_MAX,
} from '../limits.ts'

/** A key to the admin routes, and what the log calls who uses it. Names may repeat, while a key is replaced by another. */
export interface AdminKey {
  readonly name: string
  readonly key: string
}

/** Tells the keys that are good now. */
export type AdminKeys = () => readonly AdminKey[]

/** No key is good: the admin routes are closed. */
export const NO_ADMIN_KEYS: AdminKeys = () => []

/** What the settings say of keys; with none of them the admin routes are closed. */
export interface AdminKeySettings {
  readonly keys: readonly AdminKey[]
  /** A file with more of them, which may change at any time. */
  readonly file: string | undefined
}

export interface AdminKeyEvents {
  readonly adminKeysChanged: (keys: number) => void
  /** Those read last go on being good. */
  readonly adminKeysUnreadable: (problem: string) => void
}

const NAME = /^[\w.-]{1,64}$/

/** Reads `name:key`, with commas or line ends between; lines that begin with `#` are left out. Problems never show a key. */
export function parseAdminKeys(text: string): readonly AdminKey[] | { readonly problem: string } {
  const entries = text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('#'))
  if (entries.length > ADMIN_KEYS_MAX) return { problem: `must be at most ${ADMIN_KEYS_MAX} keys` }
  const keys: AdminKey[] = []
  for (const [index, entry] of entries.entries()) {
    const at = entry.indexOf(':')
    const [name, key] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)]
    const problem = NAME.test(name)
      ? keyProblem(key)
      : 'must be name:key, the name of A-Z a-z 0-9 . _ -'
    if (problem !== undefined) return { problem: `key ${index + 1} ${problem}` }
    keys.push({ name, key })
  }
  return keys
}

function keyProblem(key: string): string | undefined {
  if (key.length < ADMIN_KEY_CHARACTERS_MIN) {
    return `must have at least ${ADMIN_KEY_CHARACTERS_MIN} characters`
  }
  return secret().safeParse(key).error?.issues[0]?.message
}

/**
 * Opens the keys of the settings. Their file is looked at when a key is asked for, every few seconds at most.
 *
 * @throws {SettingsError} when the file cannot be used at the start.
 */
export function openAdminKeys(
  { keys, file }: AdminKeySettings,
  events: AdminKeyEvents,
  nowMs = (): number => performance.now(),
): AdminKeys {
  if (file === undefined) return () => keys
  const first = readKeys(file)
  if ('problem' in first) {
    throw new SettingsError([{ name: 'ADMIN_API_KEYS_FILE', problem: first.problem }])
  }
  let { found, text } = first
  let readAtMs = nowMs()
  let isReadable = true
  return () => {
    if (nowMs() < readAtMs + ADMIN_KEY_FILE_LOOK_MS) return [...keys, ...found]
    readAtMs = nowMs()
    const read = readKeys(file)
    if ('problem' in read) {
      if (isReadable) events.adminKeysUnreadable(read.problem)
    } else if (read.text !== text) {
      ;({ found, text } = read)
      events.adminKeysChanged(found.length)
    }
    isReadable = !('problem' in read)
    return [...keys, ...found]
  }
}

/** The name of a key that somebody gave. Takes the same time wherever they differ and whichever it is. */
export function nameOfKey(given: string, keys: readonly AdminKey[]): string | undefined {
  const wanted = digest(given)
  let found: string | undefined
  for (const { name, key } of keys) if (timingSafeEqual(digest(key), wanted)) found = name
  return found
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

type Read =
  | { readonly found: readonly AdminKey[]; readonly text: string }
  | { readonly problem: string }

function readKeys(file: string): Read {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { problem: `cannot be read: ${code}` }
  }
  if (bytes.length > ADMIN_KEY_FILE_BYTES_MAX) {
    return { problem: `is over ${ADMIN_KEY_FILE_BYTES_MAX} bytes` }
  }
  const text = bytes.toString('utf8')
  const found = parseAdminKeys(text)
  if ('problem' in found) return found
  return found.length === 0 ? { problem: 'holds no key' } : { found, text }
}
