import { RecentMap } from './recent-map.ts'

const CHANNELS_MAX = 200_000
/** Rates are folded and told this often; half of what is told is the latest interval. */
const FOLD_INTERVAL_MS = 30_000
const LATEST_SHARE = 0.5
/** A rate is told again when it has changed by this much, up or down. */
const CHANGE_MIN = 1.25
const MINUTE_MS = 60_000

/** What is kept of rates in Redis, so that whoever takes a channel over knows how busy it is. */
export interface RateCalls {
  readonly noteRates: (rates: ReadonlyMap<string, number>) => Promise<void>
  readonly rates: (logins: readonly string[]) => Promise<ReadonlyMap<string, number>>
}

export interface ChannelRatesDeps {
  /** `undefined` while Redis was never reached. */
  readonly calls: () => RateCalls | undefined
  readonly loginOf: (channelId: string) => string | undefined
  readonly events: { readonly ratesFailed: (error: unknown) => void }
  readonly nowMs: () => number
}

/** How many lines a minute each channel has, to join the busiest first. Approximate by design; losing it loses an order. */
export class ChannelRates {
  readonly #deps: ChannelRatesDeps
  readonly #perMinute = new RecentMap<number>(CHANNELS_MAX)
  readonly #told = new RecentMap<number>(CHANNELS_MAX)
  #counts = new Map<string, number>()
  #foldedAtMs: number
  #lines = 0

  constructor(deps: ChannelRatesDeps) {
    this.#deps = deps
    this.#foldedAtMs = deps.nowMs()
  }

  /** Lines counted since the start. */
  get lines(): number {
    return this.#lines
  }

  /** Counts a line of a channel. */
  count(channelId: string): void {
    this.#lines += 1
    this.#counts.set(channelId, (this.#counts.get(channelId) ?? 0) + 1)
  }

  /** Lines a minute as far as is known; 0 for a channel nothing is known of. */
  of(login: string): number {
    return this.#perMinute.get(login) ?? 0
  }

  /** Asks what others have told of channels this process knows nothing of. Never rejects. */
  async learn(logins: readonly string[]): Promise<void> {
    const unknown = logins.filter((login) => this.#perMinute.get(login) === undefined)
    if (unknown.length === 0) return
    try {
      const found = (await this.#deps.calls()?.rates(unknown)) ?? new Map<string, number>()
      for (const login of unknown) this.#perMinute.set(login, found.get(login) ?? 0)
    } catch (error) {
      this.#deps.events.ratesFailed(error)
    }
  }

  /** Folds what was counted and tells Redis what has changed. Call it often; most calls do nothing. Never rejects. */
  async fold(): Promise<void> {
    const { nowMs, loginOf, calls, events } = this.#deps
    const sinceMs = nowMs() - this.#foldedAtMs
    if (sinceMs < FOLD_INTERVAL_MS) return
    const counts = this.#counts
    this.#counts = new Map()
    this.#foldedAtMs += sinceMs
    const news = new Map<string, number>()
    for (const [channelId, count] of counts) {
      const login = loginOf(channelId)
      if (login === undefined) continue
      const latest = (count * MINUTE_MS) / sinceMs
      const known = this.#perMinute.get(login)
      const rate = known === undefined ? latest : known + (latest - known) * LATEST_SHARE
      this.#perMinute.set(login, rate)
      if (isNews(rate, this.#told.get(login))) news.set(login, Math.round(rate))
    }
    if (news.size === 0) return
    try {
      await calls()?.noteRates(news)
      for (const [login, rate] of news) this.#told.set(login, rate)
    } catch (error) {
      events.ratesFailed(error)
    }
  }
}

function isNews(rate: number, told: number | undefined): boolean {
  if (told === undefined) return true
  return rate >= told * CHANGE_MIN || rate * CHANGE_MIN <= told
}
