import { ChannelEntry } from './channel-entry.ts'
import type { JoinState } from './channel-entry.ts'
import { Coverage } from './coverage.ts'
import { DueJoins } from './due-joins.ts'
import type { PoolConnection } from './pool-connection.ts'
import type { PoolDeps } from './pool-deps.ts'

export type ChannelCounts = Record<JoinState, number> & {
  /** Lines come from them. */
  readonly receiving: number
  /** Wanted beyond what may be asked for; they are `waiting`. */
  readonly overLimit: number
}

type LossCause = 'connection' | 'refused'

/** The wanted channels: where each is joined, and up to when it is covered. Tells of their presence. */
export class ChannelSet {
  readonly #deps: PoolDeps
  readonly #entries = new Map<string, ChannelEntry>()
  readonly #coverage = new Coverage()
  #joining = 0
  #hasReceived = false
  #isOverLimit = false

  constructor(deps: PoolDeps) {
    this.#deps = deps
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0
  }

  /** Whether a channel waits for its confirmation. */
  get isJoining(): boolean {
    return this.#joining > 0
  }

  counts(): ChannelCounts {
    const counts = { waiting: 0, joining: 0, joined: 0, refused: 0, receiving: 0 }
    for (const { state, isReceiving } of this.#entries.values()) {
      counts[state] += 1
      if (isReceiving) counts.receiving += 1
    }
    const wanted = counts.waiting + counts.joining + counts.joined
    return { ...counts, overLimit: Math.max(0, wanted - this.#deps.settings.channelsMax) }
  }

  isSettled(login: string): boolean {
    return this.#entries.get(login)?.isSettled ?? false
  }

  isAskedInVain(login: string): boolean {
    const entry = this.#entries.get(login)
    return entry !== undefined && entry.isSettled && !entry.isReceiving
  }

  *receiving(): Generator<{ readonly login: string; readonly coveredMs: number }> {
    const storedUntilMs = this.#deps.storedUntilMs()
    for (const entry of this.#entries.values()) {
      const { login, isReceiving } = entry
      if (isReceiving) yield { login, coveredMs: entry.coveredMs(storedUntilMs) }
    }
  }

  coveredMs(): number | undefined {
    if (!this.#hasReceived) return undefined
    const storedUntilMs = this.#deps.storedUntilMs()
    const sources = new Set<PoolConnection>()
    for (const { source } of this.#entries.values()) if (source !== undefined) sources.add(source)
    const coveredMs = [...sources].map((connection) => connection.coveredMs(storedUntilMs))
    return this.#coverage.claim(Math.min(this.#deps.nowMs(), ...coveredMs), storedUntilMs)
  }

  want(logins: ReadonlySet<string>): void {
    for (const login of logins) {
      if (!this.#entries.has(login)) this.#entries.set(login, new ChannelEntry(login))
    }
    for (const entry of this.#entries.values()) {
      const { login, on, before } = entry
      if (logins.has(login)) continue
      this.#part(entry)
      on?.part(login)
      before?.part(login)
      this.#deps.events.parted(login)
    }
    const { events, settings } = this.#deps
    const isOverLimit = logins.size > settings.channelsMax
    if (isOverLimit && !this.#isOverLimit) events.channelsLimited(logins.size, settings.channelsMax)
    this.#isOverLimit = isOverLimit
  }

  /** All connections were closed. */
  partAll(): void {
    this.endMoves()
    for (const entry of this.#entries.values()) this.#part(entry)
  }

  /** What may be asked for now. */
  due(nowMs: number): DueJoins {
    const { priorityOf, settings } = this.#deps
    return new DueJoins([...this.#entries.values()], { ...settings, priorityOf, nowMs })
  }

  ask(entries: readonly ChannelEntry[], connection: PoolConnection): void {
    const nowMs = this.#deps.nowMs()
    for (const entry of entries) entry.ask(connection, nowMs)
    this.#joining += entries.length
    const logins = entries.map(({ login }) => login)
    connection.join(logins)
    this.#deps.events.joinsAsked(logins)
  }

  confirm(login: string, connection: PoolConnection): boolean {
    const entry = this.#entries.get(login)
    if (entry === undefined || entry.on !== connection || entry.state !== 'joining') return false
    const nowMs = this.#deps.nowMs()
    const wasReceiving = entry.isReceiving
    entry.confirm(nowMs)
    this.#joining -= 1
    this.#hasReceived = true
    if (!wasReceiving) this.#deps.presence.joined(login, nowMs)
    this.#deps.events.joined(login)
    return true
  }

  refuse(login: string, messageId: string, connection: PoolConnection): void {
    const entry = this.#entries.get(login)
    if (entry === undefined || entry.on !== connection) return
    this.#change(entry, () => entry.refuse(this.#deps.nowMs()), 'refused')
    this.#deps.events.joinRefused(login, messageId)
  }

  /** Twitch has taken us out of a channel: a banned account hears nothing else. Asked for again, it says why. */
  kick(login: string, connection: PoolConnection): void {
    const entry = this.#entries.get(login)
    if (entry === undefined || entry.on !== connection || entry.state !== 'joined') return
    this.#change(entry, () => entry.giveUpJoin(this.#deps.nowMs()), 'refused')
    this.#deps.events.joinRefused(login, 'part')
  }

  giveUpUnconfirmed(nowMs: number): void {
    this.#joining = 0
    for (const entry of this.#entries.values()) {
      if (entry.isUnconfirmed(nowMs)) {
        // Should it be joined after all, Twitch would not answer a second JOIN.
        entry.on?.connection.part([entry.login])
        entry.giveUpJoin(nowMs)
        this.#deps.events.joinUnconfirmed(entry.login)
      }
      if (entry.state === 'joining') this.#joining += 1
    }
  }

  /** Ends the moves that are complete, and takes back those that are not needed any more. */
  endMoves(): void {
    const storedUntilMs = this.#deps.storedUntilMs()
    for (const entry of this.#entries.values()) {
      const { before, login } = entry
      if (before === undefined) continue
      if (entry.hasMoved(storedUntilMs)) {
        entry.endMove()
        if (before.state === 'ready') before.part(login)
      } else if (before.state === 'ready' && entry.state !== 'joining' && !entry.isMoving) {
        entry.stay()
      }
    }
  }

  /** The connections that channels have not yet left. */
  needed(): ReadonlySet<PoolConnection | undefined> {
    return new Set([...this.#entries.values()].map(({ before }) => before))
  }

  /** The channels of a connection are to be joined elsewhere. */
  leave(connection: PoolConnection): void {
    for (const login of connection.logins) {
      const entry = this.#entries.get(login)
      if (entry?.isMoving === true) this.#breakMove(entry)
      entry?.leave()
    }
    connection.logins.clear()
  }

  /** A connection is gone. Returns how many channels are not received any more. */
  lose(connection: PoolConnection): number {
    let lost = 0
    for (const entry of this.#entries.values()) {
      if (entry.isMoving && entry.before === connection) this.#breakMove(entry)
      const cause = entry.state === 'refused' ? 'refused' : 'connection'
      if (this.#change(entry, () => entry.lose(connection), cause)) lost += 1
    }
    return lost
  }

  /** Tells when it ends the reception of a channel, and returns whether it did. */
  #change(entry: ChannelEntry, change: () => void, cause: LossCause): boolean {
    const { source } = entry
    change()
    if (source === undefined || entry.isReceiving) return false
    this.#deps.presence.lost(entry.login, this.#endedMs(entry, source), cause)
    return true
  }

  /** The connection before goes without having brought everything: something may be missing. */
  #breakMove(entry: ChannelEntry): void {
    const { source, login, joinedAtMs } = entry
    if (source === undefined) return
    this.#deps.presence.lost(login, this.#endedMs(entry, source), 'connection')
    entry.endMove()
    this.#deps.presence.joined(login, joinedAtMs)
  }

  #part(entry: ChannelEntry): void {
    const { source, login } = entry
    this.#entries.delete(login)
    if (source !== undefined) this.#deps.presence.parted(login, this.#endedMs(entry, source))
  }

  #endedMs(entry: ChannelEntry, source: PoolConnection): number {
    const coveredMs = entry.coveredMs(this.#deps.storedUntilMs(), source)
    this.#coverage.ended(coveredMs, this.#deps.nowMs())
    return coveredMs
  }
}
