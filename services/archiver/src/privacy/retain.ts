import { createHash } from 'node:crypto'
import type { SegmentEntry } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import type { ArchiveDeps } from '../deps.ts'
import { FOLD_POLICY, foldInputs } from '../compact/due-folds.ts'
import type { FoldFacts, FoldInputs } from '../compact/due-folds.ts'
import { fold, foldFacts } from '../compact/fold.ts'
import { holdsExpired } from './holds-records.ts'
import { DAY_MS, monthStart, periodStart } from '../period.ts'
import { isKept, rewrite } from './rewrite.ts'
import { verdictOf } from '../compact/set-aside.ts'

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
  const keptFromMs = [...days].map(
    ([id, kept]) => [id, periodStart(Math.max(0, nowMs - kept * DAY_MS), STEP_MS)] as const,
  )
  for (let shard = 0; shard < deps.hot.shards; shard += 1) {
    const own = keptFromMs.filter(([id]) => deps.hot.shardOf(id) === shard)
    await retainer.rewriteSegments(shard, limitsOf(own))
  }
  await retainer.foldMonths(limitsOf(keptFromMs))
  return retainer.result
}

/** Until when channels keep what was sent: what a round asks of segments. */
interface Limits {
  /** Channel id -> sent time. */
  readonly keptFromMs: ReadonlyMap<string, number>
  readonly latestMs: number
  /** Tells one question from another. */
  readonly asked: string
}

function limitsOf(kept: readonly (readonly [channelId: string, fromMs: number])[]): Limits {
  const asked = createHash('sha256').update(JSON.stringify(kept)).digest('base64')
  const latestMs = Math.max(0, ...kept.map(([, fromMs]) => fromMs))
  return { keptFromMs: new Map(kept), latestMs, asked }
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

  async rewriteSegments(shard: number, limits: Limits): Promise<void> {
    for (const entry of await this.#deps.hot.manifest(shard)) {
      if (entry.projection === 'by-user') continue
      await this.#unlessUnreadable(() => this.#rewrite(shard, entry, limits))
    }
  }

  async foldMonths(limits: Limits): Promise<void> {
    const facts = await foldFacts(this.#deps)
    this.#forget(facts)
    for (const { monthMs, users } of monthsOf(facts)) {
      await this.#unlessUnreadable(() => this.#fold(foldInputs(facts, monthMs, users), limits))
    }
  }

  async #rewrite(shard: number, entry: SegmentEntry, limits: Limits): Promise<void> {
    if (!(await this.#anyHasExpired([entry], limits))) return
    const { keptFromMs } = limits
    const result = await rewrite({ shard, entry, keptFromMs }, this.#deps)
    if (result.kind === 'refused') return
    const isWords = entry.projection === 'words'
    this.#add({
      segments: 1,
      records: isWords ? 0 : result.dropped,
      wordRows: isWords ? result.dropped : 0,
    })
  }

  async #fold({ monthMs, users, folds, runs }: FoldInputs, limits: Limits): Promise<void> {
    const entries = [...folds, ...runs.map(({ entry }) => entry)]
    if (!(await this.#anyHasExpired(entries, limits))) return
    const keep = (record: LogRecord): boolean => isKept(record, limits.keptFromMs)
    const request = { monthMs, users, policy: FOLD_POLICY, isForced: true, keep }
    const result = await fold(request, this.#deps)
    if (result.kind !== 'folded') return
    this.#add({ segments: result.inputs.length, userRecords: result.erased })
  }

  async #anyHasExpired(entries: readonly SegmentEntry[], limits: Limits): Promise<boolean> {
    for (const entry of entries) if (await this.#hasExpired(entry, limits)) return true
    return false
  }

  async #hasExpired(entry: SegmentEntry, limits: Limits): Promise<boolean> {
    if (entry.sentMinMs >= limits.latestMs || this.#lookedInto.get(entry.key) === limits.asked) {
      return false
    }
    this.#deps.signal?.throwIfAborted()
    const concerned = [...limits.keptFromMs].filter(([, fromMs]) => entry.sentMinMs < fromMs)
    if (await holdsExpired(entry, new Map(concerned), this.#deps)) return true
    this.#lookedInto.set(entry.key, limits.asked)
    return false
  }

  /** Does a piece of work, and notes the segment that it cannot read: the others are none the worse for it. */
  async #unlessUnreadable(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const verdict = await verdictOf(error, this.#deps)
      if (verdict.kind === 'other') throw error
      // Where somebody else has taken it out of the manifest, the next round looks into what came for it.
      if (verdict.kind === 'passed') return
      const { unreadable } = this.#result
      this.#result = { ...this.#result, unreadable: [...unreadable, verdict.key] }
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
