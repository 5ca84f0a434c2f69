/** Every bound of the service in one place. Reaching one is an answer or an event, never silence. */

/** Messages on a JSON page when the request names no limit. */
export const PAGE_MESSAGES_DEFAULT = 100
/** The longest JSON page. */
export const PAGE_MESSAGES_MAX = 1000
/** Characters of `q`. A Twitch message has at most 500. */
export const SEARCH_CHARACTERS_MAX = 500
/** Days of one user query whose channel sets are asked for day by day; a longer range is asked in such pieces. */
export const USER_DAYS_MAX = 400
/** Channels of a user that are looked up one by one in a segment of many; with more of them it is read as a whole. */
export const SEGMENT_CHANNELS_MAX = 8
/** New snapshots in a row that brought an answer no record further. */
export const START_OVERS_MAX = 5
/** For how long a query whose answer has ended keeps its place while its reading has not; milliseconds. */
export const READING_END_MS = 10_000
/** Log queries that run at once; the next one is told to come again. */
export const QUERIES_MAX = 64
/**
 * How long a query may take, of logs or of counts: until the first records of a stream, else until the answer, and in
 * all; in milliseconds.
 */
export interface QueryTimes {
  readonly firstByteMsMax: number
  readonly wholeMsMax: number
}
/** The archiver keeps what it sealed for longer than the longest query, so there must be one. */
export const QUERY_TIMES: QueryTimes = { firstByteMsMax: 60_000, wholeMsMax: 300_000 }
/** Bytes of a request's head, its target too; a longer one is a 431. */
export const REQUEST_HEAD_BYTES_MAX = 16_384
/** How long a request may take to arrive, and how often that is looked at; milliseconds. */
export const REQUEST_MS_MAX = 10_000
export const REQUEST_CHECK_MS = 2000
/** A client that takes no byte for so long is cut off. */
export const STALLED_CLIENT_MS = 120_000
/** For how long a client may show its own copy of a closed range without asking; seconds. */
export const CLOSED_SECONDS_MAX = 3600
/** For how long a cache may show a closed range to others: so long can what was erased still be seen there; seconds. */
export const CLOSED_SHARED_SECONDS_MAX = 300
/** Characters of an `X-Request-Id` that is taken over; a longer one is replaced. */
export const REQUEST_ID_CHARACTERS_MAX = 128
/** Hits a minute of one address, when nothing else is set: twenty a second. */
export const RATE_LIMIT_PER_MINUTE_DEFAULT = 1200
/** The window in which an address's hits are counted; it begins with the first. */
export const RATE_WINDOW_MS = 60_000
/** What a route counts for that reads much for a short answer. */
export const COSTLY_HITS = 5
/** Addresses over the rate that are remembered, so that refusing them costs nothing. */
export const REFUSED_CLIENTS_MAX = 10_000
/** Answers that one address may be taking at a time, when nothing else is set: a quarter of {@link QUERIES_MAX}. */
export const STREAMS_PER_ADDRESS_DEFAULT = 16
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
  /** Records that one round of a selection keeps; a quarter more are held at its peak. A user's usual month is one. */
  readonly roundRecords: number
  /** Segments and hot pages of one channel that are open at once; beyond it they are read in rounds. */
  readonly openRunsMax: number
  /** Segments and channels of hot records that one user query reads at once. */
  readonly openChannelsMax: number
}

/**
 * A page is about 0.5 MB of lines and some milliseconds of Redis.
 *
 * What is held at worst must fit the heap, which is 2 to 4 GB where nothing else is said. With about
 * 0.6 kB a record: `QUERIES_MAX` x `openChannelsMax` x `keptEntries` is 0.8 GB, and
 * `QUERIES_MAX` x 1.25 x `roundRecords` as much again. Whoever raises one of the four lowers another.
 */
export const READ_LIMITS: ReadLimits = {
  firstPageEntries: 100,
  pageEntries: 1000,
  keptEntries: 2500,
  roundRecords: 16_000,
  openRunsMax: 16,
  openChannelsMax: 8,
}

/** Parts of segments that one listing, draw or name history looks at at once: of each some columns, up to 0.5 MB. */
export const PARTS_OPEN = 16
/** Days or months of one listing. Twitch chat has 5,700 days; lines with made-up times may claim others. */
export const PERIODS_LISTED_MAX = 20_000
/** Records of a user whose logins one name history looks at; the columns of 2 million take about two seconds. */
export const NAME_RECORDS_MAX = 5_000_000
/** Names of one user. Twitch lets a login be changed every 60 days. */
export const NAMES_OF_USER_MAX = 1000

/** Counting queries that run at once: each is work for a core, and may hold a million users. */
export const COUNTS_MAX = 8
/** Characters of `word`. A Twitch message has at most 500. */
export const WORD_CHARACTERS_MAX = 500
/** Users or channels in a list of those with the highest counts, when the request names no limit. */
export const LEADERS_DEFAULT = 50
/** Chatters of `/channel/:channel/stats` when the request names no limit: as many as rustlog's clients expect at most. */
export const TOP_CHATTERS = 5
/** Words of `/words/top` when the request names no limit. */
export const TOP_WORDS_DEFAULT = 100
/** The longest list of users, channels or words. */
export const LEADERS_MAX = 1000
/** Hours in the list of the busiest ones. */
export const BUSIEST_HOURS = 10
/** Days that `/words/top` counts when the request does not say from when. */
export const TOP_WORDS_DAYS_DEFAULT = 30
/** The longest range of `/words/top`, in days: it reads the counts of every word. */
export const TOP_WORDS_DAYS_MAX = 100
/** Hours of `/coverage` when the request does not say from when. */
export const COVERAGE_HOURS_DEFAULT = 24
/** The longest range of `/coverage`, in days. */
export const COVERAGE_DAYS_MAX = 366
/** Intervals and gaps of one coverage answer, about 100 bytes each; it says from where to ask on. */
export const COVERAGE_PIECES_MAX = 10_000
/** Ledger records that one coverage answer is made of, about 300 bytes each; a year of two replicas has 18,000. */
export const LEDGER_RECORDS_MAX = 100_000
/** Bytes of the body of an admin request. */
export const ADMIN_BODY_BYTES_MAX = 65_536
/** Channels of one request to add or remove some. */
export const ADMIN_CHANNELS_MAX = 1000
/** Bytes of the index of the web page, and of its assets: all are in memory, and the page is some 100 kB. */
export const PAGE_BYTES_MAX = 20_000_000
/** For how long the list of channels is good for who completes a name, in milliseconds. */
export const CHANNELS_KEPT_MS = 5000
/** Short enough to be typed, long enough not to be guessed over a network. */
export const ADMIN_KEY_CHARACTERS_MIN = 16
/** Admin keys of one setting or file. */
export const ADMIN_KEYS_MAX = 100
/** Bytes of the file of admin keys. */
export const ADMIN_KEY_FILE_BYTES_MAX = 65_536
/** The file of admin keys is read again so often at most; milliseconds. */
export const ADMIN_KEY_FILE_LOOK_MS = 5000
/** The longest retention, in days. */
export const RETENTION_DAYS_MAX = 36_500

/** What one counting query may hold and have open. Plain data, so that a test can reach every bound. */
export interface CountLimits {
  /** Users that are told apart; about 100 bytes each. */
  readonly usersMax: number
  /** Different words of records that no count holds yet. */
  readonly wordsMax: number
  /** Bytes of these words, with 150 for each beside its text. */
  readonly wordBytesMax: number
  /** Hours or days in an answer. */
  readonly periodsMax: number
  /** Segments that are read at once: of each up to two requests of 4 MiB and the sums of a row group, up to 7 MB. */
  readonly segmentsOpen: number
  /** Bytes of the words of which one pass over more segments than that keeps the counts. */
  readonly passBytes: number
}

/**
 * A counting query holds at most, in MB: 180 of open segments (100 of it outside the heap), 75 of words or 100 of users,
 * and 50 of a pass. That is 2.5 GB for `COUNTS_MAX` of them at worst, all of which would have to be of channels that fill
 * whole requests and row groups with words that are all different.
 */
export const COUNT_LIMITS: CountLimits = {
  usersMax: 1_000_000,
  wordsMax: 500_000,
  wordBytesMax: 75_000_000,
  periodsMax: 10_000,
  segmentsOpen: 12,
  passBytes: 16_000_000,
}

/** The longest answer of recent-messages, and what it gives when no limit is asked for. */
export const RECENT_MESSAGES_MAX = 800
/**
 * How far the arrival of a line may lie from its sent time and still say when it was received. Live chat takes less than
 * a second; more than this is a wait in the spool, a restored or a replayed line, or a clock that is wrong.
 */
export const RECEIVED_APART_MS_MAX = 30_000
/** A registration that is older than this was given its time to be joined. */
export const JOIN_FRESH_MS = 30_000
/** For how long the list of the replicas of ingest is good. */
export const REPLICAS_KEPT_MS = 1000
/** A replica of ingest that was silent for so long receives nothing. */
export const REPLICA_SILENT_MS_MAX = 10_000
/** Channels whose last access this process remembers, so that it is not noted again at once. */
export const ACCESSES_REMEMBERED = 10_000
/** For how long a noted access needs no other. */
export const ACCESS_NOTED_MS = 30 * 60_000

/** How long a request for recent messages may take, in milliseconds. */
export interface RecentLimits {
  readonly answerMsMax: number
  /** How long it waits for a channel that was just registered to be joined, and how often it looks. */
  readonly joinWaitMsMax: number
  readonly joinLookMs: number
}
export const RECENT_LIMITS: RecentLimits = {
  answerMsMax: 10_000,
  joinWaitMsMax: 5000,
  joinLookMs: 500,
}
/** The most channels that may be logged only because somebody asked for them, whatever the setting says. */
export const JOIN_ON_DEMAND_CHANNELS_MAX = 10_000
/** How many of them there may be where the setting does not say. */
export const JOIN_ON_DEMAND_CHANNELS_DEFAULT = 100

/** What live tails may take, of one process. Plain data, so that a test can reach every bound. */
export interface LiveLimits {
  /** Listeners in all. */
  readonly listenersMax: number
  /** Listeners of one client address. */
  readonly listenersPerAddressMax: number
  /** Channels that are followed at once. */
  readonly channelsMax: number
  /** Listeners to a user over all channels: each asks every shard once a second where the user has written. */
  readonly userListenersMax: number
  /** Channels in which one listener follows a user. */
  readonly userChannelsMax: number
  /** How often new records are looked for. */
  readonly pollMs: number
  /** How often it is looked who is erased, opted out or kept no longer. */
  readonly hiddenMs: number
  /** How often it is looked where a user has written. */
  readonly setsMs: number
  /** For how long records are kept in memory for those who come back, and their channel is followed. */
  readonly keptMs: number
  /** About the memory that they take in all. */
  readonly keptBytesMax: number
  /**
   * How far the clocks of Redis' nodes may be apart, or step back, before a listener to a user that was away may be given
   * a record not at all. One that is there is given all, whatever the clocks do.
   */
  readonly clockSlackMs: number
  /** Bytes that a listener may leave unread; one that has more gets its next records when it has taken them. */
  readonly pendingBytesMax: number
  /** For how long it may leave them unread; it is then cut. */
  readonly slowMsMax: number
  readonly heartbeatMs: number
  /** Listeners that are given history at once; others wait for their turn. */
  readonly catchUpsMax: number
  /** How long a turn may take while others wait. */
  readonly turnMsMax: number
}

/**
 * At worst, in MB: 64 of records kept, and 1,400 of what 1,000 listeners leave unread, if no two of them listen to the
 * same (what they share is there once); the system's buffers hold more.
 */
export const LIVE_LIMITS: LiveLimits = {
  listenersMax: 5000,
  listenersPerAddressMax: 50,
  channelsMax: 5000,
  userListenersMax: 200,
  userChannelsMax: 500,
  pollMs: 50,
  hiddenMs: 1000,
  setsMs: 1000,
  keptMs: 20_000,
  keptBytesMax: 64_000_000,
  clockSlackMs: 5000,
  pendingBytesMax: 1_000_000,
  slowMsMax: 10_000,
  heartbeatMs: 15_000,
  catchUpsMax: 16,
  turnMsMax: 60_000,
}
