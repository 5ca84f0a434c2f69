import type { LogRecord } from '@poglog/log-format'
import { hourOf, HOUR_MS } from './periods.ts'
import { TopList } from './words-top-list.ts'

const HOURS_OF_DAY = 24

/** Messages of an hour; `hourMs` is its start, UTC. */
export interface BusyHour {
  readonly hourMs: number
  readonly messages: number
}

/** How much was said and when. `firstMs` and `lastMs` are sent times, `undefined` where nothing was said. */
export interface Stats {
  readonly messages: number
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
  /** Messages by hour of the day, UTC; 24 numbers. */
  readonly hoursOfDay: readonly number[]
  /** The hours with the most messages, the most first. */
  readonly busiestHours: readonly BusyHour[]
}

/** Sums up how much was said and when, from records and from counts of whole hours. */
export class StatsSum {
  readonly #byHour = new Map<number, number>()
  #messages = 0
  #firstMs: number | undefined
  #lastMs: number | undefined
  #firstHourMs: number | undefined
  #lastHourMs: number | undefined

  /** Start of the first hour of {@link addHour} that may hold something before every record added so far. */
  get firstHourMs(): number | undefined {
    const hourMs = this.#firstHourMs
    return hourMs !== undefined && hourMs < (this.#firstMs ?? Infinity) ? hourMs : undefined
  }

  /** Start of the last hour of {@link addHour} that may hold something after every record added so far. */
  get lastHourMs(): number | undefined {
    const hourMs = this.#lastHourMs
    return hourMs !== undefined && hourMs + HOUR_MS > (this.#lastMs ?? 0) ? hourMs : undefined
  }

  addRecord({ sentAtMs }: Pick<LogRecord, 'sentAtMs'>): void {
    this.#add(hourOf(sentAtMs), 1)
    this.widen(sentAtMs)
  }

  addHour(hourMs: number, messages: number): void {
    this.#add(hourMs, messages)
    this.#firstHourMs = Math.min(this.#firstHourMs ?? hourMs, hourMs)
    this.#lastHourMs = Math.max(this.#lastHourMs ?? hourMs, hourMs)
  }

  /** Says that a message was sent then, without counting it. */
  widen(sentAtMs: number): void {
    this.#firstMs = Math.min(this.#firstMs ?? sentAtMs, sentAtMs)
    this.#lastMs = Math.max(this.#lastMs ?? sentAtMs, sentAtMs)
  }

  take(busiest: number): Stats {
    const hoursOfDay = Array.from({ length: HOURS_OF_DAY }, () => 0)
    const busiestHours = new TopList<BusyHour>(
      busiest,
      (left, right) => right.messages - left.messages || left.hourMs - right.hourMs,
    )
    for (const [hourMs, messages] of this.#byHour) {
      const hour = (hourMs / HOUR_MS) % HOURS_OF_DAY
      hoursOfDay[hour] = (hoursOfDay[hour] ?? 0) + messages
      busiestHours.add({ hourMs, messages })
    }
    return {
      messages: this.#messages,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      hoursOfDay,
      busiestHours: busiestHours.take(),
    }
  }

  #add(hourMs: number, messages: number): void {
    this.#messages += messages
    this.#byHour.set(hourMs, (this.#byHour.get(hourMs) ?? 0) + messages)
  }
}
