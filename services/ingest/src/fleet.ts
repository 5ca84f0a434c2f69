import { ingestSlotOf } from '@poglog/hot-store'
import type {
  BeatResult,
  FleetView,
  Holding,
  Member,
  ReplicaBeat,
  ReplicaLoad,
} from '@poglog/hot-store'
import type { LostReplicas } from './lost-replicas.ts'
import type { RedisClock } from './redis-clock.ts'
import { isHeldByOthers, isUndeclared, planSlots } from './slot-plan.ts'
import { Takeovers } from './takeovers.ts'
import type { TakenFrom } from './takeovers.ts'
import { WakeUp } from './wake-up.ts'

/** A tenth of the time after which others take a silent replica for dead. */
const HEARTBEAT_MS = 1000
/** While it hands over, a replica looks more often: each look may let a slot go. */
const HANDOVER_BEAT_MS = 200
/**
 * After so long without a heartbeat others may have taken our slots, and our sockets may be gone without our knowing:
 * what we hold is to be confirmed anew before anybody relies on it.
 */
const STANDSTILL_MS = 5000

/**
 * Replicas that are started together come within seconds: a slot that is received is claimed only when none has come for so
 * long, or it would move several times.
 */
const GROWTH_MS = 3000

/** What the fleet uses of the hot store. */
export interface ReplicaCalls {
  readonly beat: (beat: ReplicaBeat) => Promise<BeatResult>
  readonly leave: (replica: string, run: string) => Promise<void>
}

/** This replica. `weight` is its share of the slots relative to the others'. */
export interface FleetMember {
  readonly replica: string
  readonly run: string
  readonly weight: number
  /** How many replicas receive each channel. */
  readonly replication: number
}

export interface FleetDeps {
  /** `undefined` until Redis was reached for the first time. */
  readonly replicas: () => ReplicaCalls | undefined
  readonly me: FleetMember
  readonly pool: {
    readonly want: (logins: ReadonlySet<string>) => void
    /** Joined, or known not to be to be had now. */
    readonly isSettled: (login: string) => boolean
    readonly coveredMs: () => number | undefined
    /** Twitch cannot be reached, or does not answer. */
    readonly isCutOff: () => boolean
  }
  readonly clock: RedisClock
  readonly load: () => ReplicaLoad
  readonly lostReplicas: Pick<LostReplicas, 'take'>
  readonly events: FleetEvents
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number
}

export interface FleetEvents {
  readonly fleetChanged: (replicas: number) => void
  /** Channels wanted from now on, and not wanted any more: because slots moved, or the registry changed. */
  readonly channelsMoved: (moved: { readonly claimed: number; readonly released: number }) => void
  /** A slot that has channels is held, so long after it became this replica's. */
  readonly slotTaken: (from: TakenFrom, durationMs: number) => void
  /** Others had taken this replica for dead. */
  readonly evicted: () => void
  /** A later process has this replica id. This one has to end. */
  readonly superseded: () => void
  /** Others shall receive the channels as long as Twitch does not answer here. */
  readonly cutOff: (isCutOff: boolean) => void
  readonly beatFailed: (error: unknown) => void
  /** `leftChannels` were received by nobody else when the time was over. */
  readonly handedOver: (leftChannels: number) => void
}

/**
 * Shares the channels among the replicas: tells Redis which slots this one joins and holds, learns the same of the
 * others, and lets a slot go once enough others hold it. There is no lock: two owners too many are harmless (the append
 * drops what is known), so every replica may act on what it saw last.
 *
 * A slot is `joining` until each of its channels was confirmed (or is not to be had), then `holding`. While Redis has not
 * been reached yet this replica is alone and wants all channels it knows; while it is away the slots stay as they are.
 */
export class Fleet {
  readonly #deps: FleetDeps
  readonly #slots = new Map<number, Holding>()
  readonly #wake = new WakeUp()
  readonly #uncoveredMs = new Map<number, number>()
  #bySlot = new Map<number, string[]>()
  #logins: ReadonlySet<string> = new Set()
  #told: ReadonlySet<string> = new Set()
  #readAtMs = Number.NEGATIVE_INFINITY
  #claimedAtMs = Number.NEGATIVE_INFINITY
  #grewAtMs = Number.NEGATIVE_INFINITY
  readonly #takeovers = new Takeovers()
  /** Slots are ours that are not claimed yet, because the fleet grows. */
  #awaited: readonly number[] = []
  #handingOver: readonly number[] = []
  #view: FleetView | undefined
  #load: ReplicaLoad = { channels: 0, messagesPerSecond: 0, utilisation: 0 }
  #lastBeatMs: number | undefined
  /** Slots are held again only when the connections have shown since then that they are alive. */
  #aliveFromMs = Number.NEGATIVE_INFINITY
  /** Redis was asked for the first time, and did not answer. */
  #isAlone = false
  #isCutOff = false
  #isLeaving = false
  #isStopped = false
  #isFailing = false
  #running: Promise<void> | undefined

  constructor(deps: FleetDeps) {
    this.#deps = deps
  }

  /**
   * How many slots are in each state, and how many replicas there are, this one included. `awaited`: to be claimed once no
   * more replicas come. `handingOver`: channels that are others' by now, and received here until they hold them.
   */
  counts(): Record<Holding | 'awaited' | 'handingOver' | 'replicas', number> {
    const holdings = [...this.#slots.values()]
    const joining = holdings.filter((holding) => holding === 'joining').length
    return {
      awaited: this.#awaited.length,
      handingOver: this.#handingOver.reduce((sum, slot) => sum + this.channelsOf(slot).length, 0),
      joining,
      holding: holdings.length - joining,
      replicas: this.#view?.members.length ?? 1,
    }
  }

  /** How busy this replica was between the last two heartbeats, as the others see it. */
  get load(): ReplicaLoad {
    return this.#load
  }

  /** Since when (Redis time) nobody has received a channel that this replica is about to join; `undefined`: somebody does. */
  uncoveredSinceMs(login: string): number | undefined {
    return this.#uncoveredMs.get(ingestSlotOf(login))
  }

  isLogged(login: string): boolean {
    return this.#logins.has(login)
  }

  /** Whether another replica that is alive receives the channel, as far as is known. */
  isHeldByOthers(login: string): boolean {
    return isHeldByOthers(ingestSlotOf(login), this.#deps.me.replica, this.#view)
  }

  /** Logged channels of a slot. */
  channelsOf(slot: number): readonly string[] {
    return this.#bySlot.get(slot) ?? []
  }

  /**
   * Says which channels are logged at all, by whichever replica, as read at `readAtMs`: a slot that was claimed after that
   * may have a channel that others know already, and is not held yet.
   */
  want(logins: ReadonlySet<string>, readAtMs: number): void {
    this.#logins = logins
    this.#readAtMs = readAtMs
    this.#bySlot = Map.groupBy(logins, ingestSlotOf)
    this.#tellPool()
  }

  /** Beats once, so that the first channels to be joined are the right ones, and from then on by itself. Never rejects. */
  async start(): Promise<void> {
    await this.#beat()
    this.#isAlone = this.#view === undefined
    this.#tellPool()
    this.#running = this.#keepBeating()
  }

  /** Looks whether slots can be held now. Call it about every 100 ms. */
  tick(): void {
    if (this.#promote()) this.#wake.call()
  }

  /**
   * Leaves every slot to others, as far as there are any, each once others hold it. Gives up after `maxMs`, or when Redis is
   * away; what is left then is received by nobody for a while.
   */
  async handOver(maxMs: number): Promise<void> {
    this.#isLeaving = true
    this.#wake.call()
    await this.#running
    const endMs = this.#deps.nowMs() + maxMs
    const mayGoOn = (): boolean =>
      this.#hasChannels() && this.#hasHeirs() && this.#mayBeat() && this.#deps.nowMs() < endMs
    await this.#beat()
    while (mayGoOn()) {
      await this.#wake.sleep(HANDOVER_BEAT_MS)
      await this.#beat()
    }
    this.#deps.events.handedOver(this.#hasHeirs() ? this.#wanted().size : 0)
  }

  /** Ends the heartbeat and takes this replica off the list; the slots it still had are nobody's. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#wake.call()
    await this.#running
    const { me, replicas, events } = this.#deps
    await replicas()?.leave(me.replica, me.run).catch(events.beatFailed)
  }

  async #keepBeating(): Promise<void> {
    while (!this.#isStopped && !this.#isLeaving) {
      await this.#wake.sleep(HEARTBEAT_MS)
      if (!this.#isStopped) await this.#beat()
    }
  }

  async #beat(): Promise<void> {
    const { replicas, events, nowMs, clock } = this.#deps
    const calls = replicas()
    if (calls === undefined) return
    this.#doubtAfterStandstill()
    this.#noteCutOff()
    const sentMs = nowMs()
    try {
      const result = await calls.beat(this.#message())
      const receivedMs = nowMs()
      clock.learn(result.nowMs, sentMs, receivedMs)
      this.#lastBeatMs = receivedMs
      this.#isFailing = false
      this.#take(result)
    } catch (error) {
      this.#isFailing = true
      events.beatFailed(error)
    }
  }

  #message(): ReplicaBeat {
    const { me, pool, clock, load } = this.#deps
    this.#load = load()
    const coveredMs = pool.coveredMs()
    return {
      replica: me.replica,
      run: me.run,
      weight: me.weight,
      isLeaving: this.#isLeaving || this.#isCutOff,
      coveredMs: coveredMs === undefined ? undefined : clock.toRedisMs(coveredMs),
      load: this.#load,
      slots: new Map(this.#slots),
      version: this.#view?.version,
    }
  }

  #take(result: BeatResult): void {
    const { events, lostReplicas, me } = this.#deps
    if (result.standing === 'superseded') {
      this.#isStopped = true
      events.superseded()
      return
    }
    if (result.standing === 'evicted') events.evicted()
    for (const [slot, sinceMs] of result.uncovered) this.#uncoveredMs.set(slot, sinceMs)
    if (result.view !== undefined) this.#see(result.view)
    else if (this.#awaited.length > 0 && this.#view !== undefined) this.#plan(this.#view)
    // Which channels a dead one had says the registry.
    if (this.#readAtMs === Number.NEGATIVE_INFINITY) return
    const living = (this.#view?.members ?? []).map(({ replica }) => replica)
    lostReplicas.take(result.lost, me.replica, living)
  }

  #see(view: FleetView): void {
    const known = new Set(this.#view?.members.map(({ replica }) => replica))
    if (view.members.some(({ replica }) => !known.has(replica))) {
      this.#grewAtMs = this.#deps.nowMs()
    }
    if (view.members.length !== known.size) this.#deps.events.fleetChanged(view.members.length)
    this.#view = view
    // Everything was joined until now, and is kept until those who own it hold it.
    if (this.#isAlone) for (const slot of this.#bySlot.keys()) this.#slots.set(slot, 'joining')
    this.#isAlone = false
    this.#plan(view)
  }

  #plan(view: FleetView): void {
    const { me, nowMs } = this.#deps
    const { replica, replication } = me
    const { claims, releases, awaited, handingOver } = planSlots({
      replica,
      replication,
      isLeaving: this.#isLeaving || this.#isCutOff,
      isGrowing: nowMs() - this.#grewAtMs < GROWTH_MS,
      view,
      slots: new Set(this.#slots.keys()),
    })
    this.#awaited = awaited
    this.#handingOver = handingOver
    const isHandedOver = (slot: number): boolean => isHeldByOthers(slot, replica, view)
    this.#takeovers.begin([...claims, ...awaited], isHandedOver, nowMs())
    if (claims.length > 0) this.#claimedAtMs = nowMs()
    for (const slot of claims) this.#slots.set(slot, 'joining')
    for (const slot of releases) this.#slots.delete(slot)
    this.#takeovers.keep(new Set([...this.#slots.keys(), ...awaited]))
    this.#tellPool()
    this.#promote()
    if (isUndeclared(this.#slots, replica, view)) this.#wake.call()
  }

  /** Holds the slots all of whose channels are settled. Tells whether there were any. */
  #promote(): boolean {
    const { pool } = this.#deps
    if (this.#view === undefined || this.#readAtMs < this.#claimedAtMs) return false
    if ((pool.coveredMs() ?? Number.POSITIVE_INFINITY) < this.#aliveFromMs) return false
    let isChanged = false
    for (const [slot, holding] of this.#slots) {
      if (holding === 'holding' || !this.channelsOf(slot).every(pool.isSettled)) continue
      this.#slots.set(slot, 'holding')
      this.#uncoveredMs.delete(slot)
      this.#tellTaken(slot)
      isChanged = true
    }
    return isChanged
  }

  #tellTaken(slot: number): void {
    const takeover = this.#takeovers.end(slot)
    if (takeover === undefined || this.channelsOf(slot).length === 0) return
    const { nowMs, events } = this.#deps
    events.slotTaken(takeover.from, nowMs() - takeover.sinceMs)
  }

  #doubtAfterStandstill(): void {
    const nowMs = this.#deps.nowMs()
    if (this.#lastBeatMs === undefined || nowMs - this.#lastBeatMs < STANDSTILL_MS) return
    this.#lastBeatMs = nowMs
    this.#doubt()
  }

  #noteCutOff(): void {
    const isCutOff = this.#deps.pool.isCutOff()
    if (isCutOff === this.#isCutOff) return
    this.#isCutOff = isCutOff
    if (isCutOff) this.#doubt()
    this.#deps.events.cutOff(isCutOff)
  }

  /** Nothing counts as held until the connections have answered. */
  #doubt(): void {
    this.#aliveFromMs = this.#deps.nowMs()
    for (const slot of this.#slots.keys()) this.#slots.set(slot, 'joining')
  }

  #wanted(): ReadonlySet<string> {
    if (this.#isAlone) return this.#logins
    return new Set([...this.#slots.keys()].flatMap((slot) => this.channelsOf(slot)))
  }

  #tellPool(): void {
    const wanted = this.#wanted()
    const claimed = countMissing(wanted, this.#told)
    const released = countMissing(this.#told, wanted)
    this.#told = wanted
    if (claimed + released === 0) return
    this.#deps.pool.want(wanted)
    this.#deps.events.channelsMoved({ claimed, released })
  }

  #hasChannels(): boolean {
    return this.#wanted().size > 0
  }

  #mayBeat(): boolean {
    return !this.#isFailing && !this.#isStopped
  }

  /** Whether there is anybody to leave channels to. */
  #hasHeirs(): boolean {
    const { replica: self } = this.#deps.me
    const members: readonly Member[] = this.#view?.members ?? []
    return members.some(({ replica, isLeaving }) => replica !== self && !isLeaving)
  }
}

/** How many of the first are not in the second. */
function countMissing(of: ReadonlySet<string>, inThese: ReadonlySet<string>): number {
  let missing = 0
  for (const item of of) if (!inThese.has(item)) missing += 1
  return missing
}
