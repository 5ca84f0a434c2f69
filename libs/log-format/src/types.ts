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

/** What a segment's footer says beside its summary. Arrival covers `[arrivalFromMs, arrivalToMs)`. */
export interface SegmentIdentity {
  readonly shard: number
  readonly shards: number
  readonly number: number
  readonly projection: 'by-channel'
  readonly level: 'hour' | 'day'
  readonly arrivalFromMs: number
  readonly arrivalToMs: number
}

/** Which records of a by-channel segment to read. Times are sent times, `[fromMs, toMs)`. */
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
