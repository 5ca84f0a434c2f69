import { LocalJoinBudget } from './join-budget.ts'
import type { JoinBudget } from './join-budget.ts'

/** Granted joins are forfeited when they are not used so soon after they were asked for. */
const USE_MS_MAX = 300
/** Redis counts over so much more than Twitch's window: joins used late and on a slow way are within it. */
const WINDOW_SLACK_MS = 500
/** After an answer that there is nothing left. */
const ASK_AGAIN_MS = 200

export interface SharedJoinBudgetDeps {
  /** Takes up to `wanted` joins of the `joinsMax` that all replicas may do in any `windowMs`. Resolves to how many. */
  readonly takeJoins: (wanted: number, windowMs: number) => Promise<number>
  /** How many replicas share it, as known last. */
  readonly replicas: () => number
  readonly joinsMax: number
  readonly windowMs: number
  readonly events: {
    /** Redis does not answer, or too late: this replica goes by its share. */
    readonly joinBudgetFailed: (error: unknown) => void
  }
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number
}

/**
 * A budget that all replicas of one address share in Redis. It is asked ahead, so that {@link take} need
 * not wait.
 *
 * While Redis does not answer a replica takes its share of the budget, and goes on so for one window
 * after that while Redis counts again. In the window in which Redis goes away up to twice the budget is
 * possible, as nobody knows what the others have just taken.
 */
export class SharedJoinBudget implements JoinBudget {
  readonly #deps: SharedJoinBudgetDeps
  readonly #share: LocalJoinBudget
  readonly #windowMs: number
  #held = 0
  #askedAtMs = Number.NEGATIVE_INFINITY
  #askFromMs = Number.NEGATIVE_INFINITY
  #shareUntilMs = Number.NEGATIVE_INFINITY
  #isAsking = false

  constructor(deps: SharedJoinBudgetDeps) {
    const { joinsMax, windowMs, replicas, nowMs } = deps
    this.#deps = deps
    this.#windowMs = windowMs + WINDOW_SLACK_MS
    this.#share = new LocalJoinBudget({
      joinsMax: () => Math.max(1, Math.floor(joinsMax / Math.max(1, replicas()))),
      windowMs: this.#windowMs,
      nowMs,
    })
  }

  take(wanted: number): number {
    if (wanted <= 0) return 0
    const nowMs = this.#deps.nowMs()
    const isLate = nowMs - this.#askedAtMs > USE_MS_MAX
    if (this.#isAsking && isLate) this.#fail(new Error('no answer in time'))
    if (nowMs < this.#shareUntilMs) {
      const granted = this.#share.take(wanted)
      // Redis is told, so that it has counted all that is recent when it is relied on again.
      if (granted > 0) void this.#tell(granted)
      return granted
    }
    if (isLate) this.#held = 0
    const granted = Math.min(wanted, this.#held)
    this.#held -= granted
    this.#share.note(granted)
    if (granted === 0 && !this.#isAsking && nowMs >= this.#askFromMs) void this.#ask(wanted, nowMs)
    return granted
  }

  async #ask(wanted: number, askedAtMs: number): Promise<void> {
    this.#isAsking = true
    this.#askedAtMs = askedAtMs
    try {
      const granted = await this.#deps.takeJoins(wanted, this.#windowMs)
      // Given up meanwhile: then it is forfeited.
      if (!this.#isAsking || this.#askedAtMs !== askedAtMs) return
      this.#held = granted
      if (granted === 0) this.#askFromMs = this.#deps.nowMs() + ASK_AGAIN_MS
      this.#isAsking = false
    } catch (error) {
      if (this.#askedAtMs === askedAtMs) this.#fail(error)
    }
  }

  async #tell(joins: number): Promise<void> {
    try {
      await this.#deps.takeJoins(joins, this.#windowMs)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#isAsking = false
    this.#held = 0
    this.#shareUntilMs = this.#deps.nowMs() + this.#windowMs
    this.#deps.events.joinBudgetFailed(error)
  }
}
