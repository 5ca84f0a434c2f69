import { join } from 'node:path'
import type { SegmentEntry } from '@poglog/hot-store'
import { compareUserRecords, encodeSegment } from '@poglog/log-format'
import type { LogRecord, SegmentIdentity } from '@poglog/log-format'
import { arrivalOf } from './compact.ts'
import type { ArchiveDeps } from '../deps.ts'
import { FOLD_POLICY, absorbedRuns, dueFolds, foldInputs } from './due-folds.ts'
import type { FoldFacts, FoldInputs, FoldPolicy } from './due-folds.ts'
import { SegmentMerge } from './merge-segments.ts'
import { nonEmpty } from './non-empty.ts'
import { DAY_MS } from '../period.ts'
import { putVerified } from './put-verified.ts'
import { replacedUlids } from './replaced-ulids.ts'
import { unlessPassed } from './set-aside.ts'
import { untilKnown } from './until-known.ts'
import { openJobDir } from '../work-dir.ts'

export interface FoldRequest {
  /** The month's first millisecond, UTC. */
  readonly monthMs: number
  /** The user shard. */
  readonly users: number
  /** Default: that of the archiver, with 15 quiet minutes. */
  readonly policy?: FoldPolicy | undefined
  /** Folds everything the month has, also a single fold and whatever the policy says: for erasure and retention. */
  readonly isForced?: boolean | undefined
  /** Records that this says no to are left out, beside those of erased users. */
  readonly keep?: ((record: LogRecord) => boolean) | undefined
}

/** What a fold did. */
export type FoldResult =
  | {
      readonly kind: 'folded'
      /** What the new one took the place of. */
      readonly inputs: readonly SegmentEntry[]
      /** `undefined` when nothing was left to store. */
      readonly entry: SegmentEntry | undefined
      /** Records left out: equal to another, or erased or not kept. */
      readonly equal: number
      readonly erased: number
    }
  | { readonly kind: 'nothing' }
  /** Another archiver was here, or a user asked to be erased meanwhile: nothing was changed. */
  | { readonly kind: 'refused' }

/**
 * Merges by-user runs and folds of a month and user shard into one fold. One swap adds it, takes the folds it
 * replaces out and marks the runs as absorbed; readers know from it what counts. The runs leave their shards'
 * manifests afterwards. Safe to run at any time, again, and twice at once.
 *
 * @throws {HotStoreError} nothing was changed, or (swap) the outcome is unknown.
 * @throws {ObjectStoreError}, {SegmentError} (an input cannot be read) or the file system's error: nothing was
 *   changed.
 */
export async function fold(request: FoldRequest, deps: ArchiveDeps): Promise<FoldResult> {
  const { clock, events } = deps
  const startedAt = clock()
  if (inputsOf(request, await foldFacts(deps)) === undefined) return { kind: 'nothing' }
  const result = await unlessPassed('users', () => attempt(request, deps), deps)
  if (result.kind === 'folded') events.folded('by-user', result, clock() - startedAt)
  if (result.kind === 'refused') events.refused('users', 'swap')
  return result
}

/** Takes runs that folds hold out of their shards' manifests, and forgets what nobody names any more. */
export async function dropAbsorbed(deps: ArchiveDeps): Promise<number> {
  const facts = await foldFacts(deps)
  const runs = absorbedRuns(facts)
  await deps.hot.dropAbsorbed(runs.map(({ shard, entry }) => ({ shard, number: entry.number })))
  // A fold that slept longer finds its reservation expired, so it cannot absorb a run twice.
  await deps.hot.forgetAbsorbed(facts.nowMs - DAY_MS)
  return runs.length
}

/** What folding goes by. Each shard's boundary is read before its manifest, so nothing below it is unknown. */
export async function foldFacts({ hot }: Pick<ArchiveDeps, 'hot'>): Promise<FoldFacts> {
  const view = await hot.usersView()
  const shards: FoldFacts['shards'][number][] = []
  let nowMs = 0
  for (let shard = 0; shard < hot.shards; shard += 1) {
    const { boundaryMs, nowMs: shardNowMs } = await hot.state(shard)
    shards.push({ shard, boundaryMs, segments: await hot.manifest(shard) })
    nowMs = Math.max(nowMs, shardNowMs)
  }
  return { shards, view, nowMs }
}

function inputsOf(request: FoldRequest, facts: FoldFacts): FoldInputs | undefined {
  const { monthMs, users, policy = FOLD_POLICY, isForced } = request
  if (isForced === true) {
    const inputs = foldInputs(facts, monthMs, users)
    return inputs.folds.length + inputs.runs.length === 0 ? undefined : inputs
  }
  return dueFolds(facts, policy).find(
    (inputs) => inputs.monthMs === monthMs && inputs.users === users,
  )
}

async function attempt(request: FoldRequest, deps: ArchiveDeps): Promise<FoldResult> {
  const { hot, events, step } = deps
  const reservation = await step('reserve', () => hot.reserve('users', 1))
  const facts = await foldFacts(deps)
  const { users: erased, erasures } = await hot.erased('users')
  if (erasures !== reservation.erasures) return { kind: 'refused' }
  const chosen = inputsOf(request, facts)
  if (chosen === undefined) return { kind: 'nothing' }

  const inputs = [...chosen.folds, ...chosen.runs.map(({ entry }) => entry)]
  const plan = { inputs, compare: compareUserRecords, erased, keep: request.keep }
  const merge = new SegmentMerge(plan, deps)
  const identity: SegmentIdentity = {
    shard: request.users,
    shards: hot.shards,
    number: reservation.first,
    projection: 'by-user',
    level: 'fold',
    users: request.users,
    ...arrivalOf(inputs),
    replaces: await replacedUlids(inputs, deps),
  }
  const entry = await write(identity, { merge, nowMs: reservation.nowMs }, deps)
  const change = {
    removed: chosen.folds,
    added: entry === undefined ? [] : [entry],
    absorbs: chosen.runs.map((run) => ({ shard: run.shard, number: run.entry.number })),
  }
  const swapped = await step('swap', () => untilKnown(() => hot.swap(reservation, change), deps))
  if (swapped === 'stale') return { kind: 'refused' }
  if (swapped === 'already') events.commitRepeated('users')
  const { equal, erased: left } = merge
  return { kind: 'folded', inputs, entry, equal, erased: left }
}

/** Writes and proves the fold; `undefined` when no record was left. */
async function write(
  identity: SegmentIdentity,
  { merge, nowMs }: { merge: SegmentMerge; nowMs: number },
  deps: ArchiveDeps,
): Promise<SegmentEntry | undefined> {
  await using dir = await openJobDir(deps.workDir)
  const records = await nonEmpty(merge.records())
  if (records === undefined) {
    merge.assertOutput({ records: 0, digest: '0'.repeat(32) })
    return undefined
  }
  const options = { path: join(dir.path, 'fold'), signal: deps.signal }
  const encoded = await deps.step('merge', () => encodeSegment(records, identity, options))
  merge.assertOutput(encoded.summary)
  return await putVerified({ identity, ulid: deps.newUlid(nowMs), encoded }, deps)
}
