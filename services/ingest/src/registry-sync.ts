import type { HotStore, RegisteredChannel } from '@poglog/hot-store'
import type { ChannelRenames } from './channel-renames.ts'
import type { HotLog } from './hot-log.ts'
import type { OptOutFilter } from './opt-out-filter.ts'

/** For how long a channel that was asked for is logged after somebody last asked for it. */
const UNASKED_MS_MAX = 24 * 3_600_000

export interface RegistrySyncDeps {
  readonly hotLog: HotLog
  /** Channels of the settings: wanted at once, and added to the registry as soon as there is one. */
  readonly configured: readonly string[]
  /** Which channels are logged, as the registry had them at `readAtMs` (monotonic). */
  readonly want: (logins: ReadonlySet<string>, readAtMs: number) => void
  readonly channelIdOf: (login: string) => string | undefined
  readonly learnChannel: (login: string, id: string) => void
  readonly optOuts: Pick<OptOutFilter, 'refresh' | 'isChannelOut'>
  readonly renames: Pick<ChannelRenames, 'check'>
  /** A day, unless a test has less time. */
  readonly unaskedMsMax?: number
  readonly events: {
    readonly registryFailed: (error: unknown) => void
    readonly unaskedDropped: (logins: readonly string[]) => void
  }
}

/** Keeps the wanted channels as the registry has them, without those that have opted out. While Redis is away the last ones stay. */
export class RegistrySync {
  readonly #deps: RegistrySyncDeps
  readonly #new = new Set<string>()
  #isAdded = false

  constructor(deps: RegistrySyncDeps) {
    this.#deps = deps
    deps.want(new Set(deps.configured), Number.NEGATIVE_INFINITY)
  }

  /** Whether nobody has joined a channel yet, as far as the registry knows. */
  isNew(login: string): boolean {
    return this.#new.has(login)
  }

  /** Reads the registry and who has opted out once, and acts on it. Never rejects. */
  async sync(): Promise<void> {
    const { hotLog, want, channelIdOf, learnChannel, optOuts, renames, events } = this.#deps
    const { store } = hotLog
    if (store === undefined) return
    const { registry } = store
    try {
      await optOuts.refresh(store)
      const unregistered = await this.#addConfigured(registry)
      const readAtMs = performance.now()
      const channels = await registry.list()
      this.#noteNew(channels)
      const ids = new Map(channels.map(({ login, channelId }) => [login, channelId]))
      const logins = [...unregistered, ...ids.keys()].filter(
        (login) => !optOuts.isChannelOut(channelIdOf(login) ?? ids.get(login)),
      )
      want(new Set(logins), readAtMs)
      for (const { login, channelId } of channels) {
        const seen = channelIdOf(login)
        if (seen !== undefined && seen !== channelId) await registry.setId(login, seen)
        else if (channelId !== undefined) learnChannel(login, channelId)
      }
      await renames.check(channels, store)
    } catch (error) {
      events.registryFailed(error)
    }
  }

  /**
   * Takes out of the registry what is only there because somebody asked for it a day ago. Every replica may do it. Never
   * rejects.
   */
  async dropUnasked(): Promise<void> {
    const { hotLog, events, unaskedMsMax = UNASKED_MS_MAX } = this.#deps
    try {
      const logins = (await hotLog.store?.registry.dropUnasked(unaskedMsMax)) ?? []
      if (logins.length > 0) events.unaskedDropped(logins)
    } catch (error) {
      events.registryFailed(error)
    }
  }

  /**
   * Adds the channels of the settings, once. A Redis that is full or read-only can still be read.
   *
   * @returns those that the registry may not have yet.
   */
  async #addConfigured(registry: HotStore['registry']): Promise<readonly string[]> {
    const { configured, events } = this.#deps
    if (this.#isAdded) return []
    try {
      await registry.add(configured)
      this.#isAdded = true
      return []
    } catch (error) {
      events.registryFailed(error)
      return configured
    }
  }

  #noteNew(channels: readonly RegisteredChannel[]): void {
    this.#new.clear()
    for (const { login, channelId } of channels) if (channelId === undefined) this.#new.add(login)
  }
}
