import { append, type AppendTarget } from './append.ts'
import { BatchTraces } from './batch-traces.ts'
import { channelGroups, firstArrival } from './channels.ts'
import { ClientHits } from './client-hits.ts'
import type { Connection } from './connection.ts'
import { memoryUse, scriptSeconds, type MemoryUse } from './memory.ts'
import { eraseEntries, readErased } from './erasing.ts'
import { Erasures } from './erasures.ts'
import { dropAbsorbed, forgetAbsorbed, readUsersView } from './folds.ts'
import { Names } from './names.ts'
import { OptOutList } from './opt-outs.ts'
import {
  type ManifestCache,
  type PageQuery,
  type RangeQuery,
  readPage,
  readRange,
  readSnapshot,
  readState,
  type SnapshotQuery,
  userChannels,
  type UserQuery,
} from './reading.ts'
import { Registry } from './registry.ts'
import { Replicas } from './replicas.ts'
import { Retention } from './retention.ts'
import { expireReservations, forgetRemoved, removedObjects, reserve, swap } from './swapping.ts'
import { restore } from './restoring.ts'
import { HotTail } from './tail.ts'
import { tidyUserSets } from './tidy-user-sets.ts'
import type { TidyUserSets } from './tidy-user-sets.ts'
import { expireUserSets, indexUsers } from './user-sets.ts'
import { check, commit, type Commit, freeze, trim, type TrimOptions } from './sealing.ts'
import { shardOf } from './keys.ts'
import type {
  AppendLine,
  AppendResult,
  CommitResult,
  Erased,
  Freeze,
  HotEntry,
  HotPage,
  RemovedObject,
  Reservation,
  Restore,
  RunRef,
  Scope,
  SegmentEntry,
  ShardState,
  Swap,
  UsersView,
  VersionedSnapshot,
} from './types.ts'

/** What `openHotStore` found and was told. */
export interface HotStoreOptions {
  readonly shards: number
  readonly seenWindowMs: number
  readonly replicaDeadMs: number
}

/**
 * The hot log in Redis. Open one with {@link openHotStore}.
 *
 * Every method throws {@link HotStoreError} and nothing else. While Redis is away each fails at once with
 * `unavailable`; the connection comes back by itself. Every method is safe to repeat when its outcome is unknown.
 */
export class HotStore {
  /** Number of shards, fixed when the store was first used. */
  readonly shards: number
  /** Which login belongs to which id. */
  readonly names: Names
  /** The channels poglog is asked to log. */
  readonly registry: Registry
  /** Requests to erase users' records. */
  readonly erasures: Erasures
  /** Who is neither stored nor shown. */
  readonly optOuts: OptOutList
  /** How long channels' records are kept. */
  readonly retention: Retention
  /** How often clients of the API ask. */
  readonly clientHits: ClientHits
  /** The replicas of ingest and what they share. */
  readonly replicas: Replicas
  /** Traces that go on from whoever appends to whoever seals. */
  readonly traces: BatchTraces
  readonly #connection: Connection
  readonly #seenWindowMs: number
  readonly #manifests: ManifestCache = new Map()
  #usersView: UsersView | undefined

  constructor(connection: Connection, { shards, seenWindowMs, replicaDeadMs }: HotStoreOptions) {
    this.#connection = connection
    this.shards = shards
    this.#seenWindowMs = seenWindowMs
    this.names = new Names(connection)
    this.registry = new Registry(connection)
    this.erasures = new Erasures(connection, shards)
    this.optOuts = new OptOutList(connection)
    this.retention = new Retention(connection)
    this.clientHits = new ClientHits(connection)
    this.replicas = new Replicas(connection, replicaDeadMs)
    this.traces = new BatchTraces(connection)
  }

  /** The shard of a channel. @throws {HotStoreError} `invalid` when the id is no decimal number. */
  shardOf(channelId: string): number {
    return shardOf(channelId, this.shards)
  }

  /**
   * Appends lines of one shard, dropping what the last ten minutes have seen (I2). The arrival is Redis time, and
   * never before the floor.
   *
   * @throws {HotStoreError} `invalid` before anything was sent (see {@link appendRejection}); `full`: nothing of the
   *   failed call (at most 500 lines) was written; else unknown. Send the whole batch again: what arrived is dropped.
   */
  async append(shard: number, lines: readonly AppendLine[]): Promise<AppendResult> {
    const target: AppendTarget = { shard, shards: this.shards, seenWindowMs: this.#seenWindowMs }
    return await append(lines, target, this.#connection)
  }

  /** A shard's state at one instant, with Redis time. */
  async state(shard: number): Promise<ShardState> {
    return await readState(shard, this.#connection)
  }

  /**
   * State, manifest and a channel's first hot page from the boundary, at one instant (Q1). The manifest travels only
   * when it has changed since this store last read it. Without a channel the page is empty.
   */
  async snapshot(query: SnapshotQuery): Promise<VersionedSnapshot> {
    return await readSnapshot(query, this.#connection, this.#manifests)
  }

  /** A shard's segments in the order of their numbers. */
  async manifest(shard: number): Promise<readonly SegmentEntry[]> {
    return (await this.snapshot({ shard, channelId: undefined, maxEntries: 1 })).segments
  }

  /** The page after a stream id; `'retry'` when a trim may have taken a part of it: begin from a new snapshot. */
  async readPage(query: PageQuery): Promise<HotPage | 'retry'> {
    return await readPage(query, this.#connection)
  }

  /**
   * Yields a channel's entries that arrived in `[fromMs, toMs)`, oldest first, in pages. Only for arrivals from the
   * boundary on, which no trim can take; readers use {@link HotStore.snapshot}.
   */
  readRange(query: RangeQuery): AsyncGenerator<HotEntry[]> {
    return readRange(query, this.#connection)
  }

  /** Yields every channel that may have entries, once, in no order. */
  async *channels(shard: number): AsyncGenerator<string> {
    for await (const group of channelGroups(shard, this.#connection)) yield* group
  }

  /**
   * Where a user may have written: the channels of every day of arrival from `fromDayMs`'s to `toDayMs`'s, both
   * inclusive, UTC. It may name too many channels, never too few. Days of arrival: a line imported today is of today.
   */
  async userChannels(query: UserQuery): Promise<string[]> {
    return await userChannels(query, this.#connection)
  }

  /** Arrival of the earliest record at or after the boundary, in ms; `undefined` when nothing is hot. */
  async firstArrival(shard: number): Promise<number | undefined> {
    return await firstArrival(shard, this.#connection)
  }

  /** Raises the floor to the cut: from now on no append arrives before it. Makes every earlier freeze stale. */
  async freeze(shard: number, cutMs: number): Promise<Freeze> {
    return await freeze(shard, cutMs, this.#connection)
  }

  /** Whether a freeze still holds: nobody froze or committed since, and no failover undid it. */
  async check(frozen: Freeze): Promise<boolean> {
    return await check(frozen, this.#connection)
  }

  /** Adds the segment and moves the boundary, if the freeze still holds. Safe to repeat after a lost reply. */
  async commit(frozen: Freeze, what: Commit): Promise<CommitResult> {
    return await commit(frozen, what, this.#connection)
  }

  /**
   * Removes entries that arrived before `beforeMs`, in slices. A call that fails half-way is finished by the next.
   *
   * @throws {HotStoreError} `invalid` when `beforeMs` lies beyond the boundary; nothing was removed (A1).
   */
  async trim(shard: number, options: TrimOptions): Promise<{ removed: number }> {
    return await trim(shard, options, this.#connection)
  }

  /**
   * Takes 1 to 10,000 segment numbers out of use for others. They can be swapped in for twelve hours. A seal under way
   * starts over.
   */
  async reserve(scope: Scope, count: number): Promise<Reservation> {
    return await reserve(scope, count, this.#connection)
  }

  /**
   * Swaps manifest entries in one script. Safe to repeat after a lost reply: `already` when all that it adds is there
   * under its keys, or all that it removes and absorbs says that this swap did it.
   *
   * @throws {HotStoreError} `invalid` before anything was sent: nothing to do, an entry beyond the reservation, or
   *   runs absorbed in another scope than `users`.
   */
  async swap(reservation: Reservation, what: Swap): Promise<CommitResult> {
    return await swap(reservation, what, this.#connection)
  }

  /** The folds, the runs they hold and who is erased, at one instant; cached while the version stands. */
  async usersView(): Promise<UsersView> {
    this.#usersView = await readUsersView(this.#connection, this.#usersView)
    return this.#usersView
  }

  /**
   * Takes absorbed runs out of their shard's manifest; their objects are deleted after the grace. A run that is not
   * absorbed stays. Safe to repeat.
   */
  async dropAbsorbed(runs: readonly RunRef[]): Promise<void> {
    await dropAbsorbed(runs, this.#connection)
  }

  /** Forgets runs absorbed before `beforeMs` that no manifest names any more. Returns how many. */
  async forgetAbsorbed(beforeMs: number): Promise<number> {
    return await forgetAbsorbed(beforeMs, this.#connection)
  }

  /** Objects that swaps took out of a manifest and that are not yet forgotten. */
  async removedObjects(scope: Scope): Promise<RemovedObject[]> {
    return await removedObjects(scope, this.#connection)
  }

  /** Says that removed objects are deleted. */
  async forgetRemoved(scope: Scope, keys: readonly string[]): Promise<void> {
    await forgetRemoved(scope, keys, this.#connection)
  }

  /** Ends reservations older than `beforeMs`: their numbers are decided. Returns the numbers still reserved. */
  async expireReservations(scope: Scope, beforeMs: number): Promise<number[]> {
    return await expireReservations(scope, beforeMs, this.#connection)
  }

  /** Who is erased, as the scope has it now. */
  async erased(scope: Scope): Promise<{ readonly erasures: number; readonly users: Erased }> {
    return await readErased(scope, this.#connection)
  }

  /** Lets a day's sets of who wrote where expire after `afterMs`: their records are in by-user runs. */
  async expireUserSets(
    shard: number,
    what: { readonly dayMs: number; readonly userIds: readonly string[]; readonly afterMs: number },
  ): Promise<void> {
    await expireUserSets(shard, what, this.#connection)
  }

  /**
   * Lets all sets of who wrote where expire whose day is needed no longer, and keeps those whose day is needed again.
   * A scan of all keys, in slices; safe to repeat.
   */
  async tidyUserSets(what: TidyUserSets): Promise<void> {
    await tidyUserSets(what, this.#connection)
  }

  /** Writes the sets of who wrote where anew: [user id, channel id] pairs. */
  async indexUsers(
    shard: number,
    dayMs: number,
    pairs: readonly (readonly [string, string])[],
  ): Promise<void> {
    await indexUsers({ shard, dayMs }, pairs, this.#connection)
  }

  /**
   * Puts what a rebuild found in the place of a manifest, unless it changed since `generation`. Reservations and marks of
   * absorbed runs are forgotten, so that swaps under way are refused; requests to erase stay. After a lost reply it says
   * `stale`: look, and do it again.
   */
  async restore(scope: Scope, generation: number, what: Restore): Promise<'restored' | 'stale'> {
    return await restore({ scope, generation }, what, this.#connection)
  }

  /**
   * Removes a user's entries sent before `beforeMs` from a channel's stream, in slices. Returns how many. A seal under
   * way may be made to start over. A call that fails half-way is finished by the next.
   */
  async eraseEntries(
    shard: number,
    what: { readonly channelId: string; readonly userId: string; readonly beforeMs: number },
  ): Promise<number> {
    return await eraseEntries(shard, what, this.#connection)
  }

  /** Opens what follows streams as they grow. @throws {HotStoreError} `unavailable`; nothing is left open. */
  async openTail(): Promise<HotTail> {
    return new HotTail(await this.#connection.another())
  }

  /** The user shard of a user: the by-user order is split by it. As many as there are channel shards. */
  userShardOf(userId: string): number {
    return shardOf(userId, this.shards)
  }

  /** Returns when every primary has answered. */
  async ping(): Promise<void> {
    await this.#connection.commandOnPrimaries('ping')
  }

  /** Memory of Redis; of the fullest node in a cluster. */
  async memory(): Promise<MemoryUse> {
    return await memoryUse(this.#connection)
  }

  /** Time that Redis has spent in scripts since it started, in seconds: all primaries together, and whoever's scripts. */
  async scriptSeconds(): Promise<number> {
    return await scriptSeconds(this.#connection)
  }

  /** Closes the connection. Calls in flight fail. */
  close(): void {
    this.#connection.close()
  }
}
