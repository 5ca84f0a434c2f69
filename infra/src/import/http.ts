import { createWriteStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { Problem } from '../problem.ts'

const ATTEMPTS_MAX = 7
const DELAY_MS_MIN = 500
const DELAY_MS_MAX = 30_000
/** What `Retry-After` may ask for; beyond it the unit fails and a later run takes it. */
const RETRY_AFTER_MS_MAX = 300_000
/** No byte for so long: the connection is given up. */
const SILENCE_MS_MAX = 60_000
/** An answer that is kept in memory. */
const TEXT_BYTES_MAX = 64 * 1024 * 1024
/** An answer that is written to the disk: many times a busy channel's day. */
const DOWNLOAD_BYTES_MAX = 8 * 1024 ** 3
/** One answer with all attempts at it: a server that sends a byte now and then is given up, too. */
const TOTAL_MS_MAX = 3 * 3_600_000

export interface HttpOptions {
  /** Shortens the waits in tests. */
  readonly delayMs?: number | undefined
  readonly silenceMsMax?: number | undefined
  readonly totalMsMax?: number | undefined
  readonly downloadBytesMax?: number | undefined
}

/** What is done with an answer; `headers` are those of the server. */
type Take<T> = (body: AsyncIterable<Uint8Array>, headers: Headers) => Promise<T>

/** Fetches from somebody else's server, politely: it waits longer after each failure, and as long as it is asked to. */
export class PoliteClient {
  readonly #delayMs: number
  readonly #silenceMs: number
  readonly #totalMs: number
  readonly #downloadBytes: number

  constructor(options: HttpOptions = {}) {
    this.#delayMs = options.delayMs ?? DELAY_MS_MIN
    this.#silenceMs = options.silenceMsMax ?? SILENCE_MS_MAX
    this.#totalMs = options.totalMsMax ?? TOTAL_MS_MAX
    this.#downloadBytes = options.downloadBytesMax ?? DOWNLOAD_BYTES_MAX
  }

  /** The body as text; `undefined` for 404. @throws {Problem} when it does not come. */
  async text(url: string, signal: AbortSignal): Promise<string | undefined> {
    return await this.#fetch(url, signal, async (body) => {
      const parts: Uint8Array[] = []
      let sizeBytes = 0
      for await (const part of body) {
        sizeBytes += part.length
        if (sizeBytes > TEXT_BYTES_MAX) throw new Problem(`${url} answers more than can be held`)
        parts.push(part)
      }
      return Buffer.concat(parts).toString('utf8')
    })
  }

  /**
   * Writes the body into a file.
   *
   * @returns whether the answer told where it ends; else nobody knows whether it was cut off.
   * @throws {Problem} when it does not come, is not there, or is no text.
   */
  async download(url: string, path: string, signal: AbortSignal): Promise<boolean> {
    const isWhole = await this.#fetch(url, signal, async (body, headers) => {
      if (headers.get('content-type')?.startsWith('application/json') === true) {
        throw new Problem(`${url} answers with JSON, not with lines`)
      }
      await pipeline(Readable.from(this.#limited(url, body)), createWriteStream(path))
      return headers.has('content-length') || headers.get('transfer-encoding') === 'chunked'
    })
    if (isWhole === undefined) throw new Problem(`${url} is not there, though it is in the list`)
    return isWhole
  }

  async *#limited(url: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let sizeBytes = 0
    for await (const part of body) {
      sizeBytes += part.length
      if (sizeBytes > this.#downloadBytes) {
        throw new Problem(`${url} is larger than ${this.#downloadBytes} bytes: is it a log?`)
      }
      yield part
    }
  }

  async #fetch<T>(url: string, stop: AbortSignal, take: Take<T>): Promise<T | undefined> {
    const late = AbortSignal.timeout(this.#totalMs)
    try {
      return await this.#tryOften(url, AbortSignal.any([stop, late]), take)
    } catch (error) {
      stop.throwIfAborted()
      if (!late.aborted) throw error
      const message = `cannot fetch ${url}: it took longer than ${this.#totalMs / 1000} s`
      throw new Problem(message, { cause: error })
    }
  }

  async #tryOften<T>(url: string, signal: AbortSignal, take: Take<T>): Promise<T | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(url, signal, take)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof TryAgain)) throw error
        if (attempt >= ATTEMPTS_MAX) {
          throw new Problem(`cannot fetch ${url}: ${error.message}`, { cause: error })
        }
        const waitMs = Math.min(DELAY_MS_MAX, this.#delayMs * 2 ** (attempt - 1))
        await sleep(error.afterMs ?? waitMs * (0.5 + Math.random()), undefined, { signal })
      }
    }
  }

  async #attempt<T>(url: string, signal: AbortSignal, take: Take<T>): Promise<T | undefined> {
    const silence = new AbortController()
    const timer = setTimeout(() => silence.abort(), this.#silenceMs)
    try {
      const response = await fetch(url, {
        signal: AbortSignal.any([signal, silence.signal]),
        headers: { accept: 'text/plain, application/json', 'user-agent': 'poglog-import' },
      })
      if (!response.ok) {
        await response.body?.cancel()
        if (response.status === 404) return undefined
        throw failureOf(response, url)
      }
      if (response.headers.get('content-type')?.startsWith('text/html') === true) {
        await response.body?.cancel()
        throw new Problem(`${url} answers with a web page: is this the address of a logs instance?`)
      }
      return await take(alive(response.body, timer), response.headers)
    } catch (error) {
      if (error instanceof Problem || error instanceof TryAgain || isOfDisk(error)) throw error
      const reason = silence.signal.aborted
        ? `no answer for ${this.#silenceMs / 1000} s`
        : messageOf(error)
      throw new TryAgain(reason, undefined, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** A failure that may be gone in a while. */
class TryAgain extends Error {
  readonly afterMs: number | undefined

  constructor(message: string, afterMs: number | undefined, options?: ErrorOptions) {
    super(message, options)
    this.afterMs = afterMs
  }
}

function failureOf({ status, statusText, headers }: Response, url: string): Error {
  const reason = `HTTP ${status} ${statusText}`.trim()
  if (status === 403)
    return new Problem(`${url} is refused: the channel or user has opted out there`)
  const isPassing = status === 408 || status === 425 || status === 429 || status >= 500
  if (!isPassing) return new Problem(`cannot fetch ${url}: ${reason}`)
  const afterMs = retryAfterMs(headers.get('retry-after'))
  if (afterMs !== undefined && afterMs > RETRY_AFTER_MS_MAX) {
    const minutes = Math.ceil(afterMs / 60_000)
    return new Problem(`cannot fetch ${url}: ${reason}, come again in ${minutes} minutes`)
  }
  return new TryAgain(reason, afterMs)
}

/** Seconds, or a date. */
export function retryAfterMs(value: string | null, nowMs = Date.now()): number | undefined {
  if (value === null) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** The pieces of a body; each puts the moment off when it counts as silent. */
async function* alive(
  body: ReadableStream<Uint8Array> | null,
  timer: NodeJS.Timeout,
): AsyncGenerator<Uint8Array> {
  if (body === null) return
  for await (const piece of body) {
    timer.refresh()
    yield piece
  }
}

function isOfDisk(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EACCES' || code === 'EROFS'
}

/** `fetch failed` says nothing; its cause does. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
