import type { ObjectStore } from '@poglog/object-store'

/** What poglog logs. The first six are Twitch's commands, PRESENCE and GAP its own coverage ledger. */
export type RecordType =
  | 'PRIVMSG'
  | 'USERNOTICE'
  | 'CLEARCHAT'
  | 'CLEARMSG'
  | 'NOTICE'
  | 'ROOMSTATE'
  | 'PRESENCE'
  | 'GAP'

/**
 * One logged line with its routing fields.
 *
 * - `channelId`, `userId`: decimal digits; `userId` is `''` where the record belongs to nobody.
 * - `sentAtMs`: when Twitch accepted it; `receivedAtMs`: when Redis got it. Both milliseconds since
 *   the Unix epoch, UTC.
 * - `key`: the record key, 32 lower-case hex digits: the `id` tag's UUID, else a hash.
 * - `raw`: the line as Twitch sent it, without its CR LF.
 *
 * The order of records everywhere is (`sentAtMs`, `key`).
 */
export interface LogRecord {
  readonly channelId: string
  readonly channelLogin: string
  readonly userId: string
  readonly sentAtMs: number
  readonly receivedAtMs: number
  readonly type: RecordType
  readonly key: string
  readonly raw: string
}

/** A place in the order of records. */
export interface Position {
  readonly sentAtMs: number
  readonly key: string
}

export type Order = 'asc' | 'desc'

/** What a segment holds; the footer carries the same, so that a manifest can be rebuilt from objects. */
export interface SegmentSummary {
  readonly records: number
  readonly sizeBytes: number
  readonly sentMinMs: number
  readonly sentMaxMs: number
  /** Additive: the sum modulo 2^128 of a hash of each record's fields, `raw` included; 32 hex digits. */
  readonly digest: string
}

/**
 * In which order a segment holds what: records by channel, records by user, or counts of words.
 *
 * - `by-channel`: (channel id, sent time, key). All records; the truth that the others are made from.
 * - `by-user`: (user id, channel id, sent time, key). The records that belong to a user.
 * - `words`: (channel id, folded word, word, hour, user id), see {@link WordCount}.
 */
export type Projection = 'by-channel' | 'by-user' | 'words'

/**
 * How far a segment has come.
 *
 * - `hour` (by-channel): sealed; no by-user segment and no word count has its records yet.
 * - `day` (by-channel, words): compacted or imported; by-user runs and word counts hold its records too.
 * - `run` (by-user): one channel shard, one user shard, one day.
 * - `fold` (by-user, words): runs (days) of a month merged.
 */
export type Level = 'hour' | 'day' | 'run' | 'fold'

/** What a segment's footer says beside its summary. Arrival covers `[arrivalFromMs, arrivalToMs)`. */
export interface SegmentIdentity {
  /** The channel shard; of a by-user fold, which has the records of all of them, the user shard. */
  readonly shard: number
  /** How many channel shards there are, and as many user shards. */
  readonly shards: number
  readonly number: number
  readonly projection: Projection
  readonly level: Level
  /** by-user only: the user shard, `fnv1a32(user id) mod shards`. */
  readonly users?: number | undefined
  readonly arrivalFromMs: number
  readonly arrivalToMs: number
  /**
   * ULIDs of the segments whose records this one holds in their place, with all that those replaced in their turn. A
   * rebuild drops them.
   */
  readonly replaces?: readonly string[] | undefined
  /** by-channel `day` only: ULIDs of the by-user runs and word counts made in the same pass, stored before it. */
  readonly companions?: readonly string[] | undefined
}

/**
 * How often a user said a word in a channel within an hour.
 *
 * - `wordFolded`: the word case-folded, the key of `match=ci`. Words are ordered by code point, as UTF-8 bytes are.
 * - `word`: as written. `''`, which is no word, counts the messages themselves.
 * - `hourMs`: start of the hour of the sent time, UTC.
 * - `count`: 1 to 2^31 - 1.
 */
export interface WordCount {
  readonly channelId: string
  readonly wordFolded: string
  readonly word: string
  readonly hourMs: number
  readonly userId: string
  readonly count: number
}

/** Which records of a by-channel or by-user segment to read. Times are sent times, `[fromMs, toMs)`. */
export interface SegmentQuery {
  readonly channelId?: string | undefined
  readonly userId?: string | undefined
  readonly types?: ReadonlySet<RecordType> | undefined
  readonly fromMs: number
  readonly toMs: number
  readonly order: Order
  /** Only records beyond this place, in the direction of `order`. */
  readonly after?: Position | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * What a line does not say itself. Times are milliseconds since the Unix epoch, UTC.
 *
 * - `channelId`, `channelLogin`: the channel it came in on, for lines without (NOTICE, CLEARMSG).
 * - `userId`: whose record it is where the line only has a login (CLEARMSG).
 * - `sentAtMs`: for lines without a sent time; default is `receivedAtMs`.
 */
export interface LineContext {
  readonly channelId?: string | undefined
  readonly channelLogin?: string | undefined
  readonly userId?: string | undefined
  readonly receivedAtMs: number
  readonly sentAtMs?: number | undefined
}

/** A segment in the object store. `sizeBytes` as the manifest or a listing says it. */
export interface SegmentSource {
  readonly store: ObjectStore
  readonly key: string
  readonly sizeBytes: number
}
