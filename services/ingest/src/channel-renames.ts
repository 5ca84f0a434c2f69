import type { HotStore, RegisteredChannel } from '@poglog/hot-store'

/** A channel that does not exist is looked up so often; nothing but a rename changes the answer. */
const CHECK_INTERVAL_MS = 600_000
/** Looked up at a time; the others take their turn at the next one. */
const CHECK_CHANNELS_MAX = 500

export interface ChannelRenamesDeps {
  /** Whether this replica asked to join the channel and Twitch did not confirm it. */
  readonly isUnconfirmed: (login: string) => boolean
  readonly events: ChannelRenamesEvents
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number
}

export interface ChannelRenamesEvents {
  /** From now on the channel is logged by its new login. */
  readonly channelRenamed: (change: ChannelRename) => void
}

export interface ChannelRename {
  readonly oldLogin: string
  readonly newLogin: string
  readonly channelId: string
}

type Store = Pick<HotStore, 'names' | 'registry'>

/**
 * Finds channels that are logged by a login they no longer have. Twitch does not answer a JOIN of a login that
 * nobody has, so the id is what goes on: its owner is looked up by the names that lines told.
 */
export class ChannelRenames {
  readonly #deps: ChannelRenamesDeps
  readonly #checkedAtMs = new Map<string, number>()

  constructor(deps: ChannelRenamesDeps) {
    this.#deps = deps
  }

  /**
   * Looks at the channels of the registry, each at most once in ten minutes.
   *
   * @throws {HotStoreError} those that were not renamed are looked at again.
   */
  async check(channels: readonly RegisteredChannel[], store: Store): Promise<void> {
    const due = this.#takeDue(channels)
    if (due.length === 0) return
    const { names, registry } = store
    // A channel of the settings comes back at each start, by the old login and without its id.
    const nameless = due.filter(({ channelId }) => channelId === undefined)
    const ids = await names.idsOf(nameless.map(({ login }) => login))
    const known = due.map(({ login, channelId }) => ({ login, id: channelId ?? ids.get(login) }))
    const logins = await names.loginsOf(known.flatMap(({ id }) => id ?? []))
    for (const { login: oldLogin, id: channelId } of known) {
      const newLogin = channelId === undefined ? undefined : logins.get(channelId)
      if (channelId === undefined || newLogin === undefined || newLogin === oldLogin) continue
      if (await registry.rename(oldLogin, newLogin, channelId)) {
        this.#deps.events.channelRenamed({ oldLogin, newLogin, channelId })
      }
    }
  }

  #takeDue(channels: readonly RegisteredChannel[]): readonly RegisteredChannel[] {
    const nowMs = this.#deps.nowMs()
    const logins = new Set(channels.map(({ login }) => login))
    for (const login of this.#checkedAtMs.keys()) {
      if (!logins.has(login)) this.#checkedAtMs.delete(login)
    }
    const isDue = ({ login }: RegisteredChannel): boolean =>
      this.#deps.isUnconfirmed(login) &&
      nowMs - (this.#checkedAtMs.get(login) ?? Number.NEGATIVE_INFINITY) >= CHECK_INTERVAL_MS
    const due = channels.filter(isDue).slice(0, CHECK_CHANNELS_MAX)
    for (const { login } of due) this.#checkedAtMs.set(login, nowMs)
    return due
  }
}
