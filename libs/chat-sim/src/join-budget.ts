import type { JoinLimit } from './types.ts'

const WINDOW_MS = 10_000

/** What counts of a connection. */
export interface Joiner {
  readonly id: number
  readonly address: string
  readonly nick: string
  readonly channels: { readonly size: number }
}

/** Counts JOINs over a sliding window: the strictest reading of "20 join attempts per 10 seconds". */
export class JoinBudget {
  readonly #limit: JoinLimit | undefined
  readonly #joins = new Map<string, number[]>()

  constructor(limit: JoinLimit | undefined) {
    this.#limit = limit
  }

  /** Takes one JOIN from the budget, if there is one left. A refused JOIN costs nothing. */
  take(connection: Joiner, nowMs: number): 'granted' | 'ignore' | 'close' {
    const limit = this.#limit
    if (limit === undefined) return 'granted'
    const over = limit.over ?? 'ignore'
    if (connection.channels.size >= (limit.channelsPerConnection ?? Infinity)) return over
    const key = budgetKey(connection, limit.per ?? 'connection')
    const since = nowMs - (limit.windowMs ?? WINDOW_MS)
    const joins = (this.#joins.get(key) ?? []).filter((atMs) => atMs > since)
    this.#joins.set(key, joins)
    if (joins.length >= limit.joins) return over
    joins.push(nowMs)
    return 'granted'
  }

  /** Forgets the budget of a connection that is gone; those of addresses and nicks outlive it. */
  forget(connectionId: number): void {
    this.#joins.delete(`connection ${connectionId}`)
  }
}

function budgetKey(connection: Joiner, per: NonNullable<JoinLimit['per']>): string {
  if (per === 'connection') return `connection ${connection.id}`
  if (per === 'address' || connection.nick.startsWith('justinfan')) {
    return `address ${connection.address}`
  }
  return `nick ${connection.nick}`
}
