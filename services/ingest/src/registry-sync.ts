import type { HotLog } from './hot-log.ts'

export interface RegistrySyncDeps {
  readonly hotLog: HotLog
  /** Channels of the settings: wanted at once, and added to the registry as soon as there is one. */
  readonly configured: readonly string[]
  readonly want: (logins: ReadonlySet<string>) => void
  readonly channelIdOf: (login: string) => string | undefined
  readonly learnChannel: (login: string, id: string) => void
  readonly events: { readonly registryFailed: (error: unknown) => void }
}

/** Keeps the wanted channels as the registry has them. While Redis is away the last ones stay. */
export class RegistrySync {
  readonly #deps: RegistrySyncDeps
  #isAdded = false

  constructor(deps: RegistrySyncDeps) {
    this.#deps = deps
    deps.want(new Set(deps.configured))
  }

  /** Reads the registry once and acts on it. Never rejects. */
  async sync(): Promise<void> {
    const { hotLog, configured, want, channelIdOf, learnChannel, events } = this.#deps
    const registry = hotLog.store?.registry
    if (registry === undefined) return
    try {
      if (!this.#isAdded) await registry.add(configured)
      this.#isAdded = true
      const channels = await registry.list()
      want(new Set(channels.map(({ login }) => login)))
      for (const { login, channelId } of channels) {
        const seen = channelIdOf(login)
        if (seen !== undefined && seen !== channelId) await registry.setId(login, seen)
        else if (channelId !== undefined) learnChannel(login, channelId)
      }
    } catch (error) {
      events.registryFailed(error)
    }
  }
}
