import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startChatSim } from '@poglog/chat-sim'
import type { ChatSim } from '@poglog/chat-sim'
import { eventually, runPoglog, startPoglog, temporaryFolder } from '../poglog.ts'
import type { Poglog } from '../poglog.ts'
import { knownChat } from './known-chat.ts'
import type { KnownLine } from './known-chat.ts'

export const ADMIN_KEY = 'a-key-of-sixteen-characters'
/** Channels that may be logged because a client asks for them. */
const ON_DEMAND_MAX = 2
/** A channel that Twitch does not have. */
export const MISSING = 'nobody_at_all'
const JOIN_MS_MAX = 60_000

/** A Twitch whose chat is known, and a poglog that a user has started on it. */
export class ClientsWorld implements AsyncDisposable {
  readonly sim: ChatSim
  readonly poglog: Poglog
  /** What was sent, in that order. */
  readonly chat: readonly KnownLine[]
  readonly #opened: AsyncDisposableStack

  private constructor(
    parts: Pick<ClientsWorld, 'sim' | 'poglog' | 'chat'>,
    opened: AsyncDisposableStack,
  ) {
    this.sim = parts.sim
    this.poglog = parts.poglog
    this.chat = parts.chat
    this.#opened = opened
  }

  static async open(): Promise<ClientsWorld> {
    await using opening = new AsyncDisposableStack()
    const folder = opening.use(await temporaryFolder())
    const chat = knownChat(Date.now())
    const file = join(folder.path, 'chat.irc.txt')
    await writeFile(file, `${chat.map(({ raw }) => raw).join('\n')}\n`)
    const source = { kind: 'replay', file, rate: 'max' } as const
    const sim = opening.adopt(
      await startChatSim({ source, missingChannels: [MISSING] }),
      (started) => started.stop(),
    )
    const poglog = await startPoglog({
      data: join(folder.path, 'data'),
      args: ['--channels', sim.channels.join(',')],
      env: {
        TWITCH_URL: sim.url,
        ADMIN_API_KEY: ADMIN_KEY,
        JOIN_ON_DEMAND: 'true',
        JOIN_ON_DEMAND_MAX: String(ON_DEMAND_MAX),
      },
      onEnd: (end) => opening.defer(end),
    })
    await eventually(async () => sim.progress().done, JOIN_MS_MAX)
    return new ClientsWorld({ sim, poglog, chat }, opening.move())
  }

  /** Moves all that is hot into segments, at once. */
  async seal(): Promise<void> {
    const { code, output } = await runPoglog(['seal', '--data', this.poglog.data])
    if (code !== 0) throw new Error(output)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync()
  }
}
