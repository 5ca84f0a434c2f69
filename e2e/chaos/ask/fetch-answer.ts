/** An answer that ended as it should, or why there is none. */
export type Fetched =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  /** Refused for now, cut off, or too late: it says nothing, so nothing in it can be wrong. */
  | { readonly kind: 'unavailable'; readonly why: string }

/** Longer than any freeze: what a process answers that slept for twenty seconds must be right too. */
const ANSWER_MS_MAX = 45_000

export async function fetchAnswer(url: string): Promise<Fetched> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    const body = await response.text()
    const { status } = response
    if (status >= 500) return { kind: 'unavailable', why: String(status) }
    return { kind: 'answer', status, body }
  } catch (error) {
    return { kind: 'unavailable', why: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError') return 'no answer'
  const { cause } = error
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
  return code === 'ECONNREFUSED' ? 'away' : 'cut off'
}
