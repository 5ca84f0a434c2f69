import { createHash } from 'node:crypto'
import type { SegmentEntry } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { ArchiveDeps } from './deps.ts'
import { FOLD_POLICY, foldInputs } from './due-folds.ts'
import type { FoldFacts } from './due-folds.ts'
import { fold, foldFacts } from './fold.ts'
import { holdsExpired } from './holds-records.ts'
import { DAY_MS, monthStart, periodStart } from './period.ts'
import { isKept, rewrite } from './rewrite.ts'

/** Records go in steps of a week: a month of the by-user order is folded anew as a whole each time. */
const STEP_MS = 7 * DAY_MS

export interface RetainRequest {
  /** What has been looked into, and for what: keeps a round that finds nothing from reading everything again. */
  readonly lookedInto: Map<string, string>
}

/** What one round removed. Numbers are of records, rows for words; `unreadable` are keys that could not be looked into. */
export interface RetainResult {
  readonly segments: number
  readonly records: number
  readonly userRecords: number
  readonly wordRows: number
  readonly unreadable: readonly string[]
}

/**
 * Removes from segments what channels keep no longer. Readers hide it from the very moment on; here it goes a week's
 * worth at a time, from all orders alike, so that they go on to hold the same.
 *
 * Safe to run at any time, again, and twice at once.
 *
 * @throws {HotStoreError}, {ObjectStoreError} or the file system's error: run it again.
 */
export async function retain(
  { lookedInto }: RetainRequest,
  deps: ArchiveDeps,
): Promise<RetainResult> {
  const days = await deps.hot.retention.all()
  const retainer = new Retainer(lookedInto, deps)
  if (days.size === 0) return retainer.result
  const { nowMs } = await deps.hot.state(0)
  const keptFromMs = new Map(
    [...days].map(([id, kept]) => [id, periodStart(Math.max(0, nowMs - kept * DAY_MS), STEP_MS)]),
  )
  for (let shard = 0; shard < deps.hot.shards; shard += 1) {
    const own = [...keptFromMs].filter(([id]) => deps.hot.shardOf(id) === shard)
    await retainer.rewriteSegments(shard, new Map(own))
  }
  await retainer.foldMonths(keptFromMs)
  return retainer.result
}

class Retainer {
  readonly #lookedInto: Map<string, string>
  readonly #deps: ArchiveDeps
  #result: RetainResult = { segments: 0, records: 0, userRecords: 0, wordRows: 0, unreadable: [] }

  constructor(lookedInto: Map<string, string>, deps: ArchiveDeps) {
    this.#lookedInto = lookedInto
    this.#deps = deps
  }

  get result(): RetainResult {
    return this.#result
  }

  async rewriteSegments(shard: number, keptFromMs: ReadonlyMap<string, number>): Promise<void> {
    const segments = await this.#deps.hot.manifest(shard)
    for (const entry of segments) {
      if (entry.projection === 'by-user' || !(await this.#hasExpired(entry, keptFromMs))) continue
      const result = await rewrite({ shard, entry, keptFromMs }, this.#deps)
      if (result.kind === 'refused') continue
      const isWords = entry.projection === 'words'
      this.#add({
        segments: 1,
        records: isWords ? 0 : result.dropped,
        wordRows: isWords ? result.dropped : 0,
      })
    }
  }

  async foldMonths(keptFromMs: ReadonlyMap<string, number>): Promise<void> {
    const facts = await foldFacts(this.#deps)
    this.#forget(facts)
    const keep = (record: LogRecord): boolean => isKept(record, keptFromMs)
    for (const { monthMs, users } of monthsOf(facts)) {
      const { folds, runs } = foldInputs(facts, monthMs, users)
      const entries = [...folds, ...runs.map(({ entry }) => entry)]
      if (!(await this.#anyHasExpired(entries, keptFromMs))) continue
      const request = { monthMs, users, policy: FOLD_POLICY, isForced: true, keep }
      const result = await fold(request, this.#deps)
      if (result.kind !== 'folded') continue
      this.#add({ segments: result.inputs.length, userRecords: result.erased })
    }
  }

  async #anyHasExpired(
    entries: readonly SegmentEntry[],
    keptFromMs: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    for (const entry of entries) if (await this.#hasExpired(entry, keptFromMs)) return true
    return false
  }

  async #hasExpired(
    entry: SegmentEntry,
    keptFromMs: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    const concerned = [...keptFromMs].filter(([, fromMs]) => entry.sentMinMs < fromMs)
    if (concerned.length === 0) return false
    const asked = createHash('sha256').update(JSON.stringify(concerned)).digest('base64')
    if (this.#lookedInto.get(entry.key) === asked) return false
    const found = await this.#holds(entry, new Map(concerned))
    if (found === 'nothing') this.#lookedInto.set(entry.key, asked)
    return found === 'something'
  }

  async #holds(
    entry: SegmentEntry,
    keptFromMs: ReadonlyMap<string, number>,
  ): Promise<'something' | 'nothing' | 'unreadable'> {
    this.#deps.signal?.throwIfAborted()
    try {
      return (await holdsExpired(entry, keptFromMs, this.#deps)) ? 'something' : 'nothing'
    } catch (error) {
      if (!(error instanceof SegmentError)) throw error
      // Gone, or damaged: the next round looks again.
      const { unreadable } = this.#result
      this.#result = { ...this.#result, unreadable: [...unreadable, entry.key] }
      return 'unreadable'
    }
  }

  /** Forgets segments that no manifest names any more. */
  #forget({ view, shards }: FoldFacts): void {
    const named = new Set([...view.folds, ...shards.flatMap(({ segments }) => segments)].map(keyOf))
    for (const key of this.#lookedInto.keys()) if (!named.has(key)) this.#lookedInto.delete(key)
  }

  #add(what: Partial<Omit<RetainResult, 'unreadable'>>): void {
    const { segments, records, userRecords, wordRows } = this.#result
    this.#result = {
      ...this.#result,
      segments: segments + (what.segments ?? 0),
      records: records + (what.records ?? 0),
      userRecords: userRecords + (what.userRecords ?? 0),
      wordRows: wordRows + (what.wordRows ?? 0),
    }
  }
}

/** The months and user shards that have by-user segments. */
function monthsOf({ view, shards }: FoldFacts): { monthMs: number; users: number }[] {
  const found = new Map<string, { monthMs: number; users: number }>()
  for (const entry of [...view.folds, ...shards.flatMap(({ segments }) => segments)]) {
    if (entry.projection !== 'by-user' || entry.users === undefined) continue
    const month = { monthMs: monthStart(entry.arrivalFromMs), users: entry.users }
    found.set(`${month.monthMs} ${month.users}`, month)
  }
  return [...found.values()]
}

const keyOf = ({ key }: SegmentEntry): string => key
