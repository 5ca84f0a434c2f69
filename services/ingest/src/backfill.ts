import { collectRestored } from './collect-restored.ts'
import type { AppendLine } from '@poglog/hot-store'
import type { Restored, RestoredRange } from './collect-restored.ts'
import { RecentMessages } from './recent-messages.ts'
import type { RecentMessagesDeps } from './recent-messages.ts'

/** As many channels as one replica joins. */
const QUEUE_MAX = 10_000
const CONCURRENCY_MAX = 2
/** Such services store what they receive in batches, seconds later. */
const SERVICE_LAG_MS = 5000

/** A time in which a channel was not received. Redis time, milliseconds since the Unix epoch. */
export interface BackfillAsk {
  readonly login: string
  /** `undefined`: the channel was never joined before; what the service has is taken. */
  readonly fromMs: number | undefined
  readonly toMs: number
}

export interface BackfillDeps extends RecentMessagesDeps {
  /** Of a service that speaks recent-messages v2. */
  readonly url: string
  readonly offer: (line: AppendLine) => void
  /** A CLEARMSG names its user by login only. */
  readonly offerLater: (line: AppendLine, login: string) => void
  readonly channelIdOf: (login: string) => string | undefined
  /** Everything sent in the range was offered, as far as the service had received it. */
  readonly restored: (login: string, range: RestoredRange, source: string) => void
  readonly events: BackfillEvents
  /** Redis time, milliseconds since the Unix epoch. */
  readonly nowMs: () => number
}

export interface BackfillEvents {
  readonly backfilled: (login: string, result: BackfillResult) => void
  /** The gap stays as it is. */
  readonly backfillFailed: (login: string, cause: BackfillFailure, problem: string) => void
}

export interface BackfillResult {
  /** Lines offered, and lines of the answer that could not be used. */
  readonly lines: number
  readonly skipped: number
  /** What was reached; `undefined` where the service does not prove anything. */
  readonly range: RestoredRange | undefined
}

export type BackfillFailure =
  | 'queue-full'
  | 'channel-unknown'
  | 'refused'
  | 'unavailable'
  | 'too-large'
  | 'stopped'

/**
 * Brings what others received while we did not: asks a recent-messages service for gaps of the channels, a
 * few at a time, in the order they were noticed.
 */
export class Backfill implements AsyncDisposable {
  readonly #deps: BackfillDeps
  readonly #service: RecentMessages
  /** By login: a channel that was lost again before its turn has one gap, from the first to the last. */
  readonly #queue = new Map<string, BackfillAsk>()
  readonly #running = new Set<Promise<void>>()
  readonly #stop = new AbortController()

  constructor(deps: BackfillDeps) {
    this.#deps = deps
    this.#service = new RecentMessages(deps.url, deps)
  }

  /** Queues a gap. Never waits and never throws. */
  ask(gap: BackfillAsk): void {
    if (this.#stop.signal.aborted) return
    const queued = this.#queue.get(gap.login)
    if (queued === undefined && this.#queue.size >= QUEUE_MAX) {
      const problem = `more than ${QUEUE_MAX} channels wait`
      this.#deps.events.backfillFailed(gap.login, 'queue-full', problem)
      return
    }
    this.#queue.set(gap.login, queued === undefined ? gap : union(queued, gap))
    if (this.#running.size >= CONCURRENCY_MAX) return
    const running: Promise<void> = this.#work().finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Calls off what is under way; gaps that are left stay gaps. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
    for (const login of this.#queue.keys()) this.#fail(login, 'stopped', 'its turn did not come')
    this.#queue.clear()
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop
    for (;;) {
      const [next] = this.#queue.values()
      if (next === undefined || signal.aborted) return
      this.#queue.delete(next.login)
      await this.#fill(next, signal)
    }
  }

  async #fill(gap: BackfillAsk, signal: AbortSignal): Promise<void> {
    const { channelIdOf, delay, nowMs } = this.#deps
    const { login } = gap
    const waitMs = gap.toMs + SERVICE_LAG_MS - nowMs()
    try {
      if (waitMs > 0) await delay(Math.min(waitMs, SERVICE_LAG_MS), signal)
    } catch {
      this.#fail(login, 'stopped', 'called off')
      return
    }
    const channelId = channelIdOf(login)
    if (channelId === undefined) {
      this.#fail(login, 'channel-unknown', 'no line told the id of the channel')
      return
    }
    const ask = this.#service.ask.bind(this.#service)
    const restored = await collectRestored({ ...gap, channelId }, (query) => ask(query, signal))
    if (restored.failure !== undefined) {
      this.#fail(login, restored.failure.kind, restored.failure.problem)
    }
    this.#handOn(login, restored)
  }

  /** The record of what was restored goes behind the lines it speaks of, the same way. */
  #handOn(login: string, { lines, skipped, range, failure }: Restored): void {
    const { events, offer, offerLater, restored } = this.#deps
    for (const { line, login: user } of lines) {
      if (user === '') offer(line)
      else offerLater(line, user)
    }
    if (range !== undefined) restored(login, range, this.#service.source)
    if (failure === undefined || lines.length > 0) {
      events.backfilled(login, { lines: lines.length, skipped, range })
    }
  }

  #fail(login: string, cause: BackfillFailure, problem: string): void {
    this.#deps.events.backfillFailed(login, cause, problem)
  }
}

function union(first: BackfillAsk, second: BackfillAsk): BackfillAsk {
  const isOpen = first.fromMs === undefined || second.fromMs === undefined
  return {
    login: first.login,
    fromMs: isOpen ? undefined : Math.min(first.fromMs, second.fromMs),
    toMs: Math.max(first.toMs, second.toMs),
  }
}
