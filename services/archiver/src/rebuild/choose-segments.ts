import type { Level, SegmentIdentity, SegmentSummary } from '@poglog/log-format'

/** A segment as a listing and its footer show it. */
export interface FoundSegment {
  readonly key: string
  /** The one in its name. */
  readonly number: number
  readonly ulid: string
  readonly identity: SegmentIdentity
  readonly summary: SegmentSummary
}

/** A segment that belongs into the manifest; `level` is `hour` where its by-user runs or words are gone. */
export interface ChosenSegment {
  readonly segment: FoundSegment
  readonly level: Level
}

/**
 * Decides, from footers alone, which of the objects of a store are the archive: every record is in one of the chosen
 * by-channel segments, and the chosen by-user segments and word counts hold exactly what the covered ones hold.
 *
 * By-channel segments are the truth. One that another replaces is left out; two that were made of the same inputs, of
 * which only one can have been committed, are told apart by their by-user runs and words, else both stay, uncovered.
 * A `day` whose runs and words are not all there becomes uncovered; whatever else holds a part of its records in the
 * other orders is then left out too, until both sides agree. What is left out is derived, and made anew by the next
 * compaction.
 */
export function chooseSegments(found: readonly FoundSegment[]): ChosenSegment[] {
  const derived = withoutReplaced(found.filter(({ identity }) => isDerived(identity)))
  const byChannel = found.filter(({ identity }) => !isDerived(identity))
  const { kept, rivals } = resolveRivals(byChannel, trustIn(derived))
  const uncovered = new Set(
    kept.filter((segment) => segment.identity.level === 'hour' || rivals.has(segment)),
  )
  const agreed = agree({ kept, all: byChannel }, uncovered, derived)
  return [
    ...kept.map(
      (segment) => ({ segment, level: uncovered.has(segment) ? 'hour' : 'day' }) as const,
    ),
    ...agreed.map((segment) => ({ segment, level: segment.identity.level })),
  ]
}

/** Takes out derived segments, and coverage, until every covered day has all of its own and nobody else's is left. */
function agree(
  { kept, all }: { readonly kept: readonly FoundSegment[]; readonly all: readonly FoundSegment[] },
  uncovered: Set<FoundSegment>,
  derived: readonly FoundSegment[],
): FoundSegment[] {
  let left = [...derived]
  for (;;) {
    const holders = holdersOf(left)
    for (const day of kept) if (!isSatisfied(day, holders)) uncovered.add(day)
    const covered = kept.filter((day) => !uncovered.has(day))
    const wanted = new Set(covered.flatMap(companionsOf))
    const unwanted = new Set(all.flatMap(companionsOf).filter((ulid) => !wanted.has(ulid)))
    const next = left.filter(
      (segment) =>
        !heldBy(segment).some((ulid) => unwanted.has(ulid)) &&
        (segment.identity.level === 'fold' || heldBy(segment).some((ulid) => wanted.has(ulid))),
    )
    if (next.length === left.length) return left
    left = next
  }
}

function isDerived({ projection }: SegmentIdentity): boolean {
  return projection !== 'by-channel'
}

function companionsOf({ identity }: FoundSegment): readonly string[] {
  return identity.companions ?? []
}

function replacesOf({ identity }: FoundSegment): readonly string[] {
  return identity.replaces ?? []
}

/** The ULIDs whose records a segment holds. */
function heldBy(segment: FoundSegment): readonly string[] {
  return [segment.ulid, ...replacesOf(segment)]
}

function holdersOf(segments: readonly FoundSegment[]): ReadonlySet<string> {
  return new Set(segments.flatMap(heldBy))
}

function isSatisfied(day: FoundSegment, holders: ReadonlySet<string>): boolean {
  return companionsOf(day).every((ulid) => holders.has(ulid))
}

/**
 * How sure it is that a day was committed: 0 when something that came with it is gone; 2 when a fold holds a part of
 * it, because only what is committed is folded.
 */
function trustIn(derived: readonly FoundSegment[]): (day: FoundSegment) => 0 | 1 | 2 {
  const holders = holdersOf(derived)
  const folded = new Set(derived.flatMap(replacesOf))
  return (day) => {
    if (!isSatisfied(day, holders)) return 0
    return companionsOf(day).some((ulid) => folded.has(ulid)) ? 2 : 1
  }
}

/** Of derived segments that hold the same, the one that holds most. */
function withoutReplaced(segments: readonly FoundSegment[]): FoundSegment[] {
  const held = new Set<string>()
  const kept: FoundSegment[] = []
  const byContent = segments.toSorted(
    (left, right) =>
      replacesOf(right).length - replacesOf(left).length || compareUlids(left, right),
  )
  for (const segment of byContent) {
    if (heldBy(segment).some((ulid) => held.has(ulid))) continue
    for (const ulid of heldBy(segment)) held.add(ulid)
    kept.push(segment)
  }
  return kept
}

/** Leaves out what another by-channel segment replaces. Those made of partly the same inputs all stay, as rivals. */
function resolveRivals(
  segments: readonly FoundSegment[],
  trustOf: (segment: FoundSegment) => number,
): { kept: FoundSegment[]; rivals: ReadonlySet<FoundSegment> } {
  const replaced = new Set(segments.flatMap(replacesOf))
  const current = segments.filter(({ ulid }) => !replaced.has(ulid))
  const kept = current.filter(
    (segment) => !current.some((other) => isBetterRival(other, segment, trustOf)),
  )
  const rivals = new Set(
    kept.filter((segment) =>
      kept.some((other) => other !== segment && sharesInputs(other, segment)),
    ),
  )
  return { kept, rivals }
}

function sharesInputs(left: FoundSegment, right: FoundSegment): boolean {
  const inputs = new Set(replacesOf(left))
  return replacesOf(right).some((ulid) => inputs.has(ulid))
}

/** Whether `other` makes `segment` superfluous: it was made of all of its inputs, and more, or is trusted more, or came first. */
function isBetterRival(
  other: FoundSegment,
  segment: FoundSegment,
  trustOf: (segment: FoundSegment) => number,
): boolean {
  const inputs = replacesOf(segment)
  if (other === segment || inputs.length === 0) return false
  const others = new Set(replacesOf(other))
  if (!inputs.every((ulid) => others.has(ulid))) return false
  if (others.size > inputs.length) return true
  const [trust, trustInOther] = [trustOf(segment), trustOf(other)]
  if (trust !== trustInOther) return trustInOther > trust
  return compareUlids(other, segment) < 0
}

function compareUlids(left: FoundSegment, right: FoundSegment): number {
  return left.ulid < right.ulid ? -1 : 1
}
