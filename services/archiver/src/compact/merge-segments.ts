import type { Erased, SegmentEntry } from '@poglog/hot-store'
import {
  DigestSum,
  SegmentError,
  createSorter,
  mergeSorted,
  plainRecord,
  readSegment,
} from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { recordBytes } from './day-pass.ts'
import type { ArchiveDeps } from '../deps.ts'
import { isErased } from '../privacy/is-erased.ts'
import { ALL_TIME } from '../period.ts'
import { openJobDir } from '../work-dir.ts'

/** Segments merged side by side. More, or larger ones, are sorted by way of files. */
const FAN_IN_MAX = 64
/** A segment that is read holds two requests of 4 MiB. */
const READ_BYTES_MAX = 8 * 1024 * 1024
/** What all that are merged side by side may hold. With 24 of 5 MB, a compaction took 508 MiB in all. */
const SIDE_BY_SIDE_BYTES_MAX = 48 * 1024 * 1024
const SORTER_BYTES_MAX = 24 * 1024 * 1024

export interface MergePlan {
  readonly inputs: readonly SegmentEntry[]
  /** The order of all inputs, and of what comes out. */
  readonly compare: (left: LogRecord, right: LogRecord) => number
  readonly erased: Erased
  /** Records that this says no to are left out. Default: all stay. */
  readonly keep?: ((record: LogRecord) => boolean) | undefined
}

type MergeDeps = Pick<ArchiveDeps, 'cold' | 'workDir' | 'signal'>

/**
 * Merges segments of one order into one stream of distinct records, in bounded memory, and keeps account
 * of what goes in and what is left out: {@link SegmentMerge.assertOutput} at the end proves that
 * nothing else is missing.
 */
export class SegmentMerge {
  readonly #plan: MergePlan
  readonly #deps: MergeDeps
  /** Digest of the inputs without what was left out. */
  readonly #expected = new DigestSum()
  readonly #dropped = new DigestSum()
  #inputRecords = 0
  #equal = 0
  #erased = 0

  constructor(plan: MergePlan, deps: MergeDeps) {
    this.#plan = plan
    this.#deps = deps
    for (const { digest, records } of plan.inputs) {
      this.#expected.addDigest(digest)
      this.#inputRecords += records
    }
  }

  /** Records left out because another input had the same. */
  get equal(): number {
    return this.#equal
  }

  /** Records left out because their user is erased, or `keep` said so. */
  get erased(): number {
    return this.#erased
  }

  /**
   * Yields the records in order. Call it once.
   *
   * @throws {SegmentError} or {ObjectStoreError} naming the input that cannot be read, or does not hold what
   *   the manifest says.
   */
  async *records(): AsyncGenerator<LogRecord[]> {
    const { inputs, compare } = this.#plan
    const sources = inputs.map((input) => this.#read(input))
    const onEqual = (record: LogRecord): void => {
      this.#equal += 1
      this.#dropped.add(record)
    }
    if (fitSideBySide(inputs)) yield* mergeSorted(sources, { compare, onEqual })
    else yield* this.#sorted(sources, onEqual)
  }

  /** @throws Error when the output does not hold exactly what the inputs held, less what was left out. */
  assertOutput({ records, digest }: { readonly records: number; readonly digest: string }): void {
    const expected = this.#inputRecords - this.#equal - this.#erased
    this.#expected.subtractDigest(this.#dropped.toString())
    if (records === expected && digest === this.#expected.toString()) return
    throw new Error(`a merge wrote ${records} records where its inputs have ${expected}`)
  }

  async *#read(input: SegmentEntry): AsyncGenerator<LogRecord[]> {
    const { cold: store, signal } = this.#deps
    const { erased, keep } = this.#plan
    const source = { store, key: input.key, sizeBytes: input.sizeBytes }
    const sum = new DigestSum()
    for await (const batch of readSegment(source, { ...ALL_TIME, order: 'asc', signal })) {
      const kept = batch.filter((record) => {
        sum.add(record)
        if (!isErased(record, erased) && (keep === undefined || keep(record))) return true
        this.#erased += 1
        this.#dropped.add(record)
        return false
      })
      if (kept.length > 0) yield kept
    }
    if (sum.toString() === input.digest) return
    throw new SegmentError('corrupt', input.key, { detail: 'digest is not that of the manifest' })
  }

  async *#sorted(
    sources: readonly AsyncIterable<LogRecord[]>[],
    onEqual: (record: LogRecord) => void,
  ): AsyncGenerator<LogRecord[]> {
    await using dir = await openJobDir(this.#deps.workDir)
    await using sorter = createSorter<LogRecord>({
      compare: this.#plan.compare,
      onEqual,
      workDir: dir.path,
      sizeOf: recordBytes,
      bytesMax: SORTER_BYTES_MAX,
      signal: this.#deps.signal,
    })
    for (const source of sources) {
      for await (const batch of source) await sorter.add(batch.map(plainRecord))
    }
    yield* sorter.sorted()
  }
}

/** Whether segments may be merged side by side, each holding what is read ahead of it. */
export function fitSideBySide(inputs: readonly SegmentEntry[]): boolean {
  const bytes = inputs.reduce((sum, { sizeBytes }) => sum + Math.min(sizeBytes, READ_BYTES_MAX), 0)
  return inputs.length <= FAN_IN_MAX && bytes <= SIDE_BY_SIDE_BYTES_MAX
}
