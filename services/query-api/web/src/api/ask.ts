import * as z from 'zod/mini'
import { ApiError } from './errors.ts'
import type { ApiErrorKind } from './errors.ts'

// The policy of the page forbids to make code out of text, which zod would try.
z.config({ jitless: true })

const SECOND_MS = 1000
const problemSchema = z.object({ detail: z.string() })

/** A request: its path with everything encoded, and what is not the usual. */
export interface Asked {
  readonly path: string
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly adminKey?: string | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** A path with its query; parameters that are `undefined` or empty are left out. */
export function pathOf(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}

/**
 * Asks the API for JSON.
 *
 * @throws {ApiError} in every case that is no answer, but for an abort, which is thrown as it is.
 */
export async function askJson<Schema extends z.core.$ZodType>(
  asked: Asked,
  schema: Schema,
): Promise<z.core.output<Schema>> {
  const response = await ask(asked, 'application/json')
  try {
    return z.parse(schema, await response.json())
  } catch (error) {
    if (asked.signal?.aborted === true) throw error
    throw new ApiError('failed', 'the answer is not what was asked for', { cause: error })
  }
}

/** Asks the API; the answer is a good one. Fails as {@link askJson} does. */
export async function ask(asked: Asked, accept: string): Promise<Response> {
  const { path, method = 'GET', adminKey, body, signal } = asked
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept,
        ...(adminKey === undefined ? {} : { 'x-api-key': adminKey }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError('offline', 'the server was not reached', { cause: error })
  }
  if (response.ok) return response
  throw await errorOf(response, path)
}

async function errorOf(response: Response, path: string): Promise<ApiError> {
  const text = await response.text().catch(() => '')
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(seconds) ? seconds * SECOND_MS : undefined
  return new ApiError(kindOf(response.status, path), detailOf(text), { retryAfterMs })
}

function detailOf(text: string): string {
  try {
    return z.parse(problemSchema, JSON.parse(text)).detail
  } catch {
    // The other dialects answer with plain text.
    return text.slice(0, 200)
  }
}

function kindOf(status: number, path: string): ApiErrorKind {
  switch (status) {
    case 400:
    case 422:
      return 'wrong'
    case 401:
      return 'key'
    case 403:
      return path.startsWith('/admin/') ? 'key' : 'opted-out'
    case 404:
      return 'unknown'
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return 'busy'
    default:
      return 'failed'
  }
}
