/** Channels are shared among replicas in this many slots; `ingestSlotOf` tells that of a channel. */
export const INGEST_SLOTS = 1024

/** Most replicas of ingest at a time. */
export const REPLICAS_MAX = 1024

/** What a replica does with a slot: its channels are being joined, or all of them are received. */
export type Holding = 'joining' | 'holding'

/** How busy a replica is. `utilisation` is that of its event loop, 0 to 1. */
export interface ReplicaLoad {
  readonly channels: number
  readonly messagesPerSecond: number
  readonly utilisation: number
}

/**
 * One heartbeat.
 *
 * - `replica`: 1 to 64 of `A-Z a-z 0-9 . _ -`. `run`: this start of its process, 1 to 32 of `a-z 0-9`, never used before.
 * - `coveredMs`: everything Twitch sent before this Redis time is stored; `undefined` when nothing is known yet.
 * - `slots`: everything the replica declares now, not only what changed.
 * - `version`: of the view the caller has; `undefined` before the first answer.
 */
export interface ReplicaBeat {
  readonly replica: string
  readonly run: string
  readonly weight: number
  readonly isLeaving: boolean
  readonly coveredMs: number | undefined
  readonly load: ReplicaLoad
  readonly slots: ReadonlyMap<number, Holding>
  readonly version: string | undefined
}

/** A replica that takes part, as all others must know it. */
export interface Member {
  readonly replica: string
  readonly run: string
  readonly weight: number
  readonly isLeaving: boolean
}

/** Who takes part, in the order of their ids, and who declares which slot. A version is never the same twice. */
export interface FleetView {
  readonly version: string
  readonly members: readonly Member[]
  readonly holdings: ReadonlyMap<
    number,
    readonly { readonly replica: string; readonly holding: Holding }[]
  >
}

/** A dead replica. Every line it may have missed was sent after `coveredMs`; `slots` are those it declared. */
export interface LostReplica {
  readonly replica: string
  readonly run: string
  readonly coveredMs: number
  readonly slots: readonly number[]
}

/**
 * What a heartbeat brings back.
 *
 * - `nowMs`: Redis time.
 * - `standing`: `evicted` when others took the caller for dead meanwhile; it is entered anew with what it declared, and
 *   hears of it again until it beats with the version of that answer. `superseded` when a later run has its id, or it
 *   has left; nothing was changed.
 * - `view`: `undefined` when it is as the caller has it.
 * - `uncovered`: of the caller's joining slots, since when (ms) nobody holds it; absent where somebody does or nobody
 *   ever did.
 * - `lost`: dead replicas that nobody has forgotten yet; any 50 of them when there are more.
 */
export interface BeatResult {
  readonly nowMs: number
  readonly standing: 'member' | 'evicted' | 'superseded'
  readonly view: FleetView | undefined
  readonly uncovered: ReadonlyMap<number, number>
  readonly lost: readonly LostReplica[]
}

/** A replica as it is known. `joinedMs` is when this run entered, `beatMs` when it was last heard of; Redis time. */
export interface ReplicaStatus extends Member {
  readonly joinedMs: number
  readonly beatMs: number
  readonly coveredMs: number | undefined
  readonly load: ReplicaLoad
  readonly slots: ReadonlyMap<number, Holding>
}

/**
 * All replicas in the order of their ids. `lostPending` are the dead ones that nobody has forgotten yet; `lostDropped`
 * those dropped, ever, because there were too many of them.
 */
export interface ReplicaList {
  readonly nowMs: number
  readonly replicas: readonly ReplicaStatus[]
  readonly lostPending: number
  readonly lostDropped: number
}

/** Asks for joins of one account or address: 1 to 128 of `A-Z a-z 0-9 . _ : -`. */
export interface JoinRequest {
  readonly key: string
  readonly wanted: number
  readonly max: number
  readonly windowMs: number
}
