import { LocalJoinBudget } from './join-budget.ts'
import type { JoinBudget } from './join-budget.ts'

/** Granted joins are forfeited when they are not used so soon after they were asked for. */
const USE_MS_MAX = 300
/** Redis counts over so much more than Twitch's window: joins used late and on a slow way are within it. */
const WINDOW_SLACK_MS = 500
/** After an answer that there is nothing left. */
const ASK_AGAIN_MS = 200
/** Redis is taken to be away when it does not answer for so long. */
const ANSWER_MS_MAX = 1000
/** And when so many answers in a row came too late to be used: asking on would waste what others could use. */
const LATE_ANSWERS_MAX = 3

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
 * A budget that all replicas of one address share in Redis. It is asked ahead, so that
 * {@link SharedJoinBudget.take} need not wait.
 *
 * While Redis does not answer a replica takes its share of the budget, and no more than that until what
 * others took meanwhile, unknown to Redis, is no longer recent. In the window in which Redis goes away up
 * to twice the budget is possible, as nobody knows what the others have just taken.
 */
export class SharedJoinBudget implements JoinBudget {
  readonly #deps: SharedJoinBudgetDeps
  readonly #share: LocalJoinBudget
  readonly #windowMs: number
  #held = 0
  #askedAtMs = Number.NEGATIVE_INFINITY
  #isAsking = false
  #askFromMs = Number.NEGATIVE_INFINITY
  #lateAnswers = 0
  /** Redis has just not answered: joins need no leave of it. */
  #freeUntilMs = Number.NEGATIVE_INFINITY
  /** No more than the share until then. */
  #shareUntilMs = Number.NEGATIVE_INFINITY

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
    const nowMs = this.#deps.nowMs()
    const isShare = nowMs < this.#shareUntilMs
    const most = isShare ? Math.min(wanted, this.#share.left()) : wanted
    if (most <= 0) return 0
    const askedForMs = nowMs - this.#askedAtMs
    if (this.#isAsking && askedForMs > ANSWER_MS_MAX) this.#fail(new Error('no answer in time'))
    if (nowMs < this.#freeUntilMs) return this.#share.take(wanted)
    if (askedForMs > USE_MS_MAX) this.#held = 0
    const granted = Math.min(most, this.#held)
    this.#held -= granted
    this.#share.note(granted)
    if (granted === 0 && !this.#isAsking && nowMs >= this.#askFromMs) void this.#ask(most, nowMs)
    return granted
  }

  async #ask(wanted: number, askedAtMs: number): Promise<void> {
    this.#isAsking = true
    this.#askedAtMs = askedAtMs
    // Given up meanwhile: then what was granted is forfeited.
    const isCurrent = (): boolean => this.#isAsking && this.#askedAtMs === askedAtMs
    try {
      const granted = await this.#deps.takeJoins(wanted, this.#windowMs)
      if (isCurrent()) this.#grant(granted)
    } catch (error) {
      if (isCurrent()) this.#fail(error)
    }
  }

  #grant(granted: number): void {
    const nowMs = this.#deps.nowMs()
    this.#isAsking = false
    this.#held = granted
    if (granted === 0) this.#askFromMs = nowMs + ASK_AGAIN_MS
    // Others may still have been free a little after Redis was back.
    const untilMs = nowMs + this.#windowMs + 2 * ANSWER_MS_MAX
    this.#shareUntilMs = Math.min(this.#shareUntilMs, untilMs)
    this.#lateAnswers = nowMs - this.#askedAtMs > USE_MS_MAX ? this.#lateAnswers + 1 : 0
    if (this.#lateAnswers >= LATE_ANSWERS_MAX) this.#fail(new Error('answers come too late'))
  }

  #fail(error: unknown): void {
    this.#isAsking = false
    this.#held = 0
    this.#lateAnswers = 0
    this.#freeUntilMs = this.#deps.nowMs() + ANSWER_MS_MAX
    this.#shareUntilMs = Number.POSITIVE_INFINITY
    this.#deps.events.joinBudgetFailed(error)
  }
}
