import type { OnCall } from '@poglog/hot-store'
import type { LossCause } from '@poglog/log-format'
import { redisCallMetrics } from '@poglog/service-kit'
import type { Logger, Metrics } from '@poglog/service-kit'
import type { AccountEvents } from './account.ts'
import type { BackPressureDeps } from './back-pressure.ts'
import type { BackfillEvents } from './backfill.ts'
import { createSharingEvents } from './fleet-events.ts'
import type { SharingEvents } from './fleet-events.ts'
import type { ChatCommandEvents } from './chat-commands.ts'
import type { ChannelRenamesEvents } from './channel-renames.ts'
import type { HotLogEvents } from './hot-log.ts'
import { createMeters } from './meters.ts'
import type { GapLabel, Meters } from './meters.ts'
import type { LaneEvents } from './lane.ts'
import type { LedgerEvents } from './ledger.ts'
import type { IntakeEvents } from './line-intake.ts'
import type { OptOutFilterEvents } from './opt-out-filter.ts'
import type { PoolEvents } from './pool-deps.ts'
import type { SpoolLockEvents } from './spool-lock.ts'
import { createThrottle } from './throttle.ts'
import type { SpoolEvents } from './spool.ts'

const TELL_INTERVAL_MS = 5000
const RAW_CHARACTERS_MAX = 500
const LOGIN_ADVICE = 'renew the token, or unset it and TWITCH_USERNAME to log without an account'

/** Everything this service tells: the only place that logs or counts. */
export interface IngestEvents
  extends
    PoolEvents,
    LaneEvents,
    SpoolEvents,
    IntakeEvents,
    HotLogEvents,
    BackfillEvents,
    AccountEvents,
    ChannelRenamesEvents,
    ChatCommandEvents,
    OptOutFilterEvents,
    SpoolLockEvents,
    LedgerEvents,
    SharingEvents {
  readonly redisCalled: OnCall
  readonly readingPaused: BackPressureDeps['events']['readingPaused']
  readonly frameReceived: (sizeBytes: number) => void
  readonly linesReceived: (count: number) => void
  readonly registryFailed: (error: unknown) => void
  /** Channels that were registered because somebody asked for them, and for which nobody asks any more. */
  readonly unaskedDropped: (logins: readonly string[]) => void
  readonly namesFailed: (error: unknown) => void
  readonly started: (healthUrl: string) => void
  readonly stopping: () => void
  readonly stopped: () => void
}

/** Logs and counts. `now` is for what must not fill the log: told at most once in 5 s, with totals. */
export function createEvents(log: Logger, metrics: Metrics): IngestEvents {
  const meters = createMeters(metrics)
  return {
    ...connectionEvents(log, meters),
    ...storeEvents(log, meters),
    ...spoolEvents(log, meters),
    ...ledgerEvents(log, meters),
    ...backfillEvents(log, meters),
    ...createSharingEvents(log, meters),
    ...privacyEvents(log, meters),
    redisCalled: redisCallMetrics(metrics),
    spoolLockLost: () => log.error('another process took the spool over, ending'),
    spoolLockWatched: (path) =>
      log.info({ path }, 'lock of the spool is watched for a sign of life'),
    channelRenamed: (change) => log.warn(change, 'channel renamed'),
    tokenChanged: () => log.info('token changed, the next connection takes it'),
    tokenUnreadable: (problem) => log.error({ problem }, 'token not read, the last one is used'),
    started: (healthUrl) => log.info({ healthUrl }, 'ingest started'),
    stopping: () => log.info('ingest stopping'),
    stopped: () => log.info(meters.totals(), 'ingest stopped'),
  }
}

type ConnectionEvents = PoolEvents &
  IntakeEvents &
  Pick<IngestEvents, 'frameReceived' | 'linesReceived' | 'readingPaused'>

function connectionEvents(log: Logger, meters: Meters): ConnectionEvents {
  const { count } = meters
  return {
    connectionOpened: () => log.debug('connection opened'),
    connectionReady: () => log.info('connection ready'),
    connectionClosed(reason, lostChannels) {
      count('connectionsClosed')
      log.info({ reason, lostChannels }, 'connection closed')
    },
    reconnectAsked: (channels) => log.info({ channels }, 'twitch asked to reconnect'),
    connectionSuspect(channels) {
      count('connectionsSuspect')
      log.warn({ channels }, 'connection does not answer, joining elsewhere')
    },
    connectionRecovered: () => log.info('connection answers again'),
    joinsAsked(logins) {
      count('joinsAsked', logins.length)
      log.debug({ logins }, 'joins asked')
    },
    joined: (login) => log.info({ login }, 'channel joined'),
    joinUnconfirmed(login) {
      count('joinsUnconfirmed')
      log.warn({ login }, 'join not confirmed')
    },
    joinRefused(login, messageId) {
      count('joinsRefused')
      log.warn({ login, messageId }, 'join refused')
    },
    parted: (login) => log.info({ login }, 'channel parted'),
    channelsLimited(channels, channelsMax) {
      log.warn({ channels, channelsMax }, 'more channels than an account may join')
    },
    lineTooLong() {
      meters.rejected('too-long')
      log.warn('line too long')
    },
    frameDamaged() {
      count('framesDamaged')
      log.warn('frame is not UTF-8')
    },
    failed(err) {
      count('handlerFailures')
      log.error({ err }, 'handling of a frame failed')
    },
    diagnostic: (text) => log.debug({ text }, 'tmi.js'),
    loginRefused: (reason) => log.error({ reason, advice: LOGIN_ADVICE }, 'login refused'),
    frameReceived: (sizeBytes) => count('bytesReceived', sizeBytes),
    linesReceived: (lines) => count('linesReceived', lines),
    readingPaused(cause) {
      meters.paused(cause)
      log.debug({ cause }, 'reading paused')
    },
    rejected(reason, raw) {
      meters.rejected(reason)
      log.debug({ reason, raw: raw.slice(0, RAW_CHARACTERS_MAX) }, 'line rejected')
    },
  }
}

type StoreEvents = HotLogEvents &
  Pick<
    IngestEvents,
    'appended' | 'appendFailed' | 'registryFailed' | 'unaskedDropped' | 'namesFailed'
  >

function storeEvents(log: Logger, meters: Meters): StoreEvents {
  const { count } = meters
  const throttle = createThrottle(TELL_INTERVAL_MS)
  return {
    storeOpened: (shards) => log.info({ shards }, 'redis connected'),
    storeOpenFailed(err, failures) {
      throttle('open', () => log.warn({ err, failures }, 'redis not reachable'))
    },
    refused(lines) {
      meters.dropped('refused', lines.length)
      log.error({ lines: lines.length, first: lines[0]?.raw }, 'lines refused by the store')
    },
    appended({ appended, duplicates }, durationMs) {
      count('linesAppended', appended)
      count('linesDuplicate', duplicates)
      meters.appendTook(durationMs)
    },
    appendFailed(err, failures) {
      count('appendFailures')
      throttle('append', () => log.warn({ err, failures }, 'append failed'))
    },
    registryFailed(err) {
      throttle('registry', () => log.warn({ err }, 'registry not read'))
    },
    unaskedDropped(channels) {
      log.info({ channels: channels.length }, 'channels dropped that nobody asks for')
    },
    namesFailed(err) {
      throttle('names', () => log.warn({ err }, 'names not learnt'))
    },
  }
}

type DiskEvents = SpoolEvents &
  Pick<LaneEvents, 'spoolEntered' | 'spoolDrained' | 'spooled' | 'spoolFailed' | 'dropped'>

function spoolEvents(log: Logger, meters: Meters): DiskEvents {
  const throttle = createThrottle(TELL_INTERVAL_MS)
  return {
    spoolEntered: () => log.warn('redis away or slow, lines go to the spool'),
    spoolDrained: () => log.info(meters.totals(), 'spool drained, lines go to redis'),
    spooled: (lines) => meters.count('linesSpooled', lines),
    spoolFailed(err) {
      meters.count('spoolFailures')
      throttle('spool', () => log.error({ err }, 'spool failed'))
    },
    spoolLost(loss) {
      meters.count('spoolBytesLost', loss.lostBytes)
      log.error(loss, 'spool file could not be read in full')
    },
    dropped(lines) {
      meters.dropped('no-room', lines.length)
      throttle('dropped', () =>
        log.error(meters.totals(), 'lines dropped: buffer and spool are full'),
      )
    },
  }
}

function backfillEvents(log: Logger, meters: Meters): BackfillEvents {
  const throttle = createThrottle(TELL_INTERVAL_MS)
  return {
    backfilled(login, { lines, skipped, range }) {
      meters.count('backfills')
      meters.count('linesRestored', lines)
      log.info({ login, lines, skipped, ...range }, 'gap asked for')
    },
    backfillFailed(login, cause, problem) {
      meters.count('backfillFailures')
      throttle(cause, () => log.warn({ login, cause, problem }, 'gap not restored'))
    },
  }
}

function privacyEvents(log: Logger, meters: Meters): ChatCommandEvents & OptOutFilterEvents {
  const throttle = createThrottle(TELL_INTERVAL_MS)
  return {
    chatCommandDone(done) {
      meters.chatCommand(done.action)
      log.info(done, 'chat command done')
    },
    chatCommandRefused(reason, userId) {
      meters.chatCommand(reason)
      throttle(reason, () => log.info({ reason, userId }, 'chat command refused'))
    },
    chatCommandFailed(err) {
      meters.chatCommand('failed')
      throttle('chat-command', () => log.warn({ err }, 'chat command failed'))
    },
    optedOut: (lines) => meters.count('linesOptedOut', lines),
  }
}

const labelOf = (cause: LossCause): GapLabel => (cause === 'refused' ? 'join-refused' : cause)

function ledgerEvents(log: Logger, meters: Meters): LedgerEvents {
  const throttle = createThrottle(TELL_INTERVAL_MS)
  return {
    presenceLost(cause, channels) {
      meters.gaps(labelOf(cause), { gaps: channels })
      if (cause === 'replica') log.warn({ channels }, 'dead replica recorded')
    },
    presenceBack: (cause, durationMs) => meters.gaps(labelOf(cause), { durationMs }),
    gapWritten(cause, lines) {
      meters.gaps(cause, { gaps: 1, lines })
      throttle(cause, () => log.warn({ cause, lines }, 'gap recorded'))
    },
    ledgerLost(records) {
      meters.count('ledgerRecordsLost', records)
      throttle('lost', () => log.error('records of coverage given up: no room'))
    },
  }
}
