import { createHash } from 'node:crypto'
import type { QueryContext } from '../app-types.ts'
import { CLOSED_SECONDS_MAX, CLOSED_SHARED_SECONDS_MAX } from '../limits.ts'
import type { Standing } from '../read/standing.ts'
import { currentTag } from './entity-tag.ts'

/** Raise it when the same records are answered with other bytes than before. */
const ANSWERS_VERSION = 2

/** How an answer may be kept. Fields of a header. */
export interface Caching {
  readonly 'cache-control': string
  readonly etag?: string
}

/** An answer that has to be asked for again each time: what is hot, late or replayed can still join it. */
export const OPEN: Caching = { 'cache-control': 'no-cache' }

/**
 * How an answer about a closed range may be kept. Its strong tag stands for the question and for everything that the
 * answer is made of, so it is known before anything is read.
 *
 * @param question all that the answer depends on beside the log: the route, ids instead of logins, and every parameter.
 */
export function closed({ version, lastsMs }: Standing, question: readonly unknown[]): Caching {
  const content = JSON.stringify([ANSWERS_VERSION, version, ...question])
  const lasts = Math.floor(lastsMs / 1000)
  const own = Math.min(CLOSED_SECONDS_MAX, lasts)
  const shared = Math.min(CLOSED_SHARED_SECONDS_MAX, lasts)
  return {
    'cache-control': `public, max-age=${own}, s-maxage=${shared}, must-revalidate`,
    etag: tagOf(content),
  }
}

/** How an answer that is at hand whole may be kept, when its range is open. */
export function openWhole(body: string | Uint8Array): Caching {
  return { ...OPEN, etag: tagOf(body) }
}

/** A 304 for a client whose copy is current; `undefined` when it has none. */
export function notModified(
  c: QueryContext,
  { etag, ...caching }: Caching,
  vary?: string,
): Response | undefined {
  if (etag === undefined) return undefined
  const current = currentTag(c.req.header('if-none-match'), etag)
  if (current === undefined) return undefined
  return new Response(null, {
    status: 304,
    headers: { ...caching, etag: current, vary: varyOf(vary) },
  })
}

/** What compression adds to an answer that has a body. */
function varyOf(vary: string | undefined): string {
  return vary === undefined ? 'Accept-Encoding' : `${vary}, Accept-Encoding`
}

function tagOf(content: string | Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
}
