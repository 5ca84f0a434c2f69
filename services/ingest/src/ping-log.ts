/** Beyond it the oldest question is forgotten: nobody has answered for minutes. */
const WAITING_MAX = 300
/** Beyond it answers that wait for their lines to be stored are joined: the covered time gets coarser. */
const ANSWERED_MAX = 60

interface Answer {
  readonly sentMs: number
  readonly answeredMs: number
}

/**
 * The numbered PINGs of one connection. IRC keeps its order, so a PONG proves that everything Twitch had
 * for this connection when the PING was sent has been received. Times are monotonic milliseconds.
 */
export class PingLog {
  #waiting: { readonly token: string; readonly sentMs: number }[] = []
  readonly #answers: Answer[] = []
  #number = 0
  #coveredMs: number

  /** Nothing could have been missed before `startMs`: no channel was joined. */
  constructor(startMs: number) {
    this.#coveredMs = startMs
  }

  /** When the oldest PING without an answer was sent. */
  get waitingSinceMs(): number | undefined {
    return this.#waiting[0]?.sentMs
  }

  /** Returns the token to send. */
  ask(nowMs: number): string {
    this.#number += 1
    const token = `poglog-${this.#number}`
    if (this.#waiting.length === WAITING_MAX) this.#waiting.shift()
    this.#waiting.push({ token, sentMs: nowMs })
    return token
  }

  /** A PONG came, after all lines that came before it were taken. Returns whether it answers a PING of ours. */
  answer(token: string, nowMs: number): boolean {
    const index = this.#waiting.findIndex((ping) => ping.token === token)
    const ping = this.#waiting[index]
    if (ping === undefined) return false
    this.#waiting = this.#waiting.slice(index + 1)
    if (this.#answers.length === ANSWERED_MAX) this.#answers.pop()
    this.#answers.push({ sentMs: ping.sentMs, answeredMs: nowMs })
    return true
  }

  /**
   * Everything Twitch had for this connection before that time is stored.
   *
   * @param storedUntilMs every line taken before it is stored. One taken in the very same instant may not
   *   be, so it has to be later than the answer.
   */
  coveredMs(storedUntilMs: number): number {
    for (let next = this.#answers[0]; next !== undefined; next = this.#answers[0]) {
      if (next.answeredMs >= storedUntilMs) break
      this.#coveredMs = next.sentMs
      this.#answers.shift()
    }
    return this.#coveredMs
  }
}
