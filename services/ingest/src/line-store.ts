import type { AppendLine } from '@poglog/hot-store'
import type { ReplicaRun } from '@poglog/log-format'
import type { Tracing } from '@poglog/service-kit'
import { ByteBudget } from './byte-budget.ts'
import { ChannelRates } from './channel-rates.ts'
import type { Config } from './config.ts'
import type { IngestEvents } from './events.ts'
import type { HotLog } from './hot-log.ts'
import { KnownNames } from './known-names.ts'
import { Lanes } from './lanes.ts'
import { Ledger } from './ledger.ts'
import { LineIntake } from './line-intake.ts'
import { OptOutFilter } from './opt-out-filter.ts'
import type { RedisClock } from './redis-clock.ts'
import { spoolLossRange } from './spool-loss.ts'
import { UserIdLookup } from './user-id-lookup.ts'

/** Of the ten seconds a stop may take: closing sockets and looking up users take up to 3 of the rest. */
const FLUSH_MS_MAX = 1500

export interface LineStoreDeps {
  readonly config: Config
  readonly events: IngestEvents
  readonly hotLog: HotLog
  readonly clock: RedisClock
  readonly me: ReplicaRun
  readonly nowMs: () => number
  readonly tracing: Tracing
}

/** The way of lines from the socket to Redis or to disk, with the coverage ledger, whose records go the same way. */
export class LineStore implements AsyncDisposable {
  readonly buffer: ByteBudget
  readonly spoolBudget: ByteBudget
  readonly names = new KnownNames()
  readonly intake: LineIntake
  readonly ledger: Ledger
  readonly rates: ChannelRates
  readonly optOuts: OptOutFilter
  readonly #deps: LineStoreDeps
  readonly #lookup: UserIdLookup
  #lanes: Lanes | undefined

  private constructor(deps: LineStoreDeps) {
    const { config, events, hotLog, clock, me, nowMs } = deps
    this.#deps = deps
    this.buffer = new ByteBudget(config.bufferBytesMax)
    this.spoolBudget = new ByteBudget(config.spoolBytesMax)
    this.optOuts = new OptOutFilter(events)
    this.#lookup = new UserIdLookup(hotLog, this.offer)
    this.intake = new LineIntake({
      offer: this.offer,
      offerLater: this.offerLater,
      names: this.names,
      events,
      nowMs: Date.now,
    })
    const { intake } = this
    this.ledger = new Ledger({
      ...me,
      offer: (line) => this.lanes.offer(line),
      channelIdOf: (login) => intake.channelIdOf(login),
      toRedisMs: (monotonicMs) => clock.toRedisMs(monotonicMs),
      events,
      nowMs,
    })
    this.rates = new ChannelRates({
      calls: () => hotLog.store?.replicas,
      loginOf: (channelId) => intake.loginOf(channelId),
      events,
      nowMs,
    })
  }

  /** Opens the spool; what an earlier run left there is on its way to Redis from now on. */
  static async open(deps: LineStoreDeps): Promise<LineStore> {
    const store = new LineStore(deps)
    const { config, hotLog, tracing } = deps
    store.#lanes = await Lanes.open({
      append: async (lines) => {
        await store.optOuts.learn(hotLog.store)
        return await hotLog.append(store.optOuts.keep(lines))
      },
      lanes: config.redis.shards,
      spoolDir: config.spoolDir,
      spoolBudget: store.spoolBudget,
      buffer: store.buffer,
      events: store.#laneEvents(),
      flushIntervalMs: config.flushIntervalMs,
      tracing,
    })
    return store
  }

  get lanes(): Lanes {
    if (this.#lanes === undefined) throw new Error('used before it is open')
    return this.#lanes
  }

  /** Takes a line on its way, unless its user or channel has opted out; where there is no room the loss is in the ledger. */
  readonly offer = (line: AppendLine): void => {
    this.rates.count(line.channelId)
    for (const kept of this.optOuts.keep([line])) this.lanes.offer(kept)
  }

  /** The same, once the user whose login it tells is looked up. */
  readonly offerLater = (line: AppendLine, login: string): void => {
    this.#lookup.offer(line, login)
  }

  /** Monotonic; everything taken before, and every loss told before, is in Redis or on disk. */
  readonly storedUntilMs = (): number =>
    Math.min(
      this.lanes.storedUntilMs(),
      this.#lookup.offeredUntilMs(),
      this.ledger.settledUntilMs(),
    )

  /** Brings all it holds to Redis, or to disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lookup.flush()
    this.ledger.flush()
    await this.lanes.stop(FLUSH_MS_MAX)
  }

  #laneEvents(): IngestEvents {
    const { events } = this.#deps
    return {
      ...events,
      dropped: (lines) => {
        // A record of the ledger that finds no room is offered again.
        const lost = lines.filter(({ type }) => type !== 'PRESENCE' && type !== 'GAP')
        if (lost.length > 0) events.dropped(lost)
        this.ledger.dropped(lost, 'dropped')
      },
      spoolLost: (loss) => {
        events.spoolLost(loss)
        if (loss.cause === 'torn') return // The frame a crash tore was never called stored.
        void spoolLossRange(loss.file).then((range) => this.ledger.spoolDamaged(range))
      },
    }
  }
}
