import type { GapEntry, LedgerEntry, PresenceEntry } from '@poglog/log-format'
import { joinSpans, withoutSpans } from './spans.ts'
import type { Span } from './spans.ts'

export type { Span } from './spans.ts'

/**
 * A received channel has a ledger record at least so often, and none speaks of a longer time; so what was sent so long
 * before and after a time says all about it.
 */
export const LEDGER_LOOK_MS = 70 * 60_000

/** A replica that Redis knows as alive: everything sent before `coveredMs` is stored; `undefined` where nothing is known. */
export interface LiveReplica {
  readonly replica: string
  readonly run: string
  readonly coveredMs: number | undefined
}

/** What ledger records say, put together. */
export interface Claims {
  /** Replica -> what it covers; apart and in order. */
  readonly covered: ReadonlyMap<string, readonly Span[]>
  /** What ended presence, in order. */
  readonly markers: readonly { readonly atMs: number; readonly cause: string }[]
  /** In the order of their begin. */
  readonly lost: readonly LostSpan[]
  readonly restored: readonly Span[]
  /** Up to when live replicas that go on receiving have stored everything; `undefined` when there are none. */
  readonly liveUntilMs: number | undefined
}

/** A time with lines that a replica did not store. */
export interface LostSpan extends Span {
  readonly cause: string
  readonly lines: number
}

type RunEntry = Exclude<PresenceEntry, { kind: 'restored' }>

/** Reads the entries of one channel, in any order. */
export function claimsOf(entries: readonly LedgerEntry[], live: readonly LiveReplica[]): Claims {
  const runs = Map.groupBy(
    entries.filter((entry) => isRunEntry(entry)),
    ({ replica, run }) => `${run} ${replica}`,
  )
  const liveByRun = new Map(live.map((alive) => [`${alive.run} ${alive.replica}`, alive]))
  const spans = new Map<string, Span[]>()
  const markers: { atMs: number; cause: string }[] = []
  let liveUntilMs: number | undefined
  for (const [key, own] of runs) {
    const replica = own[0]?.replica ?? ''
    const claim = claimOf(own, liveByRun.get(key))
    spans.set(replica, [...(spans.get(replica) ?? []), ...claim.spans])
    markers.push(...claim.markers)
    if (claim.liveUntilMs !== undefined) {
      liveUntilMs = Math.max(liveUntilMs ?? claim.liveUntilMs, claim.liveUntilMs)
    }
  }
  const gaps = entries.filter((entry) => entry.kind === 'gap')
  const restored = entries.flatMap((entry) =>
    entry.kind === 'restored' ? [{ fromMs: entry.fromMs, toMs: entry.atMs + 1 }] : [],
  )
  const byReplica = Map.groupBy(gaps, ({ replica }) => replica)
  return {
    covered: new Map(
      [...spans].map(([replica, own]) => [
        replica,
        withoutSpans(joinSpans(own), (byReplica.get(replica) ?? []).map(lostSpan)),
      ]),
    ),
    markers: markers.toSorted((left, right) => left.atMs - right.atMs),
    lost: gaps.map(lostSpan).toSorted((left, right) => left.fromMs - right.fromMs),
    restored,
    liveUntilMs,
  }
}

function isRunEntry(entry: LedgerEntry): entry is RunEntry {
  return entry.kind !== 'gap' && entry.kind !== 'restored'
}

/** Both ends of a GAP are times of lines that are missing. */
function lostSpan({ fromMs, atMs, cause, lines }: GapEntry): LostSpan {
  return { fromMs, toMs: Math.max(fromMs, atMs) + 1, cause, lines }
}

interface RunClaim {
  readonly spans: readonly Span[]
  readonly markers: readonly { readonly atMs: number; readonly cause: string }[]
  readonly liveUntilMs: number | undefined
}

/** What one run of a replica says of itself, and others of its end. */
function claimOf(entries: readonly RunEntry[], live: LiveReplica | undefined): RunClaim {
  const spans: Span[] = []
  const markers: { atMs: number; cause: string }[] = []
  /** When what goes on was last said to. */
  let openMs: number | undefined
  for (const entry of entries.toSorted(compareOfRun)) {
    const { kind, atMs } = entry
    if (kind !== 'joined' && entry.sinceMs !== undefined) {
      spans.push({ fromMs: entry.sinceMs, toMs: atMs })
    } else if (kind === 'lost' && openMs !== undefined && atMs - openMs <= LEDGER_LOOK_MS) {
      spans.push({ fromMs: openMs, toMs: atMs })
    }
    if (kind === 'joined' || kind === 'here') {
      openMs = atMs
      // Until a record says why it ended.
      markers.push({ atMs, cause: 'unrecorded' })
    } else {
      openMs = undefined
      markers.push({ atMs, cause: entry.cause })
    }
  }
  if (openMs === undefined || live === undefined) return { spans, markers, liveUntilMs: undefined }
  const liveUntilMs = Math.max(openMs, live.coveredMs ?? openMs)
  spans.push({ fromMs: openMs, toMs: liveUntilMs })
  return { spans, markers, liveUntilMs }
}

/**
 * By time; in the same millisecond what ended before something else began, then what began, then what ended in the
 * millisecond of its begin.
 */
function compareOfRun(left: RunEntry, right: RunEntry): number {
  return left.atMs - right.atMs || rankOf(left) - rankOf(right)
}

function rankOf(entry: RunEntry): number {
  if (entry.kind === 'joined' || entry.kind === 'here') return 1
  return entry.sinceMs === entry.atMs ? 2 : 0
}
