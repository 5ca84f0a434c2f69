/** Every bound of the service in one place. Reaching one is an answer or an event, never silence. */

/** Messages on a JSON page when the request names no limit. */
export const PAGE_MESSAGES_DEFAULT = 100
/** The longest JSON page. */
export const PAGE_MESSAGES_MAX = 1000
/** Characters of `q`. A Twitch message has at most 500. */
export const SEARCH_CHARACTERS_MAX = 500
/** Days of one user query whose channel sets are asked for day by day; a longer range is asked in such pieces. */
export const USER_DAYS_MAX = 400
/** New snapshots in a row that brought an answer no record further. */
export const START_OVERS_MAX = 5
/** Log queries that run at once; the next one is told to come again. */
export const QUERIES_MAX = 64
/** How long a log query may take until its first records, and in all; in milliseconds. */
export interface QueryTimes {
  readonly firstByteMsMax: number
  readonly wholeMsMax: number
}
/** The archiver keeps what it sealed for longer than the longest query, so there must be one. */
export const QUERY_TIMES: QueryTimes = { firstByteMsMax: 60_000, wholeMsMax: 300_000 }
/** A client that takes no byte for so long is cut off. */
export const STALLED_CLIENT_MS = 120_000
/** What `Retry-After` says when a store is away. */
export const RETRY_AFTER_SECONDS = 5

/** What one reading may hold and have open. Plain data, so that a test can reach every bound. */
export interface ReadLimits {
  /** Hot entries that come with a snapshot; they are read by every query, so there are few. */
  readonly firstPageEntries: number
  /** Hot entries asked for in one call. */
  readonly pageEntries: number
  /** Hot entries that a scan keeps instead of reading them again. */
  readonly keptEntries: number
  /** Records that one round of a selection keeps; twice as many are held at its peak. */
  readonly roundRecords: number
  /** Segments and hot pages of one channel that are open at once; beyond it they are read in rounds. */
  readonly openRunsMax: number
  /** Channels that one user query reads at once. */
  readonly openChannelsMax: number
}

/**
 * A page is about 0.5 MB of lines and some milliseconds of Redis.
 *
 * What is held at worst must fit the heap, which is 2 to 4 GB where nothing else is said. With about
 * 0.6 kB a record: `QUERIES_MAX` x `openChannelsMax` x `keptEntries` is 0.8 GB, and
 * `QUERIES_MAX` x 2 x `roundRecords` as much again. Whoever raises one of the four lowers another.
 */
export const READ_LIMITS: ReadLimits = {
  firstPageEntries: 100,
  pageEntries: 1000,
  keptEntries: 5000,
  roundRecords: 10_000,
  openRunsMax: 16,
  openChannelsMax: 4,
}
