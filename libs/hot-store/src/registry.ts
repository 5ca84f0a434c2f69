import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { checkedId, isLogin, quoted, REGISTRY_KEY } from './keys.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'
import type { RegisteredChannel } from './types.ts'

/** Most channels poglog can be asked to log. */
export const REGISTRY_CHANNELS_MAX = 100_000

const REGISTER = loadScript('register')
const LIST_CHANNELS = loadScript('list-channels')
const SET_CHANNEL_ID = loadScript('set-channel-id')
const BATCH_LOGINS = 1000

/** The channels poglog is asked to log, by login. */
export class Registry {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Adds channels; one that is there stays as it is.
   *
   * @returns how many are new.
   * @throws {HotStoreError} `invalid` when one cannot be a login, or at 100,000 channels.
   */
  async add(logins: readonly string[]): Promise<number> {
    let added = 0
    for (const batch of batches(logins)) {
      const args = [REGISTRY_CHANNELS_MAX, ...batch]
      const reply = await this.#connection.run({ script: REGISTER, keys: [REGISTRY_KEY], args })
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
    }
    return removed
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
