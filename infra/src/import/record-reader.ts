import { RAW_BYTES_MAX } from '@poglog/hot-store'
import { parseRouting, rawTag, unescapeTagValue } from '@poglog/irc-parser'
import { logRejection, recordFromLine } from '@poglog/log-format'
import type { LogRecord } from '@poglog/log-format'
import { hasAddedTags, withoutAddedTags } from './added-tags.ts'
import type { Line } from './read-lines.ts'
import { RecentMap } from './recent-map.ts'
import type { Rejection, Tally } from './tally.ts'

const DAY_MS = 86_400_000
/** Stands for "the line has no time". */
const NO_TIME_MS = -1
/** Nobody chatted before justin.tv, from which Twitch came, was opened. */
const SENT_MS_MIN = Date.UTC(2007, 2, 1)
const LOGIN = /^\w{1,25}$/
const CHANNELS_MAX = 100_000
const USERS_MAX = 100_000
/** Lines that wait for their channel's id or their user's: what another line may still tell. */
const WAITING_MAX = 5000

/** Which ids go with logins, as far as poglog knows; those it does not know are absent. */
export type LookUpIds = (logins: readonly string[]) => Promise<ReadonlyMap<string, string>>

export interface ReaderDeps {
  readonly lookUpIds: LookUpIds
  readonly tally: Tally
  readonly reject: (line: Line, reason: Rejection) => void
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number
}

/** Of one unit: the channel of lines that do not tell it, and which sent times are wanted. */
export interface ReaderContext {
  readonly channelId?: string | undefined
  readonly takes?: ((sentAtMs: number) => boolean) | undefined
}

interface Waiting {
  readonly line: Line
  readonly raw: string
  readonly times: Times
  /** Of the channel, or of the user where the record is there. */
  readonly login: string
  readonly record: LogRecord | undefined
}

/** Sent and receive time of a line, `NO_TIME_MS` where it has none, and the time of the line before it. */
interface Times {
  readonly receivedAtMs: number
  readonly beforeMs: number
}

/** Turns lines into records. What lines tell about channels and users counts for all units of an import. */
export class RecordReader {
  readonly #deps: ReaderDeps
  readonly #channels = new RecentMap(CHANNELS_MAX)
  readonly #users = new RecentMap(USERS_MAX)
  #context: ReaderContext = {}
  #beforeMs = NO_TIME_MS
  #waiting: Waiting[] = []
  #records: LogRecord[] = []

  constructor(deps: ReaderDeps) {
    this.#deps = deps
  }

  /**
   * The records of one unit, those that had to wait for what other lines tell at its end.
   *
   * @throws what reading the lines throws, after all records of the lines before.
   */
  async *read(
    batches: AsyncIterable<readonly Line[]>,
    context: ReaderContext,
  ): AsyncGenerator<LogRecord[]> {
    this.#context = context
    this.#beforeMs = NO_TIME_MS
    this.#waiting = []
    this.#records = []
    const failures: unknown[] = []
    try {
      for await (const lines of batches) {
        for (const line of lines) this.#take(line)
        if (this.#waiting.length >= WAITING_MAX) await this.#settle()
        if (this.#records.length > 0) yield this.#handOut()
      }
    } catch (error) {
      failures.push(error)
    }
    await this.#settle()
    if (this.#records.length > 0) yield this.#handOut()
    if (failures.length > 0) throw failures[0]
  }

  #handOut(): LogRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }

  #take(line: Line): void {
    this.#deps.tally.lines += 1
    if (line.problem !== undefined) {
      this.#reject(line, line.problem)
      return
    }
    const added = hasAddedTags(line.text) ? withoutAddedTags(line.text) : undefined
    const raw = added?.raw ?? line.text
    if (raw.length * 3 > RAW_BYTES_MAX && Buffer.byteLength(raw) > RAW_BYTES_MAX) {
      this.#reject(line, 'too-long')
      return
    }
    const times = { receivedAtMs: added?.receivedAtMs ?? NO_TIME_MS, beforeMs: this.#beforeMs }
    const { channelId } = this.#context
    const record = recordFromLine(raw, { receivedAtMs: times.receivedAtMs, channelId })
    if (record === undefined) this.#takeOther({ line, raw, times })
    else this.#takeRecord(record, { line, raw, times })
  }

  /** A line that is no record, or not yet: its channel's id may be known, or come. */
  #takeOther(what: Omit<Waiting, 'login' | 'record'>): void {
    const reason = logRejection(what.raw)
    if (reason === 'malformed') {
      this.#reject(what.line, 'malformed')
      return
    }
    const { channel: login = '', sentAtMs } = parseRouting(what.raw) ?? {}
    if (reason === 'not-logged' || login === '') {
      this.#deps.tally.skipped += 1
      return
    }
    const channelId = this.#channels.get(login)
    if (channelId !== undefined) {
      this.#takeWithChannel(what, channelId)
      return
    }
    this.#waiting.push({ ...what, login, record: undefined })
    if (sentAtMs !== undefined && this.#isPossible(sentAtMs)) this.#beforeMs = sentAtMs
  }

  #takeWithChannel(what: Omit<Waiting, 'login' | 'record'>, channelId: string): void {
    const { receivedAtMs } = what.times
    const record = recordFromLine(what.raw, { receivedAtMs, channelId })
    if (record === undefined) this.#reject(what.line, 'no-channel-id')
    else this.#takeRecord(record, what)
  }

  #takeRecord(record: LogRecord, what: Omit<Waiting, 'login' | 'record'>): void {
    const { type, channelId, channelLogin, userId, raw } = record
    if (type === 'PRESENCE' || type === 'GAP' || channelLogin === '') {
      // The first two are poglog's own ledger, which another's file cannot add to.
      if (channelLogin === '') this.#reject(what.line, 'malformed')
      else this.#deps.tally.skipped += 1
      return
    }
    this.#channels.set(channelLogin, channelId)
    if (userId !== '' && type === 'PRIVMSG') {
      const { login = '' } = parseRouting(raw) ?? {}
      if (LOGIN.test(login)) this.#users.set(login, userId)
    }
    const timed = this.#timed(record, what)
    if (timed === undefined) return
    if (type !== 'CLEARMSG' || userId !== '') {
      this.#records.push(timed)
      return
    }
    const login = unescapeTagValue(rawTag(raw, 'login') ?? '')
    const known = this.#users.get(login)
    if (known !== undefined || login === '') this.#records.push({ ...timed, userId: known ?? '' })
    else this.#waiting.push({ ...what, login, record: timed })
  }

  /** With the times it is to be stored with; `undefined` where it has none, or not a wanted one. */
  #timed(
    record: LogRecord,
    { line, times }: Omit<Waiting, 'login' | 'record'>,
  ): LogRecord | undefined {
    const { tally } = this.#deps
    const isUntimed = record.sentAtMs === NO_TIME_MS
    const sentAtMs = isUntimed ? times.beforeMs : record.sentAtMs
    if (sentAtMs === NO_TIME_MS) {
      this.#reject(line, 'no-time')
      return undefined
    }
    if (!this.#isPossible(sentAtMs)) {
      this.#reject(line, 'impossible-time')
      return undefined
    }
    if (isUntimed) tally.untimed += 1
    else this.#beforeMs = sentAtMs
    if (this.#context.takes?.(sentAtMs) === false) {
      tally.skipped += 1
      return undefined
    }
    const receivedAtMs = times.receivedAtMs === NO_TIME_MS ? sentAtMs : times.receivedAtMs
    return { ...record, sentAtMs, receivedAtMs }
  }

  #isPossible(sentAtMs: number): boolean {
    return sentAtMs >= SENT_MS_MIN && sentAtMs <= this.#deps.nowMs() + DAY_MS
  }

  /** Ends the waiting: by what lines have told since, else by what the log knows. */
  async #settle(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = []
    const asked = new Set(
      waiting.map(({ login }) => login).filter((login) => !this.#channels.get(login)),
    )
    const known: ReadonlyMap<string, string> =
      asked.size === 0 ? new Map() : await this.#deps.lookUpIds([...asked])
    for (const what of waiting) {
      const { login, record } = what
      if (record !== undefined) {
        // Channels and users share one name space.
        const userId = this.#users.get(login) ?? this.#channels.get(login) ?? known.get(login) ?? ''
        this.#records.push({ ...record, userId })
        continue
      }
      const channelId = this.#channels.get(login) ?? known.get(login)
      if (channelId === undefined) this.#reject(what.line, 'no-channel-id')
      else this.#takeWithChannel(what, channelId)
    }
    // A CLEARMSG that found its channel only now may wait for its user.
    if (this.#waiting.length > 0) await this.#settle()
  }

  #reject(line: Line, reason: Rejection): void {
    const { rejected } = this.#deps.tally
    rejected.set(reason, (rejected.get(reason) ?? 0) + 1)
    this.#deps.reject(line, reason)
  }
}
