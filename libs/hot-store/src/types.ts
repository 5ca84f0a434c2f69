/**
 * A line to append. The shard is decided by the channel id.
 *
 * - `channelId`, `userId`: Twitch's numeric ids as decimal digits; `userId` is `''` where a record has none.
 * - `key`: the record key, 32 lower-case hex digits. Two lines with the same key are the same record.
 * - `sentAtMs`: milliseconds since the Unix epoch; `undefined` (NOTICE, ROOMSTATE) takes the arrival.
 * - `type`: the record type, for example `PRIVMSG`.
 */
export interface AppendLine {
  readonly channelId: string
  readonly key: string
  readonly raw: string
  readonly sentAtMs: number | undefined
  readonly userId: string
  readonly type: string
}

/** How many lines of a batch were new, and how many Redis had seen in the last ten minutes. */
export interface AppendResult {
  readonly appended: number
  readonly duplicates: number
}

/** One hot record as Redis holds it. `id` is the stream id; its millisecond part is `receivedAtMs`. */
export interface HotEntry {
  readonly id: string
  readonly channelId: string
  readonly receivedAtMs: number
  readonly sentAtMs: number
  readonly userId: string
  readonly type: string
  readonly raw: string
}

/** A page of a channel's hot records in arrival order. `nextId` is where to go on (exclusive), `undefined` at the end. */
export interface HotPage {
  readonly entries: readonly HotEntry[]
  readonly nextId: string | undefined
}

/**
 * One segment in a shard's manifest.
 *
 * Arrival covers `[arrivalFromMs, arrivalToMs)`; sent times are inclusive on both ends. `digest` is
 * the additive digest of its records, 32 hex digits.
 */
export interface SegmentEntry {
  readonly number: number
  readonly key: string
  readonly sizeBytes: number
  readonly projection: 'by-channel' | 'by-user' | 'words'
  readonly level: 'hour' | 'day' | 'run' | 'fold'
  /** by-user only: the user shard. */
  readonly users?: number | undefined
  readonly arrivalFromMs: number
  readonly arrivalToMs: number
  readonly sentMinMs: number
  readonly sentMaxMs: number
  readonly records: number
  readonly digest: string
}

/**
 * A shard's state. Cold covers arrivals before `boundaryMs`, hot from it on; no append lands before
 * `floorMs`; `aheadMs` is the latest arrival that lay ahead of clock and floor when it was given, 0 for
 * none; entries before `trimmedMs` may be gone from Redis. `next` is the next segment number, `epoch` the
 * latest freeze, `generation` counts manifest changes. `hotRecords` counts the records at or after the
 * boundary, `hotBytes` the bytes of their raw lines; `nowMs` is Redis time.
 */
export interface ShardState {
  readonly shard: number
  readonly boundaryMs: number
  readonly floorMs: number
  readonly aheadMs: number
  readonly trimmedMs: number
  readonly next: number
  readonly epoch: number
  readonly generation: number
  readonly hotRecords: number
  readonly hotBytes: number
  readonly nowMs: number
}

/** User id -> sent time, ms: what the user sent before it is erased, wherever it may still lie. */
export type Erased = ReadonlyMap<string, number>

/** One shard at one instant: its state, its whole manifest, who is erased, and a channel's first hot page. */
export interface Snapshot {
  readonly state: ShardState
  readonly segments: readonly SegmentEntry[]
  readonly erased: Erased
  readonly page: HotPage
}

/** A snapshot with the version of its manifest: unlike the generation it never comes again, also not after a failover. */
export interface VersionedSnapshot extends Snapshot {
  readonly version: string
}

/** What a freeze returned; {@link SegmentEntry.number} of the segment to write is `next`. */
export interface Freeze {
  readonly shard: number
  readonly epoch: number
  readonly next: number
  readonly boundaryMs: number
  readonly cutMs: number
  /**
   * Changes with requests to erase, and when records come or go by another way than append and seal: a commit is
   * refused when it has changed since.
   */
  readonly facts: string
}

/** Where a manifest lies: a channel shard, or `users`, which has the folds of the by-user order. */
export type Scope = number | 'users'

/** A by-user run in the manifest of its channel shard. */
export interface RunRef {
  readonly shard: number
  readonly number: number
}

/**
 * The folds of the by-user order at one instant. `absorbed` are the runs that folds hold, each as `shard:number`: a
 * reader leaves them out of their shards' manifests. `version` changes whenever folds, `absorbed` or `erased` do.
 */
export interface UsersView {
  readonly version: string
  readonly folds: readonly SegmentEntry[]
  readonly absorbed: ReadonlySet<string>
  readonly erased: Erased
}

/**
 * Segment numbers for one job's outputs, `first` to `first + count - 1`, and what was so when they were reserved.
 *
 * - `erasures`: changes with every request to erase, and is then a number it never was; a swap is refused when there
 *   has been another since.
 * - `generation`: of the manifest.
 * - `nowMs`: Redis time. A swap is refused twelve hours later.
 */
export interface Reservation {
  readonly scope: Scope
  readonly first: number
  readonly count: number
  readonly erasures: number
  readonly generation: number
  readonly nowMs: number
}

/** A change of one manifest, all or nothing. */
export interface Swap {
  /** Entries that go; each must still be there, or the swap is stale. Their objects are deleted after the grace. */
  readonly removed: readonly SegmentEntry[]
  /** Entries that come, under numbers of the reservation. */
  readonly added: readonly SegmentEntry[]
  /** Scope `users` only: the runs that the added folds hold. None may be absorbed already. */
  readonly absorbs?: readonly RunRef[] | undefined
  /**
   * Set by a job that brings new records into the log: then the manifest must be the one that it looked through, which
   * `version` of a snapshot says, and a seal under way starts over, so that no record comes twice.
   */
  readonly addsRecords?: { readonly version: string } | undefined
}

/** An object that a swap took out of the manifest. `removedAtMs` is Redis time. */
export interface RemovedObject {
  readonly key: string
  readonly removedAtMs: number
}

/** A request to erase a user's records sent before `beforeMs`. `report` is JSON of the job that does it. */
export interface Erasure {
  readonly userId: string
  readonly requestedAtMs: number
  readonly beforeMs: number
  readonly state: 'pending' | 'done'
  readonly report: string | undefined
}

/** What can be opted out. */
export type OptOutKind = 'users' | 'channels'

/** The ids of users and channels that are neither stored nor shown. */
export type OptOuts = Readonly<Record<OptOutKind, ReadonlySet<string>>>

/** One that is opted out. */
export interface OptOut {
  readonly id: string
  readonly sinceMs: number
}

/** Opts one out, or in again. */
export interface OptOutChange {
  readonly kind: OptOutKind
  readonly id: string
  readonly isOut: boolean
}

/** What a rebuild puts in the place of a manifest. */
export interface Restore {
  readonly segments: readonly SegmentEntry[]
  /** At least one above every number of an object, listed or not. */
  readonly next: number
  /** Channel shards only: the new boundary and floor, ms. Neither ever goes down. What is hot before it is hidden. */
  readonly boundaryMs: number
  /** Records that count as hot and of which none is left at or after the new boundary. Default 0. */
  readonly goneRecords?: number | undefined
}

/**
 * - `committed`: it is done: the boundary moved to the cut, or the entries are swapped.
 * - `already`: an earlier call had committed this very object (its reply was lost).
 * - `stale`: something is not as the freeze or the reservation found it; nothing was changed, start over.
 */
export type CommitResult = 'committed' | 'already' | 'stale'

/** A channel poglog is asked to log. `channelId` is `undefined` until a ROOMSTATE told it. */
export interface RegisteredChannel {
  readonly login: string
  readonly channelId: string | undefined
  readonly addedAtMs: number
}

/** A login seen with a numeric id at a sent time. Channels and users share one name space, as at Twitch. */
export interface Name {
  readonly id: string
  readonly login: string
  readonly seenAtMs: number
}
