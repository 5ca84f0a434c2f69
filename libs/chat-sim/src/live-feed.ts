import type { Feed } from './feed.ts'
import { Chat } from './generate/chat.ts'
import { generatedChannels } from './generate/settings.ts'
import { mix } from './random.ts'
import type { Hub } from './hub.ts'
import { routeLine } from './line-route.ts'
import type { GenerateSource, Progress } from './types.ts'
import { toWire } from './wire.ts'

const TURN_MS = 20
/** A process that slept does not make up for more than that. */
const CATCH_UP_MS_MAX = 200

/** Sends made-up chat at wall-clock rate, whether anyone listens or not. */
export class LiveFeed implements Feed {
  readonly rooms: ReadonlyMap<string, string>
  readonly #source: GenerateSource
  readonly #chat: Chat
  readonly #hub: Hub
  #sent = 0
  #skipped = 0
  #timer: NodeJS.Timeout | undefined
  #end: (() => void) | undefined

  private constructor(source: GenerateSource, hub: Hub) {
    this.#source = source
    // Started again it must not send the ids of the last time: a logger would take them for lines it has.
    this.#chat = new Chat({ ...source, storySeed: mix(source.seed, Date.now()) })
    this.rooms = new Map(generatedChannels(source).map(({ login, roomId }) => [login, roomId]))
    this.#hub = hub
  }

  /** @throws {ChatSimError} `bad-settings` */
  static open(source: GenerateSource, hub: Hub): LiveFeed {
    return new LiveFeed(source, hub)
  }

  progress(): Progress {
    return {
      sent: this.#sent,
      total: this.#source.lines,
      done: this.#sent + this.#skipped >= (this.#source.lines ?? Infinity),
      skipped: this.#skipped,
      waitingFor: [...this.rooms.keys()].filter((channel) => !this.#hub.hasListener(channel)),
    }
  }

  async run(): Promise<void> {
    let lastMs = performance.now()
    let due = 0
    this.#timer = setInterval(() => {
      const nowMs = performance.now()
      due += (Math.min(nowMs - lastMs, CATCH_UP_MS_MAX) * this.#source.messagesPerSecond) / 1000
      lastMs = nowMs
      for (; due >= 1; due--) this.#sendNext()
    }, TURN_MS)
    await new Promise<void>((resolve) => {
      this.#end = resolve
    })
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#end?.()
  }

  #sendNext(): void {
    if (this.#sent + this.#skipped >= (this.#source.lines ?? Infinity)) return
    const { channel, line } = this.#chat.next(Date.now())
    const { command } = routeLine(line)
    this.#source.onLine?.(line, channel)
    if (this.#hub.deliver({ to: 'channel', channel, command }, toWire(line))) this.#sent++
    else this.#skipped++
  }
}
