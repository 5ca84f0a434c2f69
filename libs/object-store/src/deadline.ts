/** The slowest transfer that counts as one, in bytes a second; slower ones are ended and tried again. */
const BYTES_PER_SECOND_MIN = 1_000_000
/** What an announced length can add at most; timers of Node end at 24 days. */
const TRANSFER_MS_MAX = 3_600_000

/** Ends an attempt; it can be put off. */
export interface Deadline {
  /** Aborts when the time is over. */
  readonly signal: AbortSignal
  /** Milliseconds from the start to the end of the time. */
  limitMs(): number
  extend(byMs: number): void
  end(): void
}

/** Starts a time of so many milliseconds. */
export function startDeadline(timeoutMs: number): Deadline {
  const controller = new AbortController()
  const startMs = performance.now()
  const abort = (): void => controller.abort()
  let limitMs = timeoutMs
  let timer = setTimeout(abort, limitMs)
  return {
    signal: controller.signal,
    limitMs: () => limitMs,
    extend: (byMs) => {
      clearTimeout(timer)
      limitMs += byMs
      timer = setTimeout(abort, limitMs - (performance.now() - startMs))
    },
    end: () => clearTimeout(timer),
  }
}

/** How long so many bytes, as a header announces them, may be under way; at most an hour. */
export function transferMs(contentLength: string | undefined): number {
  const bytes = Number(contentLength ?? 0)
  if (!(bytes > 0)) return 0
  return Math.min(Math.ceil((bytes / BYTES_PER_SECOND_MIN) * 1_000), TRANSFER_MS_MAX)
}
