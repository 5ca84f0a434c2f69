import { setTimeout as sleep } from 'node:timers/promises'
import { ingestSlotOf } from '@poglog/hot-store'
import type { RegisteredChannel, ReplicaStatus } from '@poglog/hot-store'
import { RECORD_TYPES } from '@poglog/log-format'
import { LRUCache } from 'lru-cache'
import type { Events } from '../events.ts'
import {
  ACCESSES_REMEMBERED,
  ACCESS_NOTED_MS,
  JOIN_FRESH_MS,
  REPLICAS_KEPT_MS,
  REPLICA_SILENT_MS_MAX,
} from '../limits.ts'
import type { RecentLimits } from '../limits.ts'
import type { HotReads, ReadDeps } from '../read/deps.ts'
import { readLogs } from '../read/read-logs.ts'
import type { NameReads } from '../routes/subjects.ts'
import { RecentMessagesError } from './answers.ts'

/** What is used of the hot store: who the channel is, and who receives it. */
export interface ChannelStore extends HotReads, Pick<NameReads, 'names'> {
  readonly registry: {
    readonly find: (login: string) => Promise<RegisteredChannel | undefined>
    readonly ask: (login: string, askedMax: number) => Promise<'added' | 'known' | 'full'>
    readonly noteAccess: (login: string) => Promise<void>
  }
  readonly replicas: { readonly list: () => Promise<Fleet> }
}

interface Fleet {
  readonly nowMs: number
  readonly replicas: readonly Pick<ReplicaStatus, 'beatMs' | 'slots'>[]
}

export interface ChannelStateDeps extends Omit<ReadDeps, 'hot'> {
  readonly hot: ChannelStore
  readonly events: Pick<Events, 'joinOnDemandFull'>
  /** How many channels may be logged only because somebody asked for them; 0: none. */
  readonly joinOnDemandMax: number
  readonly recentLimits: RecentLimits
}

/** A channel that was asked for. `channelId` is `undefined` where nobody ever received it. */
export interface ChannelState {
  readonly channelId: string | undefined
  readonly isJoined: boolean
}

/** Tells which channel a login is and whether it is received now; has it joined where that is allowed. */
export class ChannelStates {
  readonly #deps: ChannelStateDeps
  /** Channels whose last access was noted. */
  readonly #noted = new LRUCache<string, true>({ max: ACCESSES_REMEMBERED, ttl: ACCESS_NOTED_MS })
  #fleet: { readonly readAtMs: number; readonly list: Promise<Fleet> } | undefined

  constructor(deps: ChannelStateDeps) {
    this.#deps = deps
  }

  /**
   * Looks a channel up. One that was just registered is waited for, a few seconds at most.
   *
   * @throws {RecentMessagesError} `channel_ignored` when it has opted out.
   */
  async find(login: string, signal: AbortSignal): Promise<ChannelState> {
    const { hot, joinOnDemandMax, recentLimits } = this.#deps
    const isAsked = joinOnDemandMax > 0
    let state = await this.#look(login, signal)
    if (state.registered === undefined && isAsked) {
      await this.#ask(login)
      state = await this.#look(login, signal)
    }
    const waitMs = isAsked ? recentLimits.joinWaitMsMax : 0
    const deadlineMs = performance.now() + waitMs
    while (state.isFresh && !state.isJoined && performance.now() < deadlineMs) {
      await sleep(recentLimits.joinLookMs, undefined, { signal })
      state = await this.#look(login, signal)
    }
    if (isAsked && state.isJoined && !this.#noted.has(login)) {
      await hot.registry.noteAccess(login)
      this.#noted.set(login, true)
    }
    return state
  }

  async #ask(login: string): Promise<void> {
    const { hot, events, joinOnDemandMax } = this.#deps
    if ((await hot.registry.ask(login, joinOnDemandMax)) === 'full') events.joinOnDemandFull()
  }

  async #look(login: string, signal: AbortSignal) {
    const { hot } = this.#deps
    const [ids, registered, optOuts, fleet] = await Promise.all([
      hot.names.idsOf([login]),
      hot.registry.find(login),
      hot.optOuts.view(),
      this.#listFleet(),
    ])
    const channelId = ids.get(login) ?? registered?.channelId
    if (channelId !== undefined && optOuts.channels.has(channelId)) {
      const text = `The channel login \`${login}\` is excluded from this service`
      throw new RecentMessagesError('channel_ignored', text)
    }
    const isFresh = registered !== undefined && fleet.nowMs - registered.addedAtMs < JOIN_FRESH_MS
    const isJoined =
      registered !== undefined &&
      isHeld(login, fleet) &&
      (registered.channelId !== undefined ||
        (channelId !== undefined && (await this.#hasArrived(channelId, registered, signal))))
    return { channelId, registered, isFresh, isJoined }
  }

  /** Whether anything of a channel has come since it was registered: its id is noted only seconds later. */
  async #hasArrived(
    channelId: string,
    { addedAtMs }: RegisteredChannel,
    signal: AbortSignal,
  ): Promise<boolean> {
    const range = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
    const types = new Set(RECORD_TYPES)
    const query = { ...range, channelId, types, order: 'desc', limit: 1, signal } as const
    for await (const batch of readLogs(query, this.#deps)) {
      for (const { receivedAtMs } of batch) return receivedAtMs >= addedAtMs
    }
    return false
  }

  /** One list for all requests of a moment. */
  async #listFleet(): Promise<Fleet> {
    const nowMs = performance.now()
    if (this.#fleet === undefined || nowMs - this.#fleet.readAtMs > REPLICAS_KEPT_MS) {
      this.#fleet = { readAtMs: nowMs, list: this.#deps.hot.replicas.list() }
    }
    return await this.#fleet.list
  }
}

/** Whether a replica that lives has joined all channels of a login's slot. */
function isHeld(login: string, { nowMs, replicas }: Fleet): boolean {
  const slot = ingestSlotOf(login)
  return replicas.some(
    ({ beatMs, slots }) => nowMs - beatMs < REPLICA_SILENT_MS_MAX && slots.get(slot) === 'holding',
  )
}
