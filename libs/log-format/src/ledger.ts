import { parseRouting, rawTag, renderLine, unescapeTagValue } from '@poglog/irc-parser'
import type { Routing } from '@poglog/irc-parser'
import type { RecordType } from './types.ts'

const SOURCE = 'poglog'
const MS = /^\d{1,15}$/
const WORD = /^[a-z][a-z-]{0,31}$/

/** Why a replica left a channel: another one has it, nobody wants it any more, the replica stopped. */
export type PartCause = 'moved' | 'removed' | 'stopped'

/** Why a replica no longer received a channel: its connection ended, Twitch refused, the replica died. */
export type LossCause = 'connection' | 'refused' | 'replica'

/** Why lines were not stored: buffer and spool were full, the store refused them, the spool was damaged. */
export type GapCause = 'dropped' | 'refused' | 'spool-damaged'

/** The channel a ledger record is about. */
export interface LedgerChannel {
  readonly channelId: string
  readonly login: string
}

/** One start of one replica. */
export interface ReplicaRun {
  readonly replica: string
  readonly run: string
}

/**
 * What a PRESENCE record says. `atMs` is its sent time; all times are milliseconds since the Unix epoch, of Redis' clock.
 *
 * - `joined`: receiving begins.
 * - `here`, `parted`, `lost`: all that was sent in `[sinceMs, atMs]` was received and stored; `here` goes on. A `lost` without
 *   `sinceMs` was written by another replica and ends what the record before it began.
 * - `restored`: what was sent in `[fromMs, atMs]` was brought later from `source`.
 *
 * A cause is one of {@link PartCause} and {@link LossCause}, or one that a later version knows.
 */
export type PresenceEntry = LedgerChannel & { readonly atMs: number } & (
    | (ReplicaRun & { readonly kind: 'joined' })
    | (ReplicaRun & { readonly kind: 'here'; readonly sinceMs: number })
    | (ReplicaRun & { readonly kind: 'parted'; readonly sinceMs: number; readonly cause: string })
    | (ReplicaRun & {
        readonly kind: 'lost'
        readonly sinceMs: number | undefined
        readonly cause: string
      })
    | { readonly kind: 'restored'; readonly fromMs: number; readonly source: string }
  )

/** What a GAP record says: of what was sent in `[fromMs, atMs]` this replica did not store `lines` lines; 0 is an unknown number. */
export interface GapEntry extends LedgerChannel, ReplicaRun {
  readonly kind: 'gap'
  readonly fromMs: number
  readonly atMs: number
  /** One of {@link GapCause}, or one that a later version knows. */
  readonly cause: string
  readonly lines: number
}

/** One record of the coverage ledger. */
export type LedgerEntry = PresenceEntry | GapEntry

/** Writes a PRESENCE line. The same entry gives the same line, and so the same record key, whoever writes it. */
export function presenceLine(entry: PresenceEntry): string {
  return ledgerLine('PRESENCE', entry, {
    cause: 'cause' in entry ? entry.cause : undefined,
    from: entry.kind === 'restored' ? entry.fromMs : undefined,
    replica: 'replica' in entry ? entry.replica : undefined,
    run: 'run' in entry ? entry.run : undefined,
    since: 'sinceMs' in entry ? entry.sinceMs : undefined,
    source: entry.kind === 'restored' ? entry.source : undefined,
    text: entry.kind,
  })
}

/** Writes a GAP line; the same entry gives the same line. */
export function gapLine(entry: Omit<GapEntry, 'kind'>): string {
  const { cause, fromMs, lines, replica, run } = entry
  return ledgerLine('GAP', entry, { cause, from: fromMs, lines, replica, run, text: cause })
}

/**
 * Reads a PRESENCE or GAP record. `undefined` for a record of another type, and for one that does not say all it must, as
 * one that was not written here. Never throws.
 */
export function parseLedger(record: {
  readonly raw: string
  readonly type: RecordType
}): LedgerEntry | undefined {
  const { raw, type } = record
  if (type !== 'PRESENCE' && type !== 'GAP') return undefined
  const routing = parseRouting(raw)
  if (routing?.command !== type) return undefined
  const { sentAtMs: atMs, channelId, channel: login } = routing
  if (atMs === undefined || channelId === '' || login === '') return undefined
  const place = { channelId, login, atMs }
  return type === 'GAP' ? gapOf(routing, place) : presenceOf(routing, place)
}

type Place = LedgerChannel & { readonly atMs: number }

function presenceOf({ raw, text }: Routing, place: Place): PresenceEntry | undefined {
  if (text === 'restored') {
    const fromMs = msTag(raw, 'from')
    const source = textTag(raw, 'source')
    if (fromMs === undefined || source === undefined) return undefined
    return { kind: 'restored', ...place, fromMs, source }
  }
  const who = replicaOf(raw)
  if (who === undefined) return undefined
  const sinceMs = msTag(raw, 'since')
  if (text === 'joined') return { kind: 'joined', ...place, ...who }
  if (text === 'here' && sinceMs !== undefined) return { kind: 'here', ...place, ...who, sinceMs }
  const cause = causeOf(raw)
  if (cause === undefined) return undefined
  if (text === 'lost') return { kind: 'lost', ...place, ...who, sinceMs, cause }
  if (text !== 'parted' || sinceMs === undefined) return undefined
  return { kind: 'parted', ...place, ...who, sinceMs, cause }
}

function gapOf({ raw }: Routing, place: Place): GapEntry | undefined {
  const who = replicaOf(raw)
  const fromMs = msTag(raw, 'from')
  const lines = msTag(raw, 'lines')
  const cause = causeOf(raw)
  if (who === undefined || fromMs === undefined || lines === undefined || cause === undefined) {
    return undefined
  }
  return { kind: 'gap', ...place, ...who, fromMs, cause, lines }
}

function replicaOf(raw: string): ReplicaRun | undefined {
  const replica = textTag(raw, 'replica')
  const run = textTag(raw, 'run')
  return replica === undefined || run === undefined ? undefined : { replica, run }
}

function textTag(raw: string, name: string): string | undefined {
  return unescapeTagValue(rawTag(raw, name) ?? '') || undefined
}

function msTag(raw: string, name: string): number | undefined {
  const value = rawTag(raw, name) ?? ''
  return MS.test(value) ? Number(value) : undefined
}

function causeOf(raw: string): string | undefined {
  const cause = rawTag(raw, 'cause') ?? ''
  return WORD.test(cause) ? cause : undefined
}

interface LedgerTags {
  readonly text: string
  readonly cause?: string | undefined
  readonly from?: number | undefined
  readonly lines?: number | undefined
  readonly replica?: string | undefined
  readonly run?: string | undefined
  readonly since?: number | undefined
  readonly source?: string | undefined
}

/** Tags stand in the order of their names, so that there is one way to write an entry. */
function ledgerLine(
  verb: 'PRESENCE' | 'GAP',
  { channelId, login, atMs }: Place,
  { text, ...own }: LedgerTags,
): string {
  const all = Object.entries({ ...own, 'room-id': channelId, 'tmi-sent-ts': atMs })
  const tags = new Map<string, string>()
  for (const [name, value] of all.toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    if (value !== undefined) tags.set(name, String(value))
  }
  return renderLine({ tags, source: SOURCE, verb, params: [`#${login}`, text] })
}
