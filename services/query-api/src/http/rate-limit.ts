import { rateLimiter } from 'hono-rate-limiter'
import type { Store } from 'hono-rate-limiter'
import type { MiddlewareHandler } from 'hono'
import { LRUCache } from 'lru-cache'
import type { QueryContext, QueryEnv } from '../app-types.ts'
import type { Events } from '../events.ts'
import { COSTLY_HITS, RATE_WINDOW_MS, REFUSED_CLIENTS_MAX } from '../limits.ts'
import { ASSETS_ROUTE } from '../page/page-routes.ts'
import { routeOf } from '../routes/route-of.ts'
import { clientAddressOf } from './client-address.ts'
import { refusal } from './refusal.ts'

/** What watches the service must never be turned away, and the files of the page are in memory and kept for ever. */
const EXEMPT: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics', ASSETS_ROUTE])
/** Routes that read much for a short answer. */
const COSTLY = /\/(?:words|top|stats|activity|coverage|search|random|list|namehistory\/:user)$/

/** What the limit needs. The counts are shared by all processes. */
export interface RateLimitDeps {
  readonly hits: {
    readonly add: (hit: {
      readonly client: string
      readonly hits: number
      readonly windowMs: number
    }) => Promise<{ readonly hits: number; readonly leftMs: number }>
  }
  readonly events: Pick<Events, 'clientRefused' | 'rateNotCounted'>
  /** Hits a minute of one address; 0 for any number. */
  readonly perMinute: number
}

/**
 * Turns clients away that ask too often, by address: 429 with `Retry-After`. Every answer says how much is left, in the
 * fields of {@link https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-07}. A costly route counts
 * for {@link COSTLY_HITS}.
 *
 * While the counts cannot be reached everybody is let in, and an event says so: the limit must not be what takes the
 * service away.
 */
export function rateLimit(deps: RateLimitDeps): readonly MiddlewareHandler<QueryEnv>[] {
  if (deps.perMinute === 0) return []
  const counter = new Counter(deps)
  const limiter = (hits: number, isMeant: (c: QueryContext) => boolean) =>
    rateLimiter<QueryEnv>({
      windowMs: RATE_WINDOW_MS,
      limit: deps.perMinute,
      standardHeaders: 'draft-7',
      keyGenerator: clientAddressOf,
      skip: (c) => isExempt(c) || !isMeant(c),
      store: counter.store(hits),
      handler: (c) => {
        deps.events.clientRefused('rate')
        const detail = `more than ${deps.perMinute} requests a minute come from this address`
        return refusal(c, { status: 429, detail })
      },
    })
  return [limiter(1, (c) => !isCostly(c)), limiter(COSTLY_HITS, isCostly)]
}

/** Whether a request counts for no limit of clients. */
export function isExempt(c: QueryContext): boolean {
  return EXEMPT.has(routeOf(c))
}

function isCostly(c: QueryContext): boolean {
  return COSTLY.test(routeOf(c)) || c.req.query('q') !== undefined
}

interface Counted {
  readonly totalHits: number
  readonly resetTime?: Date
}

/** Who is refused is not counted again before the window ends: a flood costs no call of the hot store. */
class Counter {
  readonly #deps: RateLimitDeps
  readonly #refused = new LRUCache<string, Counted>({ max: REFUSED_CLIENTS_MAX })
  #isAway = false

  constructor(deps: RateLimitDeps) {
    this.#deps = deps
  }

  /** The counts for routes of which a request counts for `hits`. */
  store(hits: number): Store<QueryEnv> {
    return {
      increment: async (client) => this.#refused.get(client) ?? (await this.#add(client, hits)),
      // Nothing that was asked is taken back.
      decrement: () => undefined,
      resetKey: () => undefined,
    }
  }

  async #add(client: string, hits: number): Promise<Counted> {
    const { hits: counts, events, perMinute } = this.#deps
    try {
      const counted = await counts.add({ client, hits, windowMs: RATE_WINDOW_MS })
      this.#isAway = false
      const { hits: totalHits, leftMs } = counted
      const known = { totalHits, resetTime: new Date(Date.now() + leftMs) }
      if (totalHits > perMinute && leftMs > 0) this.#refused.set(client, known, { ttl: leftMs })
      return known
    } catch (error) {
      events.rateNotCounted(error, !this.#isAway)
      this.#isAway = true
      return { totalHits: 0 }
    }
  }
}
