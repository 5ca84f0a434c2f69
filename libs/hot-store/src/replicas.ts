import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { takeJoins } from './join-budget.ts'
import { INGEST_KEYS } from './keys.ts'
import { noteRates, readRates } from './rates.ts'
import {
  checkedReplica,
  decodeBeat,
  decodeList,
  encodeBeat,
  encodeLostSlots,
} from './replica-codec.ts'
import { type BeatResult, REPLICAS_MAX } from './replica-types.ts'
import type { JoinRequest, LostReplica, ReplicaBeat, ReplicaList } from './replica-types.ts'
import { loadScript } from './script.ts'

const BEAT = loadScript('beat')
const LEAVE = loadScript('leave-replica')
const FORGET_LOST = loadScript('forget-lost')
const LIST = loadScript('list-replicas')

/** Dead replicas that one answer names. */
const LOST_PER_BEAT = 50

/**
 * Dead replicas remembered. Each is written down and forgotten within seconds while anybody lives, so that only many
 * thousand starts without a single record written come this far.
 */
const LOST_MAX = 2048

/**
 * Who receives which channels: the replicas of ingest and the slots they declare. Nobody owns a slot exclusively; two
 * holders are harmless, as append drops what comes twice.
 *
 * A replica whose last heartbeat is ten seconds old is taken for dead by the next heartbeat of another. When nobody was
 * heard of for five seconds, or the clock went back, Redis was away or its clock stepped: then nobody is taken for dead
 * within the next ten seconds.
 */
export class Replicas {
  readonly #connection: Connection
  readonly #deadMs: number

  constructor(connection: Connection, deadMs: number) {
    this.#connection = connection
    this.#deadMs = deadMs
  }

  /**
   * Says that the caller lives and what it does, and returns what it must know of the others. About once a second; safe
   * to repeat. A run that is new takes the place of an earlier one of the same replica at once, which counts as dead.
   *
   * @throws {HotStoreError} `invalid` when the beat cannot be one, or at 1,024 replicas; the caller is not entered.
   */
  async beat(beat: ReplicaBeat): Promise<BeatResult> {
    const args = [...encodeBeat(beat), this.#deadMs, REPLICAS_MAX, LOST_PER_BEAT, LOST_MAX]
    const reply = await this.#connection.run({ script: BEAT, keys: INGEST_KEYS, args })
    if (reply === 'FULL') {
      throw new HotStoreError('invalid', `more than ${REPLICAS_MAX} replicas of ingest`)
    }
    return decodeBeat(reply)
  }

  /** Takes the caller out: it ends on purpose and is not lost. A later heartbeat of this run changes nothing. */
  async leave(replica: string, run: string): Promise<void> {
    const args = checkedReplica(replica, run)
    await this.#connection.run({ script: LEAVE, keys: INGEST_KEYS, args })
  }

  /** Says that a dead replica is written down, unless it died again since. */
  async forgetLost(lost: LostReplica): Promise<void> {
    const ids = checkedReplica(lost.replica, lost.run)
    const args = [...ids, lost.coveredMs, encodeLostSlots(lost.slots)]
    await this.#connection.run({ script: FORGET_LOST, keys: INGEST_KEYS, args })
  }

  /** Everything known of the replicas, those included that are about to be taken for dead. */
  async list(): Promise<ReplicaList> {
    const call = { script: LIST, keys: INGEST_KEYS, args: [] }
    return decodeList(await this.#connection.run(call))
  }

  /**
   * Takes joins from a budget that all replicas share: at most `max` in any `windowMs` of Redis time.
   *
   * @returns how many the caller may make, 0 to `wanted`. Those of a lost reply are spent.
   * @throws {HotStoreError} `invalid` when the request cannot be one.
   */
  async takeJoins(request: JoinRequest): Promise<number> {
    return await takeJoins(request, this.#connection)
  }

  /**
   * Notes how many messages a minute channels have, by login. What a channel had stays when it is gone, until there are
   * more than 100,000: then others make room at random, and are noted anew when they are still there.
   *
   * @throws {HotStoreError} `invalid` before anything was sent.
   */
  async noteRates(rates: ReadonlyMap<string, number>): Promise<void> {
    await noteRates(rates, this.#connection)
  }

  /** Messages a minute, by login, as last noted; a channel of which nothing is known is absent. */
  async rates(logins: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return await readRates(logins, this.#connection)
  }
}
