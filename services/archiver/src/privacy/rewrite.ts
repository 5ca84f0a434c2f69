import { join } from 'node:path'
import type { Erased, Reservation, SegmentEntry } from '@poglog/hot-store'
import {
  compareRecords,
  encodeSegment,
  encodeWords,
  readSegmentIdentity,
  readWords,
} from '@poglog/log-format'
import type { EncodedSegment, LogRecord, SegmentIdentity, WordCount } from '@poglog/log-format'
import type { ArchiveDeps } from '../deps.ts'
import { isErasedCount } from './is-erased.ts'
import { SegmentMerge } from '../compact/merge-segments.ts'
import { nonEmpty } from '../compact/non-empty.ts'
import { ALL_TIME } from '../period.ts'
import { putVerified } from '../compact/put-verified.ts'
import { replacedUlids } from '../compact/replaced-ulids.ts'
import { untilKnown } from '../compact/until-known.ts'
import { openJobDir } from '../work-dir.ts'
import { writtenAtMs } from '../written-at.ts'

/** A by-channel or words segment to write anew without some of its records. */
export interface RewriteRequest {
  readonly shard: number
  readonly entry: SegmentEntry
  /** Channel id -> sent time, ms, a whole hour: what was sent before it goes too. Erased users' records go in any case. */
  readonly keptFromMs?: ReadonlyMap<string, number> | undefined
}

/** What a rewrite did. */
export type RewriteResult =
  /** `entry` has taken the segment's place; `undefined` when nothing of it was left. */
  | {
      readonly kind: 'rewritten'
      readonly entry: SegmentEntry | undefined
      /** Records left out; rows, where words are counted. */
      readonly dropped: number
    }
  /** The segment was changed by somebody else, or a user asked to be erased meanwhile: nothing was changed. */
  | { readonly kind: 'refused' }

type RewriteDeps = Pick<
  ArchiveDeps,
  'hot' | 'cold' | 'newUlid' | 'workDir' | 'signal' | 'sleep' | 'events' | 'step'
>

/** The segment to be, before anything is written. */
interface Draft {
  readonly request: RewriteRequest
  readonly identity: SegmentIdentity
  readonly reservation: Reservation
  readonly erased: Erased
}

/** What came out of reading and filtering: no body where nothing is left. */
interface Filtered {
  readonly encoded: EncodedSegment | undefined
  readonly dropped: number
}

/**
 * Writes a segment anew without the records of erased users and those its channels keep no longer, in bounded memory, proves
 * the new object, and swaps it in the manifest. The level stays, and of a day the by-user runs and word counts
 * that belong to it. The old object is deleted after the grace.
 *
 * Safe to run at any time, again, and twice at once.
 *
 * @throws {HotStoreError} nothing was changed, or (swap) the outcome is unknown.
 * @throws {ObjectStoreError}, {SegmentError} or the file system's error: nothing was changed.
 */
export async function rewrite(request: RewriteRequest, deps: RewriteDeps): Promise<RewriteResult> {
  const { hot, step } = deps
  const { shard, entry } = request
  const reservation = await step('reserve', () => hot.reserve(shard, 1))
  // Read after the reservation: whoever asks from now on makes the swap stale.
  const { users: erased, erasures } = await hot.erased(shard)
  if (erasures !== reservation.erasures) return { kind: 'refused' }
  const identity = await identityOf(request, reservation, deps)
  await using dir = await openJobDir(deps.workDir)
  const draft: Draft = { request, identity, reservation, erased }
  const path = join(dir.path, 'segment')
  const { encoded, dropped } =
    entry.projection === 'words'
      ? await step('merge', () => filterWords(draft, path, deps))
      : await step('merge', () => filterRecords(draft, path, deps))
  const added: SegmentEntry[] = []
  if (encoded !== undefined) {
    const ulid = deps.newUlid(reservation.nowMs)
    added.push(await putVerified({ identity, ulid, encoded }, deps))
  }
  deps.signal?.throwIfAborted()
  const change = { removed: [entry], added }
  const swapped = await step('swap', () => untilKnown(() => hot.swap(reservation, change), deps))
  if (swapped === 'stale') return { kind: 'refused' }
  if (swapped === 'already') deps.events.commitRepeated(shard)
  return { kind: 'rewritten', entry: added[0], dropped }
}

async function identityOf(
  { shard, entry }: RewriteRequest,
  { first }: Reservation,
  deps: RewriteDeps,
): Promise<SegmentIdentity> {
  const { key, sizeBytes, projection, level, arrivalFromMs, arrivalToMs } = entry
  const source = { store: deps.cold, key, sizeBytes }
  const { identity } = await readSegmentIdentity(source, { signal: deps.signal })
  const { companions } = identity
  const isCovered = projection === 'by-channel' && level === 'day'
  return {
    shard,
    shards: deps.hot.shards,
    number: first,
    projection,
    level,
    arrivalFromMs,
    arrivalToMs,
    replaces: await replacedUlids([entry], deps),
    ...(isCovered && companions !== undefined ? { companions } : {}),
  }
}

async function filterRecords(draft: Draft, path: string, deps: RewriteDeps): Promise<Filtered> {
  const { request, erased, identity } = draft
  const keep = ({ channelId, sentAtMs }: LogRecord): boolean =>
    isKept({ channelId, sentAtMs }, request.keptFromMs)
  const plan = { inputs: [request.entry], compare: compareRecords, erased, keep }
  const merge = new SegmentMerge(plan, deps)
  const records = await nonEmpty(merge.records())
  if (records === undefined) {
    merge.assertOutput({ records: 0, digest: '0'.repeat(32) })
    return { encoded: undefined, dropped: request.entry.records }
  }
  const encoded = await encodeSegment(records, identity, { path, signal: deps.signal })
  merge.assertOutput(encoded.summary)
  return { encoded, dropped: request.entry.records - encoded.summary.records }
}

async function filterWords(draft: Draft, path: string, deps: RewriteDeps): Promise<Filtered> {
  const { request, erased, identity } = draft
  const { key, sizeBytes, records } = request.entry
  const counts = { read: 0, kept: 0 }
  const source = { store: deps.cold, key, sizeBytes }
  const rows = readWords(source, { ...ALL_TIME, signal: deps.signal })
  const writtenMs = writtenAtMs(key)
  const isWanted = (row: WordCount): boolean =>
    !isErasedCount(row, erased, writtenMs) &&
    isKept({ channelId: row.channelId, sentAtMs: row.hourMs }, request.keptFromMs)
  const kept = await nonEmpty(filtered(rows, isWanted, counts))
  const encoded =
    kept === undefined
      ? undefined
      : await encodeWords(kept, identity, { path, signal: deps.signal })
  const written = encoded?.summary.records ?? 0
  if (counts.read !== records || counts.kept !== written) {
    throw new Error(`${counts.read} of ${records} rows were read, ${written} written`)
  }
  return { encoded, dropped: records - written }
}

/** Whether a record, or an hour, is not beyond what its channel keeps. */
export function isKept(
  { channelId, sentAtMs }: Pick<LogRecord, 'channelId' | 'sentAtMs'>,
  keptFromMs: ReadonlyMap<string, number> | undefined,
): boolean {
  return sentAtMs >= (keptFromMs?.get(channelId) ?? 0)
}

async function* filtered(
  batches: AsyncIterable<readonly WordCount[]>,
  isWanted: (row: WordCount) => boolean,
  counts: { read: number; kept: number },
): AsyncGenerator<WordCount[]> {
  for await (const batch of batches) {
    const kept = batch.filter(isWanted)
    counts.read += batch.length
    counts.kept += kept.length
    if (kept.length > 0) yield kept
  }
}
