import type { GapCause, LossCause } from '@poglog/log-format'
import type { Metrics } from '@poglog/service-kit'
import type { TakenFrom } from './takeovers.ts'
import type { ChatCommandDone, ChatCommandRefusal } from './chat-commands.ts'

const APPEND_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

const COUNTERS = {
  bytesReceived: ['received_bytes_total', 'Bytes of WebSocket frames'],
  linesReceived: ['lines_received_total', 'Lines that may be logged'],
  linesAppended: ['lines_appended_total', 'Lines that were new to Redis'],
  linesDuplicate: ['lines_duplicate_total', 'Lines that Redis had seen in the last ten minutes'],
  linesSpooled: ['lines_spooled_total', 'Lines written to the spool'],
  appendFailures: ['append_failures_total', 'Appends that failed and were tried again'],
  spoolFailures: ['spool_failures_total', 'Writes and reads of the spool that failed'],
  spoolBytesLost: ['spool_lost_bytes_total', 'Bytes of the spool that could not be read back'],
  connectionsClosed: ['connections_closed_total', 'Connections to Twitch that ended'],
  channelsClaimed: ['channels_claimed_total', "Channels that became this replica's to receive"],
  channelsReleased: ['channels_released_total', 'Channels left to others, or logged no more'],
  beatFailures: ['heartbeat_failures_total', 'Heartbeats that did not reach Redis'],
  evictions: ['evictions_total', 'Times others had taken this replica for dead'],
  connectionsSuspect: [
    'connections_suspect_total',
    'Times a connection left a PING without an answer',
  ],
  joinsAsked: ['joins_asked_total', 'Channels asked for, again and again'],
  joinsUnconfirmed: ['joins_unconfirmed_total', 'Joins without a ROOMSTATE within 30 s'],
  joinsRefused: ['joins_refused_total', 'Joins of suspended or closed channels'],
  framesDamaged: ['frames_damaged_total', 'Frames that are not UTF-8'],
  backfills: ['backfills_total', 'Gaps that a recent-messages service was asked for'],
  backfillFailures: ['backfill_failures_total', 'Gaps that a service did not give'],
  linesRestored: ['lines_restored_total', 'Lines that a recent-messages service had'],
  linesOptedOut: ['lines_opted_out_total', 'Lines not stored: their user or channel opted out'],
  handlerFailures: ['handler_failures_total', 'Frames whose handling threw'],
  ledgerRecordsLost: ['ledger_records_lost_total', 'Records of coverage that were given up'],
} as const

/** Each cause has its series from the start: Prometheus sees no rise in a series that begins with its first loss. */
const REJECTION_REASONS = ['malformed', 'not-logged', 'no-channel', 'too-long'] as const
const DROP_CAUSES = ['no-room', 'refused'] as const
const GAP_CAUSES = [
  'dropped',
  'refused',
  'spool-damaged',
  'connection',
  'replica',
  'join-refused',
] as const satisfies readonly GapLabel[]

/** A slot is held once all its channels are joined, within the budget of joins: of many channels that takes minutes. */
const TAKEOVER_SECONDS = [0.1, 0.3, 1, 3, 5, 10, 30, 60, 120, 300, 900]

type CounterName = keyof typeof COUNTERS

export type RejectionLabel = (typeof REJECTION_REASONS)[number]
export type PauseLabel = 'burst' | 'full'
export type DropLabel = (typeof DROP_CAUSES)[number]
/** The causes of the ledger; a channel that Twitch refuses is told from lines that the store refuses. */
export type GapLabel = GapCause | Exclude<LossCause, 'refused'> | 'join-refused'

export type ChatCommandLabel = ChatCommandDone['action'] | ChatCommandRefusal | 'failed'

export interface Meters {
  readonly count: (name: CounterName, by?: number) => void
  readonly rejected: (reason: RejectionLabel) => void
  readonly dropped: (cause: DropLabel, lines: number) => void
  readonly paused: (cause: PauseLabel) => void
  /** By what was done, or why it was not. */
  readonly chatCommand: (outcome: ChatCommandLabel) => void
  readonly appendTook: (durationMs: number) => void
  readonly slotTaken: (from: TakenFrom, durationMs: number) => void
  readonly gaps: (cause: GapLabel, by: GapSize) => void
  /** What happened to the lines since the start. */
  readonly totals: () => LineTotals
}

/** What is known of gaps: how many began, how many lines and how much time they took. */
export interface GapSize {
  readonly gaps?: number
  readonly lines?: number
  readonly durationMs?: number
}

export interface LineTotals {
  readonly received: number
  readonly appended: number
  readonly duplicates: number
  readonly spooled: number
  readonly rejected: number
  readonly dropped: number
}

export function createMeters({ counter, histogram }: Metrics): Meters {
  const sums = new Map<string, number>()
  const counters = new Map(
    Object.entries(COUNTERS).map(([key, [name, help]]) => [key, counter({ name, help })]),
  )
  const { rejections, drops } = createLosses(counter)
  const pauses = counter({
    name: 'reading_pauses_total',
    help: 'Times reading paused because lines came faster than Redis (burst), or the disk (full), took them',
    labelNames: ['cause'],
  })
  const chatCommands = counter({
    name: 'chat_commands_total',
    help: 'Commands typed in chat, by what was done or why not',
    labelNames: ['outcome'],
  })
  const gapCounters = createGapCounters(counter)
  const appendSeconds = histogram({
    name: 'append_seconds',
    help: 'Time of one append of a batch',
    buckets: APPEND_SECONDS,
  })
  const takeoverSeconds = createTakeovers(histogram)
  const add = (key: string, by: number): void => {
    sums.set(key, (sums.get(key) ?? 0) + by)
  }
  return {
    count(name, by = 1) {
      counters.get(name)?.inc(by)
      add(name, by)
    },
    rejected(reason) {
      rejections.inc({ reason })
      add('rejected', 1)
    },
    dropped(cause, lines) {
      drops.inc({ cause }, lines)
      add('dropped', lines)
    },
    paused: (cause) => pauses.inc({ cause }),
    chatCommand: (outcome) => chatCommands.inc({ outcome }),
    slotTaken: (from, durationMs) => takeoverSeconds.observe({ from }, durationMs / 1000),
    appendTook: (durationMs) => appendSeconds.observe(durationMs / 1000),
    gaps(cause, { gaps = 0, lines = 0, durationMs = 0 }) {
      gapCounters.gaps.inc({ cause }, gaps)
      gapCounters.lines.inc({ cause }, lines)
      gapCounters.seconds.inc({ cause }, durationMs / 1000)
    },
    totals: () => totalsOf((key) => sums.get(key) ?? 0),
  }
}

function totalsOf(sum: (key: CounterName | 'rejected' | 'dropped') => number): LineTotals {
  return {
    received: sum('linesReceived'),
    appended: sum('linesAppended'),
    duplicates: sum('linesDuplicate'),
    spooled: sum('linesSpooled'),
    rejected: sum('rejected'),
    dropped: sum('dropped'),
  }
}

function createLosses(counter: Metrics['counter']) {
  const rejections = counter({
    name: 'lines_rejected_total',
    help: 'Lines that are no record',
    labelNames: ['reason'],
  })
  for (const reason of REJECTION_REASONS) rejections.inc({ reason }, 0)
  const drops = counter({
    name: 'lines_dropped_total',
    help: 'Lines received and lost',
    labelNames: ['cause'],
  })
  for (const cause of DROP_CAUSES) drops.inc({ cause }, 0)
  return { rejections, drops }
}

function createTakeovers(histogram: Metrics['histogram']) {
  const seconds = histogram({
    name: 'takeover_seconds',
    help: "Time from a slot with channels becoming this replica's until it holds it; from a replica: a hand-over, from nobody: at a start, or after a death",
    labelNames: ['from'],
    buckets: TAKEOVER_SECONDS,
  })
  for (const from of ['replica', 'nobody'] as const) seconds.zero({ from })
  return seconds
}

function createGapCounters(counter: Metrics['counter']) {
  const labelNames = ['cause'] as const
  const counters = {
    gaps: counter({
      name: 'gaps_total',
      help: 'Times a channel began to miss something, and GAP records',
      labelNames,
    }),
    lines: counter({
      name: 'gap_lines_total',
      help: 'Lines that GAP records count as not stored',
      labelNames,
    }),
    seconds: counter({
      name: 'gap_seconds_total',
      help: 'Time from the loss of a channel to its return, summed over channels',
      labelNames,
    }),
  }
  for (const cause of GAP_CAUSES) {
    for (const each of Object.values(counters)) each.inc({ cause }, 0)
  }
  return counters
}
