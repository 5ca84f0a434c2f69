import type { Coverage } from '../api/coverage.ts'

/**
 * What is known of a stretch of time.
 *
 * - `covered`: everything was received and stored. `restored`: what was missed came later from another log.
 * - `gap`: lines may be missing. `unlogged`: nobody was to receive it, or no record tells of it.
 */
export type StretchKind = 'covered' | 'restored' | 'gap' | 'unlogged'

/** A stretch of time, in milliseconds since the Unix epoch, `to` not included. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly kind: StretchKind
  /** Who received it, where it is covered. */
  readonly replicas: readonly string[]
  /** Why it is a gap, and how many lines are known to be missing. */
  readonly causes: readonly string[]
  readonly lines: number
  /** Gaps in it: several where they are too near to each other to be drawn apart. */
  readonly gaps: number
}

/** Causes of a time in which nobody was to receive the channel: nothing went wrong in it. */
const UNLOGGED_CAUSES = new Set(['unrecorded', 'removed'])

/** All time of an answer, oldest first, without holes. */
export function stretchesOf({ intervals, gaps }: Coverage): readonly Stretch[] {
  const covered = intervals.map(({ from, to, replicas }): Stretch => {
    return { from, to, kind: 'covered', replicas, causes: [], lines: 0, gaps: 0 }
  })
  const missed = gaps.map(({ from, to, cause, lines = 0, restored }): Stretch => {
    const kind = gapKind(cause, restored)
    return { from, to, kind, replicas: [], causes: [cause], lines, gaps: 1 }
  })
  return [...covered, ...missed].toSorted((a, b) => a.from - b.from)
}

/** What a gap of the API is to somebody who reads. */
export function gapKind(cause: string, isRestored: boolean): StretchKind {
  if (isRestored) return 'restored'
  return UNLOGGED_CAUSES.has(cause) ? 'unlogged' : 'gap'
}

/** Cuts stretches at every multiple of `unitMs`: the start of each unit that holds some, with what lies in it. */
export function byUnit(
  stretches: readonly Stretch[],
  unitMs: number,
): ReadonlyMap<number, readonly Stretch[]> {
  const units = new Map<number, Stretch[]>()
  for (const stretch of stretches) {
    let { from } = stretch
    while (from < stretch.to) {
      const start = Math.floor(from / unitMs) * unitMs
      const to = Math.min(stretch.to, start + unitMs)
      const unit = units.get(start) ?? []
      unit.push({ ...stretch, from, to })
      units.set(start, unit)
      from = to
    }
  }
  return units
}

/** Joins what could not be told apart when drawn: neighbours of a kind, and gaps with next to nothing between them. */
export function joinTiny(stretches: readonly Stretch[], tinyMs: number): readonly Stretch[] {
  const isTiny = ({ from, to }: Stretch): boolean => to - from < tinyMs
  const joined: Stretch[] = []
  for (const stretch of stretches) {
    const [before, last] = [joined.at(-2), joined.at(-1)]
    if (last?.kind === stretch.kind && (isTiny(last) || isTiny(stretch))) {
      joined.splice(-1, 1, join(last, stretch))
    } else if (
      last?.kind === 'covered' &&
      isTiny(last) &&
      before !== undefined &&
      before.kind === stretch.kind
    ) {
      joined.splice(-2, 2, join(before, stretch))
    } else joined.push(stretch)
  }
  return joined
}

function join(first: Stretch, then: Stretch): Stretch {
  return {
    from: first.from,
    to: then.to,
    kind: first.kind,
    replicas: [...new Set([...first.replicas, ...then.replicas])],
    causes: [...new Set([...first.causes, ...then.causes])],
    lines: first.lines + then.lines,
    gaps: first.gaps + then.gaps,
  }
}
