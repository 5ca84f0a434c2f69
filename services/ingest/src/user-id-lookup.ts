import { setTimeout as delay } from 'node:timers/promises'
import type { AppendLine } from '@poglog/hot-store'
import type { HotLog } from './hot-log.ts'

const WAITING_MAX = 1000
const LOOK_UP_AFTER_MS = 50
const LOOK_UP_MS_MAX = 500

interface Waiting {
  readonly line: AppendLine
  readonly login: string
}

/**
 * Finds the user ids of lines that only tell a login (CLEARMSG), many at a time. Best effort: what Redis
 * does not know, or does not answer within half a second, is offered without a user.
 */
export class UserIdLookup {
  readonly #hotLog: HotLog
  readonly #offer: (line: AppendLine) => void
  #waiting: Waiting[] = []
  /** What is looked up just now, then what waits for the next time. */
  readonly #heldSinceMs: number[] = []
  #running: Promise<void> | undefined

  constructor(hotLog: HotLog, offer: (line: AppendLine) => void) {
    this.#hotLog = hotLog
    this.#offer = offer
  }

  offer(line: AppendLine, login: string): void {
    if (this.#hotLog.store === undefined || this.#waiting.length >= WAITING_MAX) {
      this.#offer(line)
      return
    }
    if (this.#waiting.length === 0) this.#heldSinceMs.push(performance.now())
    this.#waiting.push({ line, login })
    this.#running ??= this.#lookUp()
  }

  /** Monotonic ms (`performance.now()`): every line taken before it was offered. Now, when none waits. */
  offeredUntilMs(): number {
    return this.#heldSinceMs[0] ?? performance.now()
  }

  /** Resolves once everything taken so far was offered. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #lookUp(): Promise<void> {
    await delay(LOOK_UP_AFTER_MS)
    const waiting = this.#waiting
    this.#waiting = []
    const logins = waiting.map(({ login }) => login)
    const none = new Map<string, string>()
    const found = this.#hotLog.store?.names.idsOf(logins).catch(() => none) ?? none
    const ids = await Promise.race([found, delay(LOOK_UP_MS_MAX, none)])
    for (const { line, login } of waiting) this.#offer({ ...line, userId: ids.get(login) ?? '' })
    this.#heldSinceMs.shift()
    this.#running = this.#waiting.length > 0 ? this.#lookUp() : undefined
  }
}
