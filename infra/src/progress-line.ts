import type { WriteStream } from 'node:tty'

const CLEAR_LINE = '\r\u001B[K'
const REFRESH_MS = 100

/** One line of a terminal that is written over; where there is no terminal, only notes and the end are printed. */
export class ProgressLine {
  readonly #out: Pick<WriteStream, 'write' | 'isTTY'>
  #shownAt = Number.NEGATIVE_INFINITY

  constructor(out: Pick<WriteStream, 'write' | 'isTTY'>) {
    this.#out = out
  }

  /** Shows how far it is, a few times a second. */
  show(text: string): void {
    const now = performance.now()
    if (!this.#out.isTTY || now - this.#shownAt < REFRESH_MS) return
    this.#shownAt = now
    this.#out.write(`${CLEAR_LINE}${text}`)
  }

  /** Prints a line that stays. */
  note(text: string): void {
    this.#out.write(`${this.#out.isTTY ? CLEAR_LINE : ''}${text}\n`)
    this.#shownAt = Number.NEGATIVE_INFINITY
  }

  /** Prints the last line. */
  end(text: string): void {
    this.note(text)
  }
}
