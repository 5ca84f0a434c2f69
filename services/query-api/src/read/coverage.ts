import type { LedgerEntry } from '@poglog/log-format'
import { claimsOf } from './coverage-claims.ts'
import type { Claims, LiveReplica, LostSpan, Span } from './coverage-claims.ts'

/** Which time is asked for, and what is known beside the ledger. Milliseconds since the Unix epoch. */
export interface CoverageQuery {
  readonly fromMs: number
  readonly toMs: number
  readonly nowMs: number
  readonly live: readonly LiveReplica[]
  /** Intervals and gaps at most. */
  readonly piecesMax: number
}

/** A time in which these replicas, in the order of their names, received and stored everything. */
export interface CoveredPiece extends Span {
  readonly replicas: readonly string[]
}

/**
 * A time in which nobody is known to have stored everything. `cause` is what began it: that of a PRESENCE or GAP record, or
 * `unrecorded` where none says. `lines` is how many are known to be missing, 0 where nobody counted.
 */
export interface GapPiece extends Span {
  readonly cause: string
  readonly lines: number
  /** Brought later from another log. */
  readonly isRestored: boolean
}

/** What the ledger says of a time: every instant of `[fromMs, toMs)` is in one interval or one gap, in order. */
export interface Coverage extends Span {
  readonly intervals: readonly CoveredPiece[]
  readonly gaps: readonly GapPiece[]
  /** Not all was told: the rest begins at `toMs`. */
  readonly isCut: boolean
}

/**
 * Says what is covered of a channel's time, from its ledger records of that time and of {@link LEDGER_LOOK_MS} around it, in
 * any order. Only what records, or replicas that live, say is covered.
 *
 * `toMs` of the answer is earlier than asked for where the time has not come yet, where a live replica has not stored
 * everything up to now, and where there are too many pieces.
 */
export function coverageOf(entries: readonly LedgerEntry[], query: CoverageQuery): Coverage {
  const claims = claimsOf(entries, query.live)
  const endMs = Math.min(query.toMs, claims.liveUntilMs ?? query.nowMs, query.nowMs)
  const range = { fromMs: query.fromMs, toMs: Math.max(query.fromMs, endMs) }
  const pieces = new Pieces(query.piecesMax)
  const state = new SweepState()
  const steps = stepsOf(claims).toSorted((left, right) => left.atMs - right.atMs)
  let atMs = range.fromMs
  for (const { atMs: stepMs, apply } of steps) {
    if (stepMs >= range.toMs) break
    if (stepMs > atMs) {
      if (!state.tell({ fromMs: atMs, toMs: stepMs }, pieces))
        return pieces.cutAt(range.fromMs, atMs)
      atMs = stepMs
    }
    apply(state)
  }
  if (range.toMs > atMs && !state.tell({ fromMs: atMs, toMs: range.toMs }, pieces)) {
    return pieces.cutAt(range.fromMs, atMs)
  }
  return { ...range, intervals: pieces.intervals, gaps: pieces.gaps, isCut: false }
}

/** What changes at an instant. */
interface Step {
  readonly atMs: number
  readonly apply: (state: SweepState) => void
}

/** Steps of one instant stand in the order in which they are applied. */
function stepsOf({ covered, markers, lost, restored }: Claims): Step[] {
  const steps: Step[] = []
  for (const { atMs, cause } of markers) {
    steps.push({ atMs, apply: (state) => (state.cause = cause) })
  }
  for (const [replica, spans] of covered) {
    for (const { fromMs, toMs } of spans) {
      steps.push({ atMs: fromMs, apply: (state) => state.replicas.add(replica) })
      steps.push({ atMs: toMs, apply: (state) => state.replicas.delete(replica) })
    }
  }
  for (const gap of lost) {
    steps.push({ atMs: gap.fromMs, apply: (state) => state.lost.set(gap, gap.lines) })
    steps.push({ atMs: gap.toMs, apply: (state) => state.lost.delete(gap) })
  }
  for (const { fromMs, toMs } of restored) {
    steps.push({ atMs: fromMs, apply: (state) => (state.restored += 1) })
    steps.push({ atMs: toMs, apply: (state) => (state.restored -= 1) })
  }
  return steps
}

/** What holds between two steps. */
class SweepState {
  cause = 'unrecorded'
  restored = 0
  readonly replicas = new Set<string>()
  /** With the lines that no gap has told yet. */
  readonly lost = new Map<LostSpan, number>()

  /** @returns `false` when there is no place for another piece. */
  tell(span: Span, pieces: Pieces): boolean {
    if (this.replicas.size > 0) {
      return pieces.addInterval({ ...span, replicas: [...this.replicas].toSorted() })
    }
    let { cause } = this
    let lines = 0
    for (const [gap, untold] of this.lost) {
      cause = gap.cause
      lines += untold
    }
    const isAdded = pieces.addGap({ ...span, cause, lines, isRestored: this.restored > 0 })
    for (const gap of this.lost.keys()) this.lost.set(gap, 0)
    return isAdded
  }
}

/** The pieces told so far; one that goes on is one piece. */
class Pieces {
  readonly intervals: CoveredPiece[] = []
  readonly gaps: GapPiece[] = []
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  addInterval(piece: CoveredPiece): boolean {
    const last = this.intervals.at(-1)
    const isSame = last?.toMs === piece.fromMs && last.replicas.join() === piece.replicas.join()
    if (!isSame) return this.#hasRoom() && this.intervals.push(piece) > 0
    this.intervals.splice(-1, 1, { ...last, toMs: piece.toMs })
    return true
  }

  addGap(piece: GapPiece): boolean {
    const last = this.gaps.at(-1)
    const { cause, isRestored, toMs } = piece
    const isSame =
      last?.toMs === piece.fromMs && last.cause === cause && last.isRestored === isRestored
    if (!isSame) return this.#hasRoom() && this.gaps.push(piece) > 0
    this.gaps.splice(-1, 1, { ...last, toMs, lines: last.lines + piece.lines })
    return true
  }

  cutAt(fromMs: number, toMs: number): Coverage {
    return { fromMs, toMs, intervals: this.intervals, gaps: this.gaps, isCut: true }
  }

  #hasRoom(): boolean {
    return this.intervals.length + this.gaps.length < this.#max
  }
}
