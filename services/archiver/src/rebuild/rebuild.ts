import type { HotStore, Restore, Scope, SegmentEntry } from '@poglog/hot-store'
import type { LookUpDeps } from '../deps.ts'
import { chooseSegments } from './choose-segments.ts'
import type { ChosenSegment, FoundSegment } from './choose-segments.ts'
import { findSegments } from './found-segments.ts'
import type { DamagedObject } from './found-segments.ts'
import { withoutDoubles } from './rebuild-doubles.ts'
import { relearnNames, relearnUsers } from './relearn.ts'

const ATTEMPTS_MAX = 5

export interface RebuildDeps extends LookUpDeps {
  readonly hot: Pick<
    HotStore,
    | 'shards'
    | 'state'
    | 'firstArrival'
    | 'manifest'
    | 'usersView'
    | 'reserve'
    | 'restore'
    | 'indexUsers'
    | 'names'
  >
}

type RebuildHot = RebuildDeps['hot']

export interface RebuildOptions {
  /** Replaces manifests that are not empty: for a Redis that was rolled back. */
  readonly force: boolean
  /** Goes on without objects that cannot be read; their records are then missing in every answer. */
  readonly skipDamaged: boolean
  readonly onProgress?: ((progress: RebuildProgress) => void) | undefined
}

/** What is being done, and how many of `total` (of which 0 means unknown) are. */
export interface RebuildProgress {
  readonly step: 'footers' | 'users' | 'names'
  readonly done: number
  readonly total: number
}

export type RebuildResult =
  | {
      readonly kind: 'rebuilt'
      readonly segments: number
      /** Records of the by-channel segments. */
      readonly records: number
      /** By-channel segments that the next compaction makes by-user runs and word counts of. */
      readonly uncovered: number
      /** Objects that are not in the manifests: replaced by others, or copies. The sweep deletes them in time. */
      readonly leftOut: readonly string[]
      readonly damaged: readonly DamagedObject[]
    }
  /** Nothing was changed: objects cannot be read. */
  | { readonly kind: 'damaged'; readonly damaged: readonly DamagedObject[] }
  /** Nothing was changed: Redis has manifests. */
  | { readonly kind: 'not-empty'; readonly segments: number }
  /** Nothing was changed: the objects were written with another number of shards. */
  | { readonly kind: 'other-shards'; readonly found: readonly number[]; readonly shards: number }
  /** An archiver kept changing a manifest; some may be restored, run it again. */
  | { readonly kind: 'busy' }

/**
 * Makes the manifests of all shards anew from the objects of the store, for a Redis that lost them; then the sets of who
 * wrote where of segments that are not compacted, and the names.
 *
 * Records that are hot stay: boundaries only ever rise to where the segments end.
 *
 * The names come last, when everything can be read again: learning them takes reading all by-channel segments.
 *
 * @throws {ObjectStoreError} or {HotStoreError}; run it again, with `force` where it had got to the names.
 */
export async function rebuild(
  deps: RebuildDeps,
  { force, skipDamaged, onProgress }: RebuildOptions,
): Promise<RebuildResult> {
  const { hot } = deps
  const known = await namedSegments(hot)
  if (known > 0 && !force) return { kind: 'not-empty', segments: known }
  const indexed = new Set<string>()
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    // Before the listing: whatever is put and named after it makes a restore stale.
    const marks = await markScopes(hot)
    const contents = await findSegments(deps, (done) =>
      onProgress?.({ step: 'footers', done, total: 0 }),
    )
    const { segments, damaged } = contents
    if (damaged.length > 0 && !skipDamaged) return { kind: 'damaged', damaged }
    const shards = [...new Set(segments.map(({ identity }) => identity.shards))]
    if (shards.some((count) => count !== hot.shards)) {
      return { kind: 'other-shards', found: shards, shards: hot.shards }
    }
    const chosen = await withoutDoubles(segments, chooseSegments, deps)
    const uncovered = chosen.filter(({ segment, level }) => isUncovered(segment, level))
    // Before they are named, or a user's records would be missed for a while. The names of years wait: a seal
    // meanwhile makes the restore stale.
    const toIndex = uncovered.map(({ segment }) => segment).filter(({ key }) => !indexed.has(key))
    await relearnUsers(toIndex, deps, (done, total) => onProgress?.({ step: 'users', done, total }))
    for (const { key } of toIndex) indexed.add(key)
    if (!(await restoreAll(marks, chosen, { hot, segments }))) continue
    const byChannel = chosen.map(({ segment }) => segment).filter(isByChannel)
    await relearnNames(byChannel, deps, (done, total) =>
      onProgress?.({ step: 'names', done, total }),
    )
    const named = new Set(chosen.map(({ segment }) => segment.key))
    return {
      kind: 'rebuilt',
      segments: chosen.length,
      records: recordsOf(chosen),
      uncovered: uncovered.length,
      leftOut: segments.map(({ key }) => key).filter((key) => !named.has(key)),
      damaged,
    }
  }
  return { kind: 'busy' }
}

/** A scope with the generation of its manifest; the numbers below `next` are taken. */
interface Mark {
  readonly scope: Scope
  readonly generation: number
  readonly next: number
}

async function markScopes(hot: RebuildHot): Promise<Mark[]> {
  const scopes: Scope[] = [...Array.from({ length: hot.shards }, (_, shard) => shard), 'users']
  const marks: Mark[] = []
  for (const scope of scopes) {
    const { generation, first } = await hot.reserve(scope, 1)
    marks.push({ scope, generation, next: first + 1 })
  }
  return marks
}

async function namedSegments(hot: RebuildHot): Promise<number> {
  let count = (await hot.usersView()).folds.length
  for (let shard = 0; shard < hot.shards; shard += 1) count += (await hot.manifest(shard)).length
  return count
}

function isByChannel({ identity }: FoundSegment): boolean {
  return identity.projection === 'by-channel'
}

function isUncovered(segment: FoundSegment, level: ChosenSegment['level']): boolean {
  return isByChannel(segment) && level === 'hour'
}

function recordsOf(chosen: readonly ChosenSegment[]): number {
  return chosen
    .filter(({ segment }) => isByChannel(segment))
    .reduce((sum, { segment }) => sum + segment.summary.records, 0)
}

async function restoreAll(
  marks: readonly Mark[],
  chosen: readonly ChosenSegment[],
  { hot, segments }: { readonly hot: RebuildHot; readonly segments: readonly FoundSegment[] },
): Promise<boolean> {
  for (const { scope, generation, next } of marks) {
    const own = chosen.filter(({ segment }) => scopeOf(segment) === scope)
    const numbers = segments
      .filter((segment) => scopeOf(segment) === scope)
      .map(({ number }) => number)
    const entries = entriesOf(own, Math.max(next, ...numbers.map((number) => number + 1)))
    const cold = scope === 'users' ? { boundaryMs: 0 } : await coldUntil(scope, own, hot)
    const what = { segments: entries.segments, next: entries.next, ...cold }
    if ((await hot.restore(scope, generation, what)) === 'stale') return false
  }
  return true
}

function scopeOf({ identity }: FoundSegment): Scope {
  return identity.projection === 'by-user' && identity.level === 'fold' ? 'users' : identity.shard
}

/**
 * Up to where the segments cover arrivals, but never beyond a record that is hot: imports cover days of which live
 * records may still be hot, and after Redis was rolled back what is hot may be in no segment. What is in both is
 * dropped by readers and by the next seal.
 */
async function coldUntil(
  shard: number,
  own: readonly ChosenSegment[],
  hot: RebuildHot,
): Promise<Pick<Restore, 'boundaryMs' | 'goneRecords'>> {
  // The time before the look: whatever is appended after it arrives later.
  const { nowMs, hotRecords } = await hot.state(shard)
  const firstHotMs = await hot.firstArrival(shard)
  const endMs = own.reduce(
    (latest, { segment }) => Math.max(latest, segment.identity.arrivalToMs),
    0,
  )
  return {
    boundaryMs: Math.min(nowMs, firstHotMs ?? nowMs, endMs),
    goneRecords: firstHotMs === undefined ? hotRecords : 0,
  }
}

/** Numbers are unique in a manifest; those of segments written before and after a loss may be the same. */
function entriesOf(
  own: readonly ChosenSegment[],
  from: number,
): { segments: SegmentEntry[]; next: number } {
  const taken = new Set<number>()
  let next = from
  const segments = own.map(({ segment, level }) => {
    let { number } = segment
    if (taken.has(number)) {
      number = next
      next += 1
    }
    taken.add(number)
    return entryOf(segment, level, number)
  })
  return { segments, next }
}

function entryOf(
  { key, identity, summary }: FoundSegment,
  level: ChosenSegment['level'],
  number: number,
): SegmentEntry {
  const { projection, users, arrivalFromMs, arrivalToMs } = identity
  return { number, key, projection, level, users, arrivalFromMs, arrivalToMs, ...summary }
}
