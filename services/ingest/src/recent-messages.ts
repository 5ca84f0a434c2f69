import { z } from 'zod'
import { retryDelayMs } from './retry-delay.ts'

/** The public instance gives as many, others fewer. */
export const ANSWER_LINES_MAX = 800
const ANSWER_BYTES_MAX = 8 * 1024 * 1024
/** Longer than the ten seconds in which the reference service gives up by itself. */
const ANSWER_MS_MAX = 15_000
const RETRIES_MAX = 3
const RETRY = { firstMs: 1000, maxMs: 15_000 }
/** What `Retry-After` may ask for; a service that wants longer is not asked again. */
const RETRY_AFTER_MS_MAX = 120_000
const HEADERS = { accept: 'application/json', 'user-agent': 'poglog-ingest' }

const answerSchema = z.object({
  messages: z.array(z.string()),
  error_code: z.string().nullish(),
})

export interface RecentQuery {
  readonly login: string
  readonly limit: number
  /** Received by the service strictly after and before, in milliseconds since the Unix epoch. */
  readonly afterMs?: number | undefined
  readonly beforeMs: number
}

/**
 * What came of a question.
 *
 * - `refused`: the service does not give this channel; asking again cannot help.
 * - `unavailable`: no whole answer after all retries.
 * - `too-large`: more than 8 MiB, of which nothing is kept.
 * - `stopped`: the signal called it off.
 */
export type RecentAnswer =
  | { readonly kind: 'answered'; readonly lines: readonly string[]; readonly isJoined: boolean }
  | { readonly kind: 'refused' | 'unavailable' | 'too-large' | 'stopped'; readonly problem: string }

export type RecentFetch = (
  url: string,
  init: { readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> },
) => Promise<Response>

export interface RecentMessagesDeps {
  readonly fetch: RecentFetch
  /** Rejects at once when the signal is aborted. */
  readonly delay: (delayMs: number, signal: AbortSignal) => Promise<unknown>
  /** 0 (inclusive) to 1 (exclusive); default `Math.random`. */
  readonly random?: () => number
  /** Default 15 s. */
  readonly answerMsMax?: number
}

type Attempt =
  | RecentAnswer
  | { readonly kind: 'later'; readonly problem: string; readonly afterMs: number | undefined }

/** Asks a service that speaks recent-messages v2. */
export class RecentMessages {
  readonly #path: string
  readonly #deps: RecentMessagesDeps

  /** @param url of the service, with or without `/api/v2/recent-messages` at its end. */
  constructor(url: string, deps: RecentMessagesDeps) {
    const base = url.replace(/\/+$/, '')
    this.#path = base.endsWith('/recent-messages')
      ? base
      : `${base.replace(/\/api\/v2$/, '')}/api/v2/recent-messages`
    this.#deps = deps
  }

  /** Who is asked: host and port, never credentials of the address. */
  get source(): string {
    return new URL(this.#path).host
  }

  /** Asks, and asks again where that may help, waiting longer each time. Never rejects. */
  async ask(query: RecentQuery, stop: AbortSignal): Promise<RecentAnswer> {
    const { delay, random } = this.#deps
    for (let failures = 1; ; failures += 1) {
      const attempt = await this.#attempt(query, stop)
      if (attempt.kind !== 'later') return attempt
      const { problem, afterMs = 0 } = attempt
      if (failures > RETRIES_MAX || afterMs > RETRY_AFTER_MS_MAX) {
        return { kind: 'unavailable', problem }
      }
      const waitMs = retryDelayMs(failures, { ...RETRY, ...(random && { random }) })
      try {
        await delay(Math.max(waitMs, afterMs), stop)
      } catch {
        return { kind: 'stopped', problem }
      }
    }
  }

  async #attempt(query: RecentQuery, stop: AbortSignal): Promise<Attempt> {
    const timeout = AbortSignal.timeout(this.#deps.answerMsMax ?? ANSWER_MS_MAX)
    try {
      const signal = AbortSignal.any([stop, timeout])
      const response = await this.#deps.fetch(this.#address(query), { signal, headers: HEADERS })
      if (!response.ok) {
        await response.body?.cancel()
        return failureOf(response)
      }
      return await answerOf(response, query.limit)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      return stop.aborted
        ? { kind: 'stopped', problem }
        : { kind: 'later', problem, afterMs: undefined }
    }
  }

  #address({ login, limit, afterMs, beforeMs }: RecentQuery): string {
    const url = new URL(`${this.#path}/${encodeURIComponent(login)}`)
    url.searchParams.set('limit', String(limit))
    if (afterMs !== undefined) url.searchParams.set('after', String(Math.max(0, afterMs)))
    url.searchParams.set('before', String(Math.max(0, beforeMs)))
    return url.href
  }
}

function failureOf({ status, headers }: Response): Attempt {
  const problem = `status ${status}`
  const isPassing = status === 408 || status === 425 || status === 429 || status >= 500
  if (!isPassing) return { kind: 'refused', problem }
  const seconds = headers.get('retry-after') ?? ''
  // The other form of it, a date, is about clocks that may differ: the usual wait does.
  const afterMs = /^\d{1,9}$/.test(seconds) ? Number(seconds) * 1000 : undefined
  return { kind: 'later', problem, afterMs }
}

async function answerOf(response: Response, linesMax: number): Promise<Attempt> {
  const text = await textOf(response)
  if (text === undefined) return { kind: 'too-large', problem: `over ${ANSWER_BYTES_MAX} bytes` }
  const answer = answerSchema.safeParse(parseJson(text))
  if (!answer.success) {
    // Also what an answer looks like that was cut off on its way.
    return { kind: 'later', problem: 'not an answer of recent-messages', afterMs: undefined }
  }
  const { messages, error_code: errorCode } = answer.data
  // The newest are last, as many as were asked for.
  return {
    kind: 'answered',
    lines: messages.slice(-linesMax),
    isJoined: errorCode === null || errorCode === undefined,
  }
}

async function textOf({ body }: Response): Promise<string | undefined> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  if (body === null) return ''
  const chunks: AsyncIterable<Uint8Array> = body
  for await (const part of chunks) {
    sizeBytes += part.length
    if (sizeBytes > ANSWER_BYTES_MAX) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
