import { readFileSync } from 'node:fs'
import { SettingsError, secret } from '@poglog/service-kit'
import { every } from './every.ts'

const LOOK_INTERVAL_MS = 5000
const FILE_BYTES_MAX = 16_384

/** An account as the settings name it: its token, or the file that holds it. */
export interface AccountSetting {
  readonly username: string
  readonly token: string | undefined
  readonly tokenFile: string | undefined
}

export interface AccountEvents {
  /** The file holds another token, which counts from the next connection on. */
  readonly tokenChanged: () => void
  /** The token read last goes on being used. */
  readonly tokenUnreadable: (problem: string) => void
}

/** The account connections log in with. Dispose it to look at its file no more. */
export interface Account extends Disposable {
  /** What to log in with now: a file is read anew each time. Never throws. */
  readonly now: () => { readonly username: string; readonly token: string }
}

/**
 * Opens an account. A file with its token may change at any time, as a mounted secret does.
 *
 * @throws {SettingsError} when the file holds no token at the start.
 */
export function openAccount(
  { username, token, tokenFile }: AccountSetting,
  events: AccountEvents,
  intervalMs = LOOK_INTERVAL_MS,
): Account {
  if (tokenFile === undefined) {
    if (token === undefined) throw new Error('an account without a token')
    return { now: () => ({ username, token }), [Symbol.dispose]: () => undefined }
  }
  const file = new TokenFile(tokenFile, events)
  const looking = every(intervalMs, () => void file.read())
  return {
    now: () => ({ username, token: file.read() }),
    [Symbol.dispose]: () => looking[Symbol.dispose](),
  }
}

type Read = { readonly token: string } | { readonly problem: string }

class TokenFile {
  readonly #path: string
  readonly #events: AccountEvents
  #token: string
  #isReadable = true

  constructor(path: string, events: AccountEvents) {
    this.#path = path
    this.#events = events
    const first = readToken(path)
    if ('problem' in first) {
      throw new SettingsError([{ name: 'TWITCH_TOKEN_FILE', problem: first.problem }])
    }
    this.#token = first.token
  }

  /** The token of now; where the file does not tell it, the last one. */
  read(): string {
    const read = readToken(this.#path)
    if ('token' in read) {
      if (read.token !== this.#token) this.#events.tokenChanged()
      this.#token = read.token
    } else if (this.#isReadable) this.#events.tokenUnreadable(read.problem)
    this.#isReadable = 'token' in read
    return this.#token
  }
}

/** What is wrong is told without what stands in the file. */
function readToken(path: string): Read {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { problem: `cannot be read: ${code}` }
  }
  if (bytes.length > FILE_BYTES_MAX) return { problem: `is over ${FILE_BYTES_MAX} bytes` }
  const token = secret().safeParse(bytes.toString('utf8').trim())
  if (!token.success) return { problem: token.error.issues[0]?.message ?? 'holds no token' }
  return token.data === '' ? { problem: 'is empty' } : { token: token.data }
}
