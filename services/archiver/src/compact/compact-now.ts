import { compact } from './compact.ts'
import type { JobConfig } from '../config.ts'
import type { ArchiveDeps } from '../deps.ts'
import { dueDays } from './due-compactions.ts'
import { dueFolds, dueWordFolds } from './due-folds.ts'
import type { FoldPolicy } from './due-folds.ts'
import { foldWords } from './fold-words.ts'
import { dropAbsorbed, fold, foldFacts } from './fold.ts'
import { onlyWarnings } from '../only-warnings.ts'
import { openDeps } from '../open-deps.ts'

const TIMEOUT_MS = 12 * 3_600_000
const RETRY_DELAY_MS = 250
/** A job that others keep getting in the way of is left to them. */
const ATTEMPTS_MAX = 20

/** What has been done so far. A day and a month count once a shard, in each order. */
export interface CompactProgress {
  readonly days: number
  readonly folds: number
  /** Records in the days written, and bytes in all objects written. */
  readonly records: number
  readonly sizeBytes: number
}

export interface CompactNowOptions {
  /** Where hot and cold are; `readJobConfig` makes it from the environment. */
  readonly settings: JobConfig
  /** Months to be folded as if closed, each its first millisecond, UTC: they become one segment, till more comes. */
  readonly closed?: ReadonlySet<number> | undefined
  /** Days that have not ended are compacted too, as far as they are sealed: for tests, which cannot wait for midnight. */
  readonly isUnendedToo?: boolean | undefined
  /** Called after each compaction and fold. */
  readonly onProgress?: ((progress: CompactProgress) => void) | undefined
  /** Called with what an operator should look at though it goes on. */
  readonly onWarning?: ((message: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Compacts all days that have ended and are sealed, then folds all months that can be folded, in this process and
 * whether or not an archiver runs, and resolves to what was done. It does not wait for imports to come to rest.
 *
 * @throws {HotStoreError}, {ObjectStoreError}, {SegmentError} or the file system's error; what was swapped stays.
 * @throws Error when it took longer than 12 hours, or the signal's reason.
 */
export async function compactNow(options: CompactNowOptions): Promise<CompactProgress> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal])
  const events = onlyWarnings(options.onWarning ?? ((): void => {}))
  await using opened = await openDeps({ settings: options.settings, events, signal })
  return await compactAll(options, opened.deps)
}

/** As {@link compactNow}, on what is open already. */
export async function compactAll(
  options: Pick<CompactNowOptions, 'closed' | 'isUnendedToo' | 'onProgress'>,
  deps: ArchiveDeps,
): Promise<CompactProgress> {
  const { closed, isUnendedToo, onProgress } = options
  const total = { days: 0, folds: 0, records: 0, sizeBytes: 0 }
  const progressed = (more: Partial<CompactProgress>): void => {
    total.days += more.days ?? 0
    total.folds += more.folds ?? 0
    total.records += more.records ?? 0
    total.sizeBytes += more.sizeBytes ?? 0
    onProgress?.({ ...total })
  }
  for (let shard = 0; shard < deps.hot.shards; shard += 1) {
    await compactDays({ shard, isUnendedToo }, deps, progressed)
  }
  const isSetAside = (key: string): boolean => deps.setAside.has(key)
  const policy = { quietMs: 0, closed, isSetAside }
  for (let shard = 0; shard < deps.hot.shards; shard += 1) {
    await foldWordsOf(shard, { policy, deps }, progressed)
  }
  await foldUsers({ policy, deps }, progressed)
  await dropAbsorbed(deps)
  return total
}

type Progressed = (more: Partial<CompactProgress>) => void

interface Folding {
  readonly policy: FoldPolicy
  readonly deps: ArchiveDeps
}

async function compactDays(
  { shard, isUnendedToo }: { readonly shard: number; readonly isUnendedToo: boolean | undefined },
  deps: ArchiveDeps,
  progressed: Progressed,
): Promise<void> {
  const { hot, setAside } = deps
  const { boundaryMs, nowMs } = await hot.state(shard)
  const facts = {
    shard,
    shards: hot.shards,
    boundaryMs,
    nowMs,
    segments: await hot.manifest(shard),
  }
  const policy = { spreadMs: 0, isUnendedToo, isSetAside: (key: string) => setAside.has(key) }
  for (const dayMs of dueDays(facts, policy)) {
    const done = await unlessRefused(() => compact({ shard, dayMs }, deps), deps)
    if (done.kind !== 'compacted') continue
    const { records, sizeBytes } = done
    progressed({ days: 1, records, sizeBytes })
  }
}

async function foldWordsOf(
  shard: number,
  { policy, deps }: Folding,
  progressed: Progressed,
): Promise<void> {
  const { boundaryMs, nowMs } = await deps.hot.state(shard)
  const facts = { shard, boundaryMs, nowMs, segments: await deps.hot.manifest(shard) }
  for (const { monthMs } of dueWordFolds(facts, policy)) {
    const done = await unlessRefused(() => foldWords({ shard, monthMs, policy }, deps), deps)
    if (done.kind === 'folded') progressed({ folds: 1, sizeBytes: done.entry?.sizeBytes ?? 0 })
  }
}

async function foldUsers({ policy, deps }: Folding, progressed: Progressed): Promise<void> {
  for (const { monthMs, users } of dueFolds(await foldFacts(deps), policy)) {
    const done = await unlessRefused(() => fold({ monthMs, users, policy }, deps), deps)
    if (done.kind === 'folded') progressed({ folds: 1, sizeBytes: done.entry?.sizeBytes ?? 0 })
  }
}

/** A refused attempt begins again, after a wait that tells two that refuse each other apart. */
async function unlessRefused<T extends { readonly kind: string }>(
  work: () => Promise<T>,
  { sleep, signal }: Pick<ArchiveDeps, 'sleep' | 'signal'>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted()
    const done = await work()
    if (done.kind !== 'refused' || attempt === ATTEMPTS_MAX) return done
    await sleep(RETRY_DELAY_MS * attempt * (0.5 + Math.random()))
  }
}
