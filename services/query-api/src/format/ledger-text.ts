import { parseLedger } from '@poglog/log-format'
import type { LedgerEntry, LogRecord } from '@poglog/log-format'

/** Says in words what a PRESENCE or GAP record tells; `''` for one that tells nothing. */
export function ledgerText(record: LogRecord): string {
  const entry = parseLedger(record)
  return entry === undefined ? '' : textOf(entry)
}

function textOf(entry: LedgerEntry): string {
  switch (entry.kind) {
    case 'joined':
      return `received by replica ${entry.replica} (joined)`
    case 'here':
      return `received by replica ${entry.replica} ${sinceText(entry.sinceMs)} (here)`
    case 'parted':
    case 'lost':
      return `no longer received by replica ${entry.replica} (${entry.kind}: ${entry.cause})`
    case 'restored':
      return `restored from ${entry.source} ${sinceText(entry.fromMs)} (restored)`
    case 'gap':
      return `${linesText(entry.lines)} not stored by replica ${entry.replica} (gap: ${entry.cause})`
  }
}

function sinceText(timeMs: number): string {
  return `since ${new Date(timeMs).toISOString()}`
}

function linesText(lines: number): string {
  if (lines === 0) return 'lines'
  return lines === 1 ? '1 line' : `${lines} lines`
}
