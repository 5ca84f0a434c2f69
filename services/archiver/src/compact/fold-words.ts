import { join } from 'node:path'
import type { Erased, SegmentEntry } from '@poglog/hot-store'
import {
  DigestSum,
  SegmentError,
  addCounts,
  compareWordCounts,
  createSorter,
  encodeWords,
  mergeSorted,
  readWords,
} from '@poglog/log-format'
import type { SegmentIdentity, WordCount } from '@poglog/log-format'
import { arrivalOf } from './compact.ts'
import type { ArchiveDeps } from '../deps.ts'
import { FOLD_POLICY, dueWordFolds, wordFoldInputs } from './due-folds.ts'
import type { FoldPolicy } from './due-folds.ts'
import type { FoldResult } from './fold.ts'
import { isErasedCount } from '../privacy/is-erased.ts'
import { fitSideBySide } from './merge-segments.ts'
import { nonEmpty } from './non-empty.ts'
import { ALL_TIME } from '../period.ts'
import { putVerified } from './put-verified.ts'
import { replacedUlids } from './replaced-ulids.ts'
import { unlessPassed } from './set-aside.ts'
import { untilKnown } from './until-known.ts'
import { openJobDir } from '../work-dir.ts'
import { writtenAtMs } from '../written-at.ts'

const SORTER_BYTES_MAX = 24 * 1024 * 1024
const ROW_BYTES = 200

export interface FoldWordsRequest {
  readonly shard: number
  /** The month's first millisecond, UTC. */
  readonly monthMs: number
  /** Default: that of the archiver, with 15 quiet minutes. */
  readonly policy?: FoldPolicy | undefined
  /** Folds everything the month has, also a single fold and whatever the policy says: for erasure and retention. */
  readonly isForced?: boolean | undefined
  /** Rows that this says no to are left out, beside those of erased users. */
  readonly keep?: ((row: WordCount) => boolean) | undefined
}

/**
 * Adds up the word counts of a month and channel shard into one segment, and swaps it in the shard's manifest.
 * Safe to run at any time, again, and twice at once. Of its result, numbers of records are numbers of rows.
 *
 * @throws as `fold`.
 */
export async function foldWords(request: FoldWordsRequest, deps: ArchiveDeps): Promise<FoldResult> {
  const { clock, events } = deps
  const startedAt = clock()
  if ((await inputsOf(request, deps)).length === 0) return { kind: 'nothing' }
  const result = await unlessPassed(request.shard, () => attempt(request, deps), deps)
  if (result.kind === 'folded') events.folded('words', result, clock() - startedAt)
  if (result.kind === 'refused') events.refused(request.shard, 'swap')
  return result
}

async function inputsOf(
  { shard, monthMs, policy = FOLD_POLICY, isForced }: FoldWordsRequest,
  { hot }: ArchiveDeps,
): Promise<readonly SegmentEntry[]> {
  const { boundaryMs, nowMs } = await hot.state(shard)
  const facts = { shard, boundaryMs, nowMs, segments: await hot.manifest(shard) }
  if (isForced === true) return wordFoldInputs(facts, monthMs).inputs
  return dueWordFolds(facts, policy).find((month) => month.monthMs === monthMs)?.inputs ?? []
}

async function attempt(request: FoldWordsRequest, deps: ArchiveDeps): Promise<FoldResult> {
  const { hot, events, step } = deps
  const { shard } = request
  const reservation = await step('reserve', () => hot.reserve(shard, 1))
  const inputs = await inputsOf(request, deps)
  const { users: erased, erasures } = await hot.erased(shard)
  if (erasures !== reservation.erasures) return { kind: 'refused' }
  if (inputs.length === 0) return { kind: 'nothing' }

  const identity: SegmentIdentity = {
    shard,
    shards: hot.shards,
    number: reservation.first,
    projection: 'words',
    level: 'fold',
    ...arrivalOf(inputs),
    replaces: await replacedUlids(inputs, deps),
  }
  const merge = new WordMerge({ inputs, erased, keep: request.keep }, deps)
  const entry = await write(identity, { merge, nowMs: reservation.nowMs }, deps)
  const change = { removed: inputs, added: entry === undefined ? [] : [entry] }
  const swapped = await step('swap', () => untilKnown(() => hot.swap(reservation, change), deps))
  if (swapped === 'stale') return { kind: 'refused' }
  if (swapped === 'already') events.commitRepeated(shard)
  return { kind: 'folded', inputs, entry, equal: merge.equal, erased: merge.erased }
}

async function write(
  identity: SegmentIdentity,
  { merge, nowMs }: { merge: WordMerge; nowMs: number },
  deps: ArchiveDeps,
): Promise<SegmentEntry | undefined> {
  await using dir = await openJobDir(deps.workDir)
  const rows = await nonEmpty(merge.rows(dir.path))
  if (rows === undefined) {
    merge.assertDigest('0'.repeat(32))
    return undefined
  }
  const options = { path: join(dir.path, 'words'), signal: deps.signal }
  const encoded = await deps.step('merge', () => encodeWords(rows, identity, options))
  merge.assertDigest(encoded.summary.digest)
  return await putVerified({ identity, ulid: deps.newUlid(nowMs), encoded }, deps)
}

interface WordMergePlan {
  readonly inputs: readonly SegmentEntry[]
  readonly erased: Erased
  readonly keep: ((row: WordCount) => boolean) | undefined
}

/** Merges words segments, adding up, and keeps account of what is left out. */
class WordMerge {
  readonly #plan: WordMergePlan
  readonly #deps: ArchiveDeps
  readonly #expected = new DigestSum()
  readonly #dropped = new DigestSum()
  #equal = 0
  #erased = 0

  constructor(plan: WordMergePlan, deps: ArchiveDeps) {
    this.#plan = plan
    this.#deps = deps
    for (const { digest } of plan.inputs) this.#expected.addDigest(digest)
  }

  /** Rows added to another one. */
  get equal(): number {
    return this.#equal
  }

  get erased(): number {
    return this.#erased
  }

  /** Yields the rows in order, equal ones added up. Call it once. */
  async *rows(dir: string): AsyncGenerator<WordCount[]> {
    const sources = this.#plan.inputs.map((input) => this.#read(input))
    const onEqual = (): void => void (this.#equal += 1)
    const options = { compare: compareWordCounts, combine: addCounts, onEqual }
    if (fitSideBySide(this.#plan.inputs)) {
      yield* mergeSorted(sources, options)
      return
    }
    await using sorter = createSorter<WordCount>({
      ...options,
      workDir: dir,
      sizeOf: () => ROW_BYTES,
      bytesMax: SORTER_BYTES_MAX,
      signal: this.#deps.signal,
    })
    for (const source of sources) for await (const rows of source) await sorter.add(rows)
    yield* sorter.sorted()
  }

  /** @throws Error when the output does not count what the inputs counted, less what was left out. */
  assertDigest(digest: string): void {
    this.#expected.subtractDigest(this.#dropped.toString())
    if (digest !== this.#expected.toString()) throw new Error('a fold of words lost some')
  }

  async *#read(input: SegmentEntry): AsyncGenerator<WordCount[]> {
    const { cold: store, signal } = this.#deps
    const source = { store, key: input.key, sizeBytes: input.sizeBytes }
    const writtenMs = writtenAtMs(input.key)
    const sum = new DigestSum()
    for await (const batch of readWords(source, { ...ALL_TIME, signal })) {
      const kept = batch.filter((row) => {
        sum.addWords(row)
        if (this.#isWanted(row, writtenMs)) return true
        this.#erased += 1
        this.#dropped.addWords(row)
        return false
      })
      if (kept.length > 0) yield kept
    }
    if (sum.toString() === input.digest) return
    throw new SegmentError('corrupt', input.key, { detail: 'digest is not that of the manifest' })
  }

  #isWanted(row: WordCount, writtenMs: number): boolean {
    const { erased, keep } = this.#plan
    return !isErasedCount(row, erased, writtenMs) && (keep === undefined || keep(row))
  }
}
