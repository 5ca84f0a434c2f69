import { setTimeout as sleep } from 'node:timers/promises'
import { HotStoreError } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import { ProblemError } from '../problem.ts'
import type { LogFilter } from '../read/log-query.ts'
import { MovedError } from '../read/start-over.ts'
import { recordText } from './events-text.ts'
import { encodeProgress, isGiven } from './progress.ts'
import type { Progress } from './progress.ts'
import { historyFilter } from './listener.ts'
import type { ListenerOptions } from './listener.ts'
import type { Outlet } from './outlet.ts'

/** Records that are written at once; then it is looked whether the client takes them. */
const SLICE_RECORDS = 100
const AWAY_MS = 1000

export interface HistoryWork {
  readonly outlet: Outlet
  readonly options: Pick<ListenerOptions, 'hub' | 'types' | 'fromMs'>
  /** Reads in the order of the log. */
  readonly read: (filter: LogFilter) => AsyncIterable<readonly LogRecord[]>
  /** Where the listener is; `advance` is called with each step. */
  readonly progress: Progress
  readonly advance: (progress: Progress) => void
}

/**
 * Gives a listener what arrived since it was last there and before `toMs`, in the order of the log, from segments and from
 * Redis. The ids say how far that has come, so that it can be broken off anywhere.
 *
 * Resolves when it has been given all of it, or was cut.
 */
export async function giveHistory(toMs: number, work: HistoryWork): Promise<void> {
  const { outlet, options, advance } = work
  let progress = work.progress
  const step = (next: Progress): void => {
    progress = next
    advance(next)
  }
  step({ ...progress, history: progress.history ?? { toMs, after: undefined } })
  let isAway = false
  for (;;) {
    const now = { ...work, progress, advance: step }
    const outcome = await options.hub.turns.take(outlet.closed, () => takeTurn(now))
    if (outlet.hasEnded) return
    if ((outcome === 'away') !== isAway) outlet.onStatus(isAway ? 'live' : 'waiting')
    isAway = outcome === 'away'
    if (!isAway) return
    await sleep(AWAY_MS)
  }
}

/** Gives history until it is done, the client is cut, or a store is away. */
async function takeTurn(work: HistoryWork): Promise<'done' | 'away'> {
  const { outlet, options, advance } = work
  const { turns, limits } = options.hub
  const endMs = performance.now() + limits.turnMsMax
  let progress = work.progress
  try {
    for await (const batch of work.read(historyFilter(progress, options, outlet.closed))) {
      for (let at = 0; at < batch.length; at += SLICE_RECORDS) {
        progress = give(batch.slice(at, at + SLICE_RECORDS), progress, outlet)
        advance(progress)
        if (!(await outlet.drained())) outlet.cut('slow')
        if (outlet.hasEnded) return 'done'
      }
      if (performance.now() > endMs && turns.isCrowded) {
        outlet.cut('turn')
        return 'done'
      }
    }
    return 'done'
  } catch (error) {
    if (isPassing(error)) return 'away'
    throw error
  }
}

function give(records: readonly LogRecord[], from: Progress, outlet: Outlet): Progress {
  const { history } = from
  if (history === undefined) return from
  let progress = from
  let text = ''
  let count = 0
  for (const record of records) {
    const isKnown = isGiven(progress, record)
    progress = { ...from, history: { ...history, after: record } }
    if (isKnown) continue
    text += recordText(encodeProgress(progress), record)
    count += 1
  }
  if (count > 0) outlet.write(text, count)
  return progress
}

/** Whether asking again helps. */
export function isPassing(error: unknown): boolean {
  return (
    (error instanceof HotStoreError && error.kind === 'unavailable') ||
    (error instanceof ObjectStoreError && error.kind === 'unavailable') ||
    error instanceof MovedError ||
    (error instanceof ProblemError && error.options.status === 503)
  )
}
