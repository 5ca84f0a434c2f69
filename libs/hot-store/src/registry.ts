import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { ASKED_CHANNELS_KEY, checkedId, isLogin, quoted, REGISTRY_KEY } from './keys.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'
import type { RegisteredChannel } from './types.ts'

/** Most channels poglog can be asked to log. */
export const REGISTRY_CHANNELS_MAX = 100_000

/** How often an access to a channel is noted. */
const ACCESS_NOTED_MS = 30 * 60_000

const REGISTER = loadScript('register')
const ASK = loadScript('ask-channel')
const NOTE_ACCESS = loadScript('note-access')
const DROP_UNASKED = loadScript('drop-unasked')
const LIST_CHANNELS = loadScript('list-channels')
const RENAME = loadScript('rename-channel')
const SET_CHANNEL_ID = loadScript('set-channel-id')
const BATCH_LOGINS = 1000
const KEYS = [REGISTRY_KEY, ASKED_CHANNELS_KEY] as const

/** The channels poglog is asked to log, by login. */
export class Registry {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Adds channels, to stay; one that is there keeps its id and time.
   *
   * @returns how many are new.
   * @throws {HotStoreError} `invalid` when one cannot be a login, or at 100,000 channels.
   */
  async add(logins: readonly string[]): Promise<number> {
    let added = 0
    for (const batch of batches(logins)) {
      const args = [REGISTRY_CHANNELS_MAX, ...batch]
      const reply = await this.#connection.run({ script: REGISTER, keys: KEYS, args })
      if (reply === -1)
        throw new HotStoreError('invalid', `more than ${REGISTRY_CHANNELS_MAX} channels`)
      added += toInteger(reply)
    }
    return added
  }

  /** Removes channels. @returns how many were there. */
  async remove(logins: readonly string[]): Promise<number> {
    let removed = 0
    for (const batch of batches(logins)) {
      removed += toInteger(await this.#connection.command('hdel', REGISTRY_KEY, ...batch))
      await this.#connection.command('hdel', ASKED_CHANNELS_KEY, ...batch)
    }
    return removed
  }

  /**
   * Adds a channel for as long as somebody asks for it; one that is there stays as it is.
   *
   * @param askedMax how many channels may be there in this way; beyond it, and at 100,000 channels, it is `full`.
   * @throws {HotStoreError} `invalid` when it cannot be a login.
   */
  async ask(login: string, askedMax: number): Promise<'added' | 'known' | 'full'> {
    const args = [checkedLogin(login), REGISTRY_CHANNELS_MAX, askedMax]
    const reply = toText(await this.#connection.run({ script: ASK, keys: KEYS, args }))
    if (reply === 'added' || reply === 'known' || reply === 'full') return reply
    throw new HotStoreError('corrupt', `not an answer to a channel asked for: ${quoted(reply)}`)
  }

  /** Notes, once in half an hour, that somebody asked for a channel that is there by {@link ask}. */
  async noteAccess(login: string): Promise<void> {
    const args = [checkedLogin(login), ACCESS_NOTED_MS]
    await this.#connection.run({ script: NOTE_ACCESS, keys: [ASKED_CHANNELS_KEY], args })
  }

  /** Removes the channels that are there by {@link ask} and were last asked for so long ago. @returns their logins. */
  async dropUnasked(forMs: number): Promise<string[]> {
    const call = { script: DROP_UNASKED, keys: KEYS, args: [forMs] }
    return toArray(await this.#connection.run(call)).map(toText)
  }

  /** All channels, in the order of their logins. */
  async list(): Promise<RegisteredChannel[]> {
    const call = { script: LIST_CHANNELS, keys: [REGISTRY_KEY], args: [] }
    return channelsOf(toArray(await this.#connection.run(call)).map(toText))
  }

  /** One channel, by one plain command; `undefined` when it is not registered or cannot be a login. */
  async find(login: string): Promise<RegisteredChannel | undefined> {
    if (!isLogin(login)) return undefined
    const value = await this.#connection.command('hget', REGISTRY_KEY, login)
    return value === null ? undefined : channelOf(login, toText(value))
  }

  /**
   * Registers a channel by its new login instead of its old one, as one change: who is there by {@link ask} stays so.
   *
   * @returns `false` when the old login is not (or no longer) registered; nothing is changed then.
   */
  async rename(oldLogin: string, newLogin: string, id: string): Promise<boolean> {
    const args = [checkedLogin(oldLogin), checkedLogin(newLogin), checkedId(id)]
    return (await this.#connection.run({ script: RENAME, keys: KEYS, args })) === 1
  }

  /** Notes a channel's numeric id. @returns `false` when it is not (or no longer) registered; nothing is changed then. */
  async setId(login: string, id: string): Promise<boolean> {
    const args = [checkedLogin(login), checkedId(id)]
    const reply = await this.#connection.run({ script: SET_CHANNEL_ID, keys: [REGISTRY_KEY], args })
    return reply === 1
  }
}

function channelsOf(pairs: readonly string[]): RegisteredChannel[] {
  const channels: RegisteredChannel[] = []
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    channels.push(channelOf(pairs[index] ?? '', pairs[index + 1] ?? ''))
  }
  return channels.toSorted((a, b) => (a.login < b.login ? -1 : 1))
}

/** Reads what the registry holds of a channel: when it was added, and its id once that is known. */
function channelOf(login: string, value: string): RegisteredChannel {
  const [added, id] = value.split(' ')
  const channelId = id === undefined || id === '' ? undefined : id
  return { login, channelId, addedAtMs: toInteger(added) }
}

function* batches(logins: readonly string[]): Generator<string[]> {
  const unique = [...new Set(logins.map(checkedLogin))]
  for (let from = 0; from < unique.length; from += BATCH_LOGINS) {
    yield unique.slice(from, from + BATCH_LOGINS)
  }
}

function checkedLogin(login: string): string {
  if (!isLogin(login)) throw new HotStoreError('invalid', `not a login: ${quoted(login)}`)
  return login
}
