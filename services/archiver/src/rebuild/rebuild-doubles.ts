import type { ChosenSegment, FoundSegment } from './choose-segments.ts'
import { isElsewhere } from '../clean/is-elsewhere.ts'
import type { LookUpDeps } from '../deps.ts'

const DAY_MS = 86_400_000

type Choose = (found: readonly FoundSegment[]) => ChosenSegment[]

/**
 * Chooses, and leaves out by-channel segments whose every record is in others of the same shard and day: a seal or an
 * import that died before its commit and was done again leaves such a copy, and its footer does not tell.
 *
 * Only where a day has segments beside a compacted one is anything read; there the smallest is looked up first.
 *
 * @throws {ObjectStoreError} while the store is away.
 */
export async function withoutDoubles(
  found: readonly FoundSegment[],
  choose: Choose,
  deps: LookUpDeps,
): Promise<ChosenSegment[]> {
  let left = found
  const checked = new Set<string>()
  for (;;) {
    const chosen = choose(left)
    const copy = await findCopy(chosen, checked, deps)
    if (copy === undefined) return chosen
    const gone = new Set([copy.ulid, ...(copy.identity.companions ?? [])])
    left = left.filter(({ ulid }) => !gone.has(ulid))
  }
}

async function findCopy(
  chosen: readonly ChosenSegment[],
  checked: Set<string>,
  deps: LookUpDeps,
): Promise<FoundSegment | undefined> {
  const direct = new Set(chosen.map(({ segment }) => segment.ulid))
  for (const group of suspectGroups(chosen)) {
    const bySize = group.toSorted((left, right) => left.summary.records - right.summary.records)
    for (const segment of bySize) {
      // What folds hold was committed: then the other one is the copy.
      const isFolded = (segment.identity.companions ?? []).some((ulid) => !direct.has(ulid))
      if (isFolded || checked.has(segment.ulid)) continue
      checked.add(segment.ulid)
      const others = group.filter((other) => other !== segment).map(entryOf)
      const { key, summary } = segment
      const object = { key, sizeBytes: summary.sizeBytes, modifiedAtMs: 0 }
      if ((await isElsewhere(object, others, deps)) === true) return segment
    }
  }
  return undefined
}

/** By-channel segments of one shard and day, where there are several and one at least is compacted or they overlap. */
function suspectGroups(chosen: readonly ChosenSegment[]): FoundSegment[][] {
  const groups = new Map<string, ChosenSegment[]>()
  for (const one of chosen) {
    const { projection, shard, arrivalFromMs } = one.segment.identity
    if (projection !== 'by-channel') continue
    const day = `${shard} ${Math.floor(arrivalFromMs / DAY_MS)}`
    groups.set(day, [...(groups.get(day) ?? []), one])
  }
  return [...groups.values()]
    .filter((group) => group.length > 1 && group.some((one) => overlapsAny(one, group)))
    .map((group) => group.map(({ segment }) => segment))
}

/** Live hours follow each other in arrival; what covers the arrivals of another one is suspect. */
function overlapsAny(one: ChosenSegment, group: readonly ChosenSegment[]): boolean {
  const { arrivalFromMs, arrivalToMs } = one.segment.identity
  return group.some(
    (other) =>
      other !== one &&
      other.segment.identity.arrivalFromMs < arrivalToMs &&
      other.segment.identity.arrivalToMs > arrivalFromMs,
  )
}

function entryOf({ key, number, identity, summary }: FoundSegment) {
  const { projection, level, arrivalFromMs, arrivalToMs } = identity
  return { key, number, projection, level, arrivalFromMs, arrivalToMs, ...summary }
}
