import { isCounted } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import type { CountLimits } from '../limits.ts'
import { Counts } from './count-words.ts'
import { countOnce } from './count-words-once.ts'
import type { ReadDeps } from './deps.ts'
import { drainUser } from './drain-user.ts'
import type { UserCountQuery } from './drain-user.ts'
import { periodOf } from './periods.ts'
import type { Period } from './periods.ts'
import { sumMessages } from './sum-messages.ts'
import type { CountDeps } from './words-deps.ts'
import type { CountQuery } from './words-inputs.ts'

/** How much was said. `byPeriod`: start, ms -> messages; only what has some. */
export interface Activity {
  readonly total: number
  readonly byPeriod: ReadonlyMap<number, number>
}

interface By {
  readonly by: Period
}

/**
 * Counts a channel's messages by hour or day, as `channelStats` counts them; no message is read but of what is not
 * compacted, and of the hours that the range begins or ends within.
 *
 * Fails as {@link countOnce} does, and with {@link TooMuchError} when there are more periods than the limits allow.
 */
export async function channelActivity(query: CountQuery & By, deps: CountDeps): Promise<Activity> {
  return await countOnce(query, deps, async (inputs) => {
    const sum = new ActivitySum(query, deps.countLimits)
    await sumMessages(inputs, deps, { sum })
    return sum.take()
  })
}

/**
 * Counts a user's messages over all channels by hour or day, record by record. Fails as {@link drainUser} does, and as
 * {@link channelActivity} where there are too many periods.
 */
export async function userActivity(
  query: UserCountQuery & By,
  deps: ReadDeps & { readonly countLimits: CountLimits },
): Promise<Activity> {
  return await drainUser(query, deps, async (drained) => {
    const sum = new ActivitySum(query, deps.countLimits)
    await drained((record) => {
      if (isCounted(record)) sum.addRecord(record)
    })
    return sum.take()
  })
}

/** Sums up how much was said in each period. */
class ActivitySum {
  readonly #by: Period
  readonly #byPeriod: Counts<number>
  #total = 0

  constructor({ by }: By, { periodsMax }: CountLimits) {
    this.#by = by
    this.#byPeriod = new Counts<number>(periodsMax, `${by}s`)
  }

  addHour(hourMs: number, messages: number): void {
    this.#total += messages
    this.#byPeriod.add(periodOf(this.#by, hourMs), messages)
  }

  addRecord({ sentAtMs }: Pick<LogRecord, 'sentAtMs'>): void {
    this.addHour(sentAtMs, 1)
  }

  take(): Activity {
    return { total: this.#total, byPeriod: this.#byPeriod.all }
  }
}
