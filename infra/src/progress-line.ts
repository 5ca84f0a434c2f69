import process from 'node:process'

const INTERVAL_MS = 100
/** Where nobody watches: a line every so often. */
const PLAIN_INTERVAL_MS = 10_000
const BAR_CELLS = 24

/** One line on standard error that is written anew, or a line now and then where that is no terminal. */
export class ProgressLine {
  readonly #isTty = process.stderr.isTTY
  #lastMs = performance.now()
  #isShown = false

  /** Shows how far it is, unless that was shown a moment ago. */
  show(text: () => string): void {
    const nowMs = performance.now()
    if (nowMs - this.#lastMs < (this.#isTty ? INTERVAL_MS : PLAIN_INTERVAL_MS)) return
    this.#lastMs = nowMs
    this.#isShown = this.#isTty
    process.stderr.write(this.#isTty ? `\r\u{1b}[K${text()}` : `${text()}\n`)
  }

  /** A line that stays. */
  note(text: string): void {
    this.clear()
    process.stderr.write(`${text}\n`)
  }

  clear(): void {
    if (this.#isShown) process.stderr.write('\r\u{1b}[K')
    this.#isShown = false
  }
}

/** `[#########---------------] 38 %`; a share above 1 or of nothing is all of it. */
export function bar(done: number, total: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1
  const cells = Math.floor(share * BAR_CELLS)
  const percent = String(Math.floor(share * 100)).padStart(3)
  return `[${'#'.repeat(cells)}${'-'.repeat(BAR_CELLS - cells)}] ${percent} %`
}

export function counted(count: number): string {
  return Math.round(count).toLocaleString('en')
}
