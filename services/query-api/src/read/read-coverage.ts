import { parseLedger } from '@poglog/log-format'
import type { LedgerEntry, RecordType } from '@poglog/log-format'
import { COVERAGE_PIECES_MAX, LEDGER_RECORDS_MAX } from '../limits.ts'
import { LEDGER_LOOK_MS } from './coverage-claims.ts'
import type { LiveReplica } from './coverage-claims.ts'
import { coverageOf } from './coverage.ts'
import type { Coverage } from './coverage.ts'
import type { ReadDeps } from './deps.ts'
import { readLogs } from './read-logs.ts'
import { TooMuchError } from './too-much.ts'

const LEDGER_TYPES: ReadonlySet<RecordType> = new Set(['PRESENCE', 'GAP'])

/** The replicas that Redis knows, at its time `nowMs`. */
export interface LiveReplicas {
  readonly nowMs: number
  readonly replicas: readonly LiveReplica[]
}

/** Which time of which channel; `live` is of before the call, so that no replica has left a channel unnoticed since. */
export interface CoverageRequest {
  readonly channelId: string
  readonly fromMs: number
  readonly toMs: number
  readonly live: LiveReplicas
  readonly signal: AbortSignal
  /** {@link LEDGER_RECORDS_MAX} and {@link COVERAGE_PIECES_MAX} unless a test has less room. */
  readonly recordsMax?: number
  readonly piecesMax?: number
}

/** How much of a channel's time is covered. `hasRecords`: the ledger says anything of it. */
export interface CoverageAnswer extends Coverage {
  readonly hasRecords: boolean
}

/** Reads the coverage of a channel's time from its ledger. Fails as {@link readLogs} does. */
export async function readCoverage(
  request: CoverageRequest,
  deps: ReadDeps,
): Promise<CoverageAnswer> {
  const { fromMs, live, piecesMax = COVERAGE_PIECES_MAX } = request
  const { entries, toMs } = await readLedger(request, deps)
  const coverage = coverageOf(entries, {
    fromMs,
    toMs,
    nowMs: live.nowMs,
    live: live.replicas,
    piecesMax,
  })
  const isCut = coverage.isCut || toMs < request.toMs
  return { ...coverage, isCut, hasRecords: entries.length > 0 }
}

/** Reads the ledger around a time; `toMs` is earlier than asked for where it has too many records. */
async function readLedger(
  request: CoverageRequest,
  deps: ReadDeps,
): Promise<{ readonly entries: readonly LedgerEntry[]; readonly toMs: number }> {
  const { channelId, fromMs, toMs, signal, recordsMax = LEDGER_RECORDS_MAX } = request
  const range = { fromMs: fromMs - LEDGER_LOOK_MS, toMs: toMs + LEDGER_LOOK_MS }
  const query = { channelId, ...range, types: LEDGER_TYPES, order: 'asc', signal } as const
  const entries: LedgerEntry[] = []
  let records = 0
  let lastMs = range.toMs
  for await (const batch of readLogs({ ...query, limit: recordsMax + 1 }, deps)) {
    for (const record of batch) {
      const entry = parseLedger(record)
      if (entry !== undefined) entries.push(entry)
      records += 1
      lastMs = record.sentAtMs
    }
  }
  if (records <= recordsMax) return { entries, toMs }
  const knownMs = lastMs - LEDGER_LOOK_MS
  if (knownMs > fromMs) return { entries, toMs: Math.min(toMs, knownMs) }
  throw new TooMuchError(`more than ${recordsMax} ledger records lie around this time`)
}
