import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { checkedId, RETENTION_KEY } from './keys.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'

const LIST_HASH = loadScript('list-hash')

/** A hundred years. */
const DAYS_MAX = 36_500

/** For how many days a channel's records are kept; for ever where nothing is set. */
export class Retention {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Sets the days (1 to 36,500), or with `undefined` keeps for ever.
   *
   * @throws {HotStoreError} `invalid` when the id is no decimal number or the days are out of range.
   */
  async set(channelId: string, days: number | undefined): Promise<void> {
    checkedId(channelId)
    if (days === undefined) {
      await this.#connection.command('hdel', RETENTION_KEY, channelId)
      return
    }
    if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX) {
      throw new HotStoreError('invalid', `a channel is kept for 1 to ${DAYS_MAX} days, not ${days}`)
    }
    await this.#connection.command('hset', RETENTION_KEY, channelId, days)
  }

  /** Channel id -> days, of all channels that have a limit. */
  async all(): Promise<ReadonlyMap<string, number>> {
    const call = { script: LIST_HASH, keys: [RETENTION_KEY], args: [] }
    const pairs = toArray(await this.#connection.run(call))
    const days = new Map<string, number>()
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      days.set(toText(pairs[index]), toInteger(pairs[index + 1]))
    }
    return days
  }
}
