import type { RecordType } from '@poglog/log-format'
import { friendlyText } from '../format/friendly-text.ts'
import { NAMES_OF_USER_MAX, NAME_RECORDS_MAX, PARTS_OPEN } from '../limits.ts'
import { drain, someAtOnce } from './count-words-once.ts'
import type { ReadDeps } from './deps.ts'
import { segmentSource } from './log-parts.ts'
import type { LogPart } from './log-parts.ts'
import { userPlaces } from './read-user-logs.ts'
import { countStartingOver } from './start-over.ts'
import { TooMuchError } from './too-much.ts'

/** A login of a user, and when it was seen first and last: sent times, milliseconds since the Unix epoch. */
export interface SeenName {
  readonly login: string
  readonly firstMs: number
  readonly lastMs: number
}

/**
 * The logins that a user was seen with in records over all channels, the last seen first. Of segments only the columns
 * that tell it are read, and the records whose line has the login in its text, as bans have.
 *
 * Fails as `drainUser` does, and with {@link TooMuchError} when the user has more records than that is done for.
 */
export async function nameHistory(
  query: {
    readonly userId: string
    readonly types: ReadonlySet<RecordType>
    readonly signal?: AbortSignal | undefined
  },
  deps: ReadDeps,
): Promise<SeenName[]> {
  const range = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
  return await countStartingOver(query.signal, async (signal) => {
    const wanted = { ...query, ...range, order: 'asc', signal } as const
    const { shown, segments, rest } = await userPlaces(wanted, deps)
    const names = new Names()
    await someAtOnce(
      segments,
      async (segment) => {
        const source = segmentSource(segment, shown, { ...deps, hasLogins: true })
        for (const part of await source.open()) await addPart(part, names)
      },
      PARTS_OPEN,
    )
    const sources = rest.map((run) => run.open(undefined))
    await drain(
      sources,
      (record) => {
        names.count(1)
        names.add(friendlyText(record).username, record.sentAtMs)
      },
      deps.limits.openChannelsMax,
    )
    return names.take()
  })
}

async function addPart(part: LogPart, names: Names): Promise<void> {
  const loaded = await part.load()
  names.count(loaded.length)
  const nameless: number[] = []
  for (let place = 0; place < loaded.length; place += 1) {
    const login = loaded.login(place)
    if (login === null) nameless.push(place)
    else names.add(login, loaded.sentAtMs(place))
  }
  if (nameless.length === 0) return
  for (const record of await loaded.records(nameless)) {
    names.add(friendlyText(record).username, record.sentAtMs)
  }
}

class Names {
  readonly #names = new Map<string, SeenName>()
  #records = 0

  count(records: number): void {
    this.#records += records
    if (this.#records <= NAME_RECORDS_MAX) return
    throw new TooMuchError(`the user has more than ${NAME_RECORDS_MAX} records`)
  }

  add(login: string, timeMs: number): void {
    if (login === '') return
    const seen = this.#names.get(login)
    if (seen !== undefined && seen.firstMs <= timeMs && seen.lastMs >= timeMs) return
    const firstMs = Math.min(seen?.firstMs ?? timeMs, timeMs)
    const lastMs = Math.max(seen?.lastMs ?? timeMs, timeMs)
    this.#names.set(login, { login, firstMs, lastMs })
    if (this.#names.size > NAMES_OF_USER_MAX) {
      throw new TooMuchError(`the user has more than ${NAMES_OF_USER_MAX} names`)
    }
  }

  take(): SeenName[] {
    return [...this.#names.values()].toSorted(
      (left, right) => right.lastMs - left.lastMs || (left.login < right.login ? -1 : 1),
    )
  }
}
