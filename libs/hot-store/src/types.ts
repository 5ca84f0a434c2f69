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
  readonly arrivalFromMs: number
  readonly arrivalToMs: number
  readonly sentMinMs: number
  readonly sentMaxMs: number
  readonly records: number
  readonly digest: string
}

/**
 * A shard's state. Cold covers arrivals before `boundaryMs`, hot from it on; no append lands before
 * `floorMs`; entries before `trimmedMs` may be gone from Redis. `next` is the next segment number,
 * `epoch` the latest freeze, `generation` counts manifest changes. `hotRecords` counts the records
 * at or after the boundary; `nowMs` is Redis time.
 */
export interface ShardState {
  readonly shard: number
  readonly boundaryMs: number
  readonly floorMs: number
  readonly trimmedMs: number
  readonly next: number
  readonly epoch: number
  readonly generation: number
  readonly hotRecords: number
  readonly nowMs: number
}

/** One shard at one instant: its state, its whole manifest and a channel's first hot page. */
export interface Snapshot {
  readonly state: ShardState
  readonly segments: readonly SegmentEntry[]
  readonly page: HotPage
}

/** What a freeze returned; {@link SegmentEntry.number} of the segment to write is `next`. */
export interface Freeze {
  readonly shard: number
  readonly epoch: number
  readonly next: number
  readonly boundaryMs: number
  readonly cutMs: number
}

/**
 * - `committed`: the boundary moved to the cut.
 * - `already`: an earlier call had committed this very object (its reply was lost).
 * - `stale`: epoch, number, boundary or floor are not as expected; nothing was changed, start over.
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
