import type { Connection } from './connection.ts'
import { hideUser } from './erasing.ts'
import { HotStoreError } from './errors.ts'
import { checkedId, checkedTimeMs, ERASURES_KEY, PENDING_ERASURES_KEY } from './keys.ts'
import { readState } from './reading.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'
import type { Erasure, Scope } from './types.ts'

const REQUEST = loadScript('request-erasure')
const UPDATE = loadScript('update-erasure')
const PENDING = loadScript('pending-erasures')
const KEYS = [ERASURES_KEY, PENDING_ERASURES_KEY]

/** Scopes written at a time. */
const HIDE_CONCURRENCY = 64

/** A report names objects; ten thousand of them fit. */
const REPORT_LENGTH_MAX = 1_000_000

const ENTRY = /^(\d{1,16}) (\d{1,16}) (pending|done) ([^]*)$/

/** Requests to erase users' records, kept until they are done and as a record of it afterwards. */
export class Erasures {
  readonly #connection: Connection
  readonly #shards: number

  constructor(connection: Connection, shards: number) {
    this.#connection = connection
    this.#shards = shards
  }

  /**
   * Hides everything the user has sent until now, at once and in every shard, and asks the archiver to remove it.
   * Asking again moves the time on.
   *
   * @returns when it is hidden everywhere.
   * @throws {HotStoreError} `invalid` when the id is no decimal number; else the records may be hidden in some shards
   *   and nothing may be asked of the archiver yet: ask again.
   */
  async request(userId: string): Promise<Erasure> {
    checkedId(userId)
    const { nowMs } = await readState(0, this.#connection)
    // The end is exclusive: what was sent in this very millisecond goes too.
    const beforeMs = nowMs + 1
    const erasure: Erasure = {
      userId,
      requestedAtMs: nowMs,
      beforeMs,
      state: 'pending',
      report: undefined,
    }
    // Hidden first: a request that is noted is always hidden.
    await this.hide(erasure)
    const args = [userId, beforeMs, encode(erasure)]
    const call = { script: REQUEST, keys: KEYS, args }
    return decode(userId, toText(await this.#connection.runReplicated(call)))
  }

  /** Hides the user's records again where a failover of Redis has forgotten it. Changes nothing where it has not. */
  async hide(erasure: Pick<Erasure, 'userId' | 'beforeMs'>): Promise<void> {
    const scopes: Scope[] = [...Array(this.#shards).keys(), 'users']
    for (let from = 0; from < scopes.length; from += HIDE_CONCURRENCY) {
      const group = scopes.slice(from, from + HIDE_CONCURRENCY)
      await Promise.all(group.map((scope) => hideUser(scope, erasure, this.#connection)))
    }
  }

  /** The request for a user, pending or done; `undefined` when there never was one. */
  async find(userId: string): Promise<Erasure | undefined> {
    const value = await this.#connection.command('hget', ERASURES_KEY, checkedId(userId))
    return value === null ? undefined : decode(userId, toText(value))
  }

  /** What the archiver has still to do, the oldest request first. */
  async pending(): Promise<Erasure[]> {
    const call = { script: PENDING, keys: KEYS, args: [] }
    const pairs = toArray(await this.#connection.run(call)).map(toText)
    const erasures: Erasure[] = []
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      erasures.push(decode(pairs[index] ?? '', pairs[index + 1] ?? ''))
    }
    return erasures.toSorted((a, b) => a.requestedAtMs - b.requestedAtMs)
  }

  /** Notes how far a request has come, unless it was asked for again since (`beforeMs` differs). */
  async update(erasure: Erasure): Promise<void> {
    const { state } = erasure
    const args = [
      checkedId(erasure.userId),
      checkedTimeMs(erasure.beforeMs),
      encode(erasure),
      state,
    ]
    await this.#connection.runReplicated({ script: UPDATE, keys: KEYS, args })
  }
}

function encode({ beforeMs, requestedAtMs, state, report = '' }: Erasure): string {
  if (report.length > REPORT_LENGTH_MAX) {
    throw new HotStoreError('invalid', `a report of ${report.length} characters`)
  }
  return `${beforeMs} ${requestedAtMs} ${state} ${report}`
}

function decode(userId: string, value: string): Erasure {
  const [, beforeMs, requestedAtMs, state, report] = ENTRY.exec(value) ?? []
  if (state !== 'pending' && state !== 'done') {
    throw new HotStoreError('corrupt', `the request to erase user ${userId} is not readable`)
  }
  return {
    userId,
    requestedAtMs: toInteger(requestedAtMs),
    beforeMs: toInteger(beforeMs),
    state,
    report: report === undefined || report === '' ? undefined : report,
  }
}
