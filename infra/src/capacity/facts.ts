/**
 * What the calculation rests on. docs/capacity.md says of each number where it was measured or read, and when; what
 * nobody has measured is an {@link ASSUMED} value and can be given as an option where it matters.
 */
export const MEASURED = {
  /**
   * Processor time of an ingest replica, a line received, where nearly each comes in a frame of its own and goes in a
   * small call; `npm run bench -- scale`, the dearest point. In bulk it is a fifth of that.
   */
  ingestMicrosPerLine: 122,
  /** Cores of an ingest replica while nobody writes; the same run. */
  ingestRestCores: 0.02,
  /** The same for each channel that it has joined. */
  ingestRestCoresPerChannel: 5.2e-6,
  /** Processor time of Redis, a line received, known or not; the same run, the dearest point. */
  redisMicrosPerLine: 58,
  /** Processor time of Redis, a record that is read, verified and trimmed; the same. */
  redisMicrosPerSealedRecord: 34.5,
  /** Memory of Redis, a hot record: its entry in the stream. */
  redisBytesPerRecord: 510,
  /** The same for what is only kept for 10 to 15 minutes, so that a line that comes again is known. */
  redisBytesPerSeenKey: 67,
  /** The same for each user of a day: the set of the channels it wrote in, kept until the day is compacted. */
  redisBytesPerUserDay: 97,
  /** The same for each user whose name is known, for good. */
  redisBytesPerName: 193,
  /** The same for each channel: a stream with few lines in it, and its place in a set. */
  redisBytesPerChannel: 3300,
  /** A line in the spool; `npm run scale -- outage`: 165 MiB for 389,546 lines. */
  spoolBytesPerLine: 444,
  /** Memory of an ingest replica at 1,000 messages a second; `npm run bench -- ingest`. */
  ingestMemoryMib: 167,
  /** Records a processor second of the archiver, with all that a seal and a trim take; `npm run bench -- scale`, the dearest point. */
  sealRecordsPerCoreSecond: 9091,
  /** The same; `npm run bench -- archive`. */
  compactRecordsPerCoreSecond: 8097,
  foldRecordsPerCoreSecond: 9904,
  /** Compressed bytes of a record in the object store; the same run. */
  byChannelBytesPerRecord: 45.2,
  byUserBytesPerRecord: 41.6,
  wordsBytesPerRecord: 10.3,
  /** A user's month from disk, mostly processor time; `npm run bench -- query`. */
  queryMs: 23.1,
  /** Requests to the store of a user's month of which nothing is in memory; the same run. */
  requestsPerQuery: 2,
} as const

/** Limits and defaults of the code. A test compares them with the services' settings where those can be asked. */
export const BUILT_IN = {
  channelsPerConnection: 90,
  joinsPer10s: 20,
  sealRecordsMax: 100_000,
  sealPeriodSeconds: 3600,
  trimGraceSeconds: 600,
  reconcileSeconds: 15,
  seenSeconds: 900,
  rowsPerGroup: 16_000,
  /** A record is folded when seven days of runs wait, and again when its month is closed. */
  foldsPerRecord: 2,
  partBytes: 16 * 1024 * 1024,
  /** Of the memory of Redis: above it the archiver seals early. */
  redisMemoryShareMax: 0.7,
} as const

export const ASSUMED = {
  /** The busiest hour, times the average. */
  peakFactor: 3,
  /** Of a core that is asked for, how much the peak may take. */
  coreShareMax: 0.5,
  /** How long joining all channels may take after everything was down. */
  joinMinutes: 60,
  /** How long Redis may be away at the busiest hour without a line being dropped. */
  outageHours: 1,
  /** How long after midnight the day may take to be compacted and folded. */
  compactHours: 6,
  /** Times a record is read back or read again between Redis and the closed month, with what verifies it. */
  readsPerRecord: 8,
  /** People who write in a day, for each message a second. */
  usersPerDay: 500,
  /** People whose names are known: all who ever wrote, for each who writes in a day. */
  namesPerUserOfDay: 10,
  queriesPerSecond: 10,
  /** Memory a replica of the API is given; `npm run bench -- stream` had 392 MiB at the peak, 50 slow readers 706. */
  apiMemoryMib: 1024,
  /** `npm run bench -- archive` had 437 MiB at the peak, 407 with the heap limit of the image. */
  archiverMemoryMib: 768,
  ingestMemoryMib: 512,
} as const

/** All of it, on average over a day; docs/capacity.md has the pages. */
export const WHOLE_TWITCH = { messagesPerSecond: 2000, channels: 100_000 } as const

/** Dollars. us-east-1, as published; docs/capacity.md has the pages. */
export const PRICES = {
  putPer1000: 0.005,
  getPer1000: 0.0004,
  gbMonth: 0.023,
  coreHour: 0.040_48,
  memoryGbHour: 0.004_445,
} as const
