import type { Command, Connection } from './connection.ts'
import { arrivalOf, checkedPageSize, decodePage } from './entries.ts'
import { HotStoreError } from './errors.ts'
import { stateKey, streamKey } from './keys.ts'
import { toArray, toInteger, toText } from './reply.ts'
import type { HotEntry } from './types.ts'

/** Channels of one {@link HotTail.read}: with so many Redis looks into all of them in about a millisecond. */
export const TAIL_CHANNELS_MAX = 1000

/** Where to go on in channels of one shard. */
export interface TailQuery {
  readonly shard: number
  /** Channel id -> the stream id after which to read; at most {@link TAIL_CHANNELS_MAX}. */
  readonly after: ReadonlyMap<string, string>
  /** Of each channel. 1,000 unless told otherwise; fewer than 501 may never get past the entries of one append. */
  readonly maxEntries?: number | undefined
}

/**
 * What came behind the places of a {@link TailQuery}, at one instant.
 *
 * - `nowMs`: Redis time. What is appended later arrives at or after it, as long as the clock does not step back.
 * - `floorMs`: what is appended later arrives at or after it, whatever the clock does.
 * - `trimmedMs`: what arrived before may be missing here.
 * - `channels`: channel id -> entries in order of arrival, of channels that have any. As many as were asked for: there
 *   may be more, and the last arrival may not be whole.
 * - `damaged`: channel id -> what is wrong with an entry of it; its other entries are not in `channels`.
 */
export interface TailPage {
  readonly nowMs: number
  readonly floorMs: number
  readonly trimmedMs: number
  readonly channels: ReadonlyMap<string, readonly HotEntry[]>
  readonly damaged: ReadonlyMap<string, HotStoreError>
}

/**
 * Follows streams as they grow, on a connection of its own, so that it neither holds up queries nor waits for them. One is
 * enough for a process: it reads any number of channels of a shard at once.
 *
 * Fails as {@link HotStore} does, and comes back by itself.
 */
export class HotTail {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Reads what is there and does not wait. @throws {HotStoreError} `invalid` for too many channels. */
  async read({ shard, after, maxEntries }: TailQuery): Promise<TailPage> {
    const size = checkedPageSize(maxEntries)
    if (after.size > TAIL_CHANNELS_MAX) {
      throw new HotStoreError('invalid', `more than ${TAIL_CHANNELS_MAX} channels`)
    }
    const channelOf = new Map([...after.keys()].map((id) => [streamKey(shard, id), id]))
    const commands: Command[] = [['hmget', stateKey(shard), 'floor', 'trimmed'], ['time']]
    if (after.size > 0) {
      const places = ['COUNT', size, 'STREAMS', ...channelOf.keys(), ...after.values()]
      commands.push(['xread', ...places])
    }
    const replies = await this.#connection.commands(commands, { atomic: true })
    const [floor, trimmed] = toArray(replies[0])
    const [seconds, micros] = toArray(replies[1])
    const channels = new Map<string, readonly HotEntry[]>()
    const damaged = new Map<string, HotStoreError>()
    for (const stream of toArray(replies[2] ?? [])) {
      const [key, entries] = toArray(stream)
      const channelId = channelOf.get(toText(key)) ?? ''
      try {
        channels.set(channelId, decodePage(entries, channelId, size).entries)
      } catch (error) {
        // The others must not wait for it.
        if (!(error instanceof HotStoreError)) throw error
        damaged.set(channelId, error)
      }
    }
    return {
      nowMs: toInteger(seconds) * 1000 + Math.floor(toInteger(micros) / 1000),
      floorMs: toInteger(floor, 0),
      trimmedMs: toInteger(trimmed, 0),
      channels,
      damaged,
    }
  }

  /** Channel id -> arrival of its last entry, of channels that have any. */
  async lastArrivals(
    shard: number,
    channelIds: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    const commands = channelIds.map((id): Command => {
      return ['xrevrange', streamKey(shard, id), '+', '-', 'COUNT', 1]
    })
    const replies = await this.#connection.commands(commands, { atomic: false })
    const found = new Map<string, number>()
    for (const [at, reply] of replies.entries()) {
      const channelId = channelIds[at] ?? ''
      const [last] = toArray(reply)
      if (last !== undefined) found.set(channelId, arrivalOf(toText(toArray(last)[0])))
    }
    return found
  }

  /** Closes the connection. Calls in flight fail. */
  close(): void {
    this.#connection.close()
  }
}
