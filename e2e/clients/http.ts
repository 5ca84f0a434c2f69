/** An answer as a client sees it. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

export interface AskOptions {
  /** A client gives up then; it counts as a failure. */
  readonly timeoutMs: number
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Asks, following redirects as every client here does. */
export async function ask(
  url: string,
  { timeoutMs, method = 'GET', headers = {}, body }: AskOptions,
): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs)
  const init = { method, headers, signal, ...(body === undefined ? {} : { body }) }
  const response = await fetch(url, init)
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    text: await response.text(),
  }
}

/** @throws Error for a status that is no success, as clients do that look no closer. */
export async function askOk(url: string, options: AskOptions): Promise<Answer> {
  const answer = await ask(url, options)
  if (answer.status < 200 || answer.status > 299) {
    throw new Error(`${url}: ${answer.status} ${answer.text}`)
  }
  return answer
}

/** The date of a day as paths have it, without padding. */
export function datePath(timeMs: number): { year: string; month: string; day: string } {
  const date = new Date(timeMs)
  return {
    year: String(date.getUTCFullYear()),
    month: String(date.getUTCMonth() + 1),
    day: String(date.getUTCDate()),
  }
}
