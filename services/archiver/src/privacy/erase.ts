import type { Erasure, Scope, SegmentEntry } from '@poglog/hot-store'
import { concurrently } from '../concurrently.ts'
import type { ArchiveDeps } from '../deps.ts'
import { FOLD_POLICY, foldInputs } from '../compact/due-folds.ts'
import type { FoldInputs } from '../compact/due-folds.ts'
import { reportOf, withSegment, withUnreadable } from './erase-report.ts'
import type { EraseReport } from './erase-report.ts'
import { fold, foldFacts } from '../compact/fold.ts'
import { holdsRecords } from './holds-records.ts'
import { DAY_MS, HOUR_MS, monthStart, periodStart } from '../period.ts'
import { rewrite } from './rewrite.ts'
import { verdictOf } from '../compact/set-aside.ts'

/** How often everything is looked through: the last look must find nothing. */
const LOOKS_MAX = 6
const STREAMS_AT_ONCE = 4
/** Segments written anew between two notes of how far it has come. */
const SAVE_EVERY = 10
const RETRY_DELAY_MS = 100
/** Days before the request whose sets of who wrote where may not have expired. */
const LATE_DAYS = [1, 2, 3]

export interface EraseDeps extends ArchiveDeps {
  /** How long a removed object is kept, for queries that still read it. Milliseconds. */
  readonly removedGraceMs: number
  /** How long an object stays at most that a killed job left and nobody named. Milliseconds. */
  readonly orphanStaysMs: number
}

/** `unfinished`: others kept changing the manifests, or a segment cannot be read; the request stays pending. */
export interface EraseResult {
  readonly kind: 'done' | 'unfinished'
  readonly report: EraseReport
}

/**
 * Removes what a user sent before his request from Redis and from every segment. That it is hidden is done by the
 * request itself; this hides it again first, where a failover of Redis has forgotten it.
 *
 * Each by-channel and words segment that holds something of it is written anew without it; each month of the
 * by-user order is folded anew. It is done when a look through everything finds nothing. Jobs that began before the
 * request cannot bring anything back: their commits are refused, and jobs after it leave the user's records out.
 *
 * Safe to run at any time, again, and twice at once; what a killed run has done is not done again.
 *
 * @throws {HotStoreError}, {ObjectStoreError} or the file system's error: run it again.
 */
export async function erase(erasure: Erasure, deps: EraseDeps): Promise<EraseResult> {
  const { hot } = deps
  await hot.erasures.hide(erasure)
  const eraser = new Eraser(erasure, deps)
  await eraser.endReservations()
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    if (look > 1) await deps.sleep(RETRY_DELAY_MS)
    if (await eraser.look()) continue
    const isReadable = eraser.report.unreadable.length === 0
    if (isReadable) {
      await hot.names.forget(erasure.userId)
      await eraser.forgetSets()
    }
    await eraser.note(isReadable ? 'done' : 'pending')
    return { kind: isReadable ? 'done' : 'unfinished', report: eraser.report }
  }
  await eraser.note('pending')
  return { kind: 'unfinished', report: eraser.report }
}

class Eraser {
  readonly #erasure: Erasure
  readonly #deps: EraseDeps
  #report: EraseReport

  constructor(erasure: Erasure, deps: EraseDeps) {
    this.#erasure = erasure
    this.#deps = deps
    this.#report = reportOf(erasure)
  }

  get report(): EraseReport {
    return this.#report
  }

  /** Nothing that was reserved before the request can be committed: the sweep need not wait for it. */
  async endReservations(): Promise<void> {
    const { hot } = this.#deps
    const scopes: Scope[] = [...Array(hot.shards).keys(), 'users']
    for (const scope of scopes) await hot.expireReservations(scope, this.#erasure.beforeMs)
  }

  /** Looks through everything and removes what it finds. Whether there was anything. */
  async look(): Promise<boolean> {
    this.#report = { ...this.#report, unreadable: [] }
    let isFound = false
    for (let shard = 0; shard < this.#deps.hot.shards; shard += 1) {
      if (await this.#eraseHot(shard)) isFound = true
      if (await this.#rewriteSegments(shard)) isFound = true
    }
    // Last: as long as the by-user order has a record, the others may.
    return (await this.#foldMonths()) || isFound
  }

  /**
   * Forgets in which channels the user wrote, on the days that had ended before the request. That of the day itself
   * may tell of later records too: it expires some days after.
   */
  async forgetSets(): Promise<void> {
    const { hot } = this.#deps
    const { userId, beforeMs } = this.#erasure
    for (let shard = 0; shard < hot.shards; shard += 1) {
      const days = new Set(LATE_DAYS.map((ago) => periodStart(beforeMs, DAY_MS) - ago * DAY_MS))
      for (const { level, arrivalFromMs } of await hot.manifest(shard)) {
        if (level === 'hour') days.add(periodStart(arrivalFromMs, DAY_MS))
      }
      for (const dayMs of days) {
        if (dayMs < 0 || dayMs + DAY_MS + HOUR_MS > beforeMs) continue
        await hot.expireUserSets(shard, { dayMs, userIds: [userId], afterMs: 0 })
      }
    }
  }

  async note(state: Erasure['state']): Promise<void> {
    const { hot, removedGraceMs, orphanStaysMs } = this.#deps
    const { nowMs } = await hot.state(0)
    this.#report = {
      ...this.#report,
      objectsGoneAtMs: nowMs + removedGraceMs,
      orphansGoneAtMs: nowMs + Math.max(removedGraceMs, orphanStaysMs),
      ...(state === 'done' ? { finishedAtMs: nowMs } : {}),
    }
    await this.#save(state)
  }

  async #save(state: Erasure['state']): Promise<void> {
    const report = JSON.stringify(this.#report)
    await this.#deps.hot.erasures.update({ ...this.#erasure, state, report })
  }

  async #eraseHot(shard: number): Promise<boolean> {
    const { hot, signal } = this.#deps
    const { userId, beforeMs } = this.#erasure
    let removed = 0
    await concurrently(hot.channels(shard), {
      limit: STREAMS_AT_ONCE,
      work: async (channelId) => {
        signal?.throwIfAborted()
        removed += await hot.eraseEntries(shard, { channelId, userId, beforeMs })
      },
    })
    if (removed === 0) return false
    this.#report = { ...this.#report, hotEntries: this.#report.hotEntries + removed }
    await this.#save('pending')
    return true
  }

  async #rewriteSegments(shard: number): Promise<boolean> {
    let isFound = false
    for (const entry of await this.#deps.hot.manifest(shard)) {
      if (entry.projection === 'by-user') continue
      if (await this.#unlessUnreadable(() => this.#rewrite(shard, entry))) isFound = true
    }
    return isFound
  }

  /** Whether there was something to write anew. */
  async #rewrite(shard: number, entry: SegmentEntry): Promise<boolean> {
    if (!(await this.#holdsAny([entry]))) return false
    const result = await rewrite({ shard, entry }, this.#deps)
    if (result.kind === 'refused') return true
    const { dropped } = result
    const isWords = entry.projection === 'words'
    await this.#noteSegment(entry, {
      records: isWords ? 0 : dropped,
      userRecords: 0,
      wordRows: isWords ? dropped : 0,
    })
    return true
  }

  /** Folds the months anew that hold records of the user: a run is never rewritten, because a fold may be reading it. */
  async #foldMonths(): Promise<boolean> {
    const users = this.#deps.hot.userShardOf(this.#erasure.userId)
    const facts = await foldFacts(this.#deps)
    const months = new Set(
      [...facts.view.folds, ...facts.shards.flatMap(({ segments }) => segments)]
        .filter((entry) => entry.projection === 'by-user' && entry.users === users)
        .map(({ arrivalFromMs }) => monthStart(arrivalFromMs)),
    )
    let isFound = false
    for (const monthMs of months) {
      const inputs = foldInputs(facts, monthMs, users)
      if (await this.#unlessUnreadable(() => this.#fold(inputs))) isFound = true
    }
    return isFound
  }

  /** Whether there was something to fold anew. */
  async #fold({ monthMs, users, folds, runs }: FoldInputs): Promise<boolean> {
    if (!(await this.#holdsAny([...folds, ...runs.map(({ entry }) => entry)]))) return false
    const request = { monthMs, users, policy: FOLD_POLICY, isForced: true }
    const result = await fold(request, this.#deps)
    if (result.kind !== 'folded') return true
    for (const [index, input] of result.inputs.entries()) {
      const userRecords = index === 0 ? result.erased : 0
      await this.#noteSegment(input, { records: 0, userRecords, wordRows: 0 })
    }
    return true
  }

  async #holdsAny(entries: readonly SegmentEntry[]): Promise<boolean> {
    for (const entry of entries) {
      this.#deps.signal?.throwIfAborted()
      if (await holdsRecords(entry, this.#erasure, this.#deps)) return true
    }
    return false
  }

  /** Does a piece of work, and notes the segment that it cannot read: the others are none the worse for it. */
  async #unlessUnreadable(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work()
    } catch (error) {
      const verdict = await verdictOf(error, this.#deps)
      if (verdict.kind === 'other') throw error
      // Somebody else has taken it out of the manifest: the next look finds what came for it.
      if (verdict.kind === 'passed') return true
      this.#report = withUnreadable(this.#report, verdict.key)
      return false
    }
  }

  async #noteSegment(
    { key }: SegmentEntry,
    what: Pick<EraseReport, 'records' | 'userRecords' | 'wordRows'>,
  ): Promise<void> {
    this.#report = withSegment(this.#report, { ...what, key })
    if (this.#report.segments % SAVE_EVERY === 0) await this.#save('pending')
  }
}
