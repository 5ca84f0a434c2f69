import type { ChatSim } from '@poglog/chat-sim'
import type { HotEntry } from '@poglog/hot-store'
import type { Ingest, IngestStatus } from '../src/ingest.ts'
import { until } from './world.ts'
import type { World } from './world.ts'

const CHANNELS = 40
const MESSAGES_PER_SECOND = 400
const BUFFER_BYTES_MAX = 1024 * 1024
const SAMPLE_MS = 5

/** What is left when everything was stored once; `disordered` counts channels. */
export const ALL_STORED = { missing: 0, doubled: 0, disordered: 0, gaps: 0, dropped: 0, lost: 0 }

interface Sent {
  readonly line: string
  readonly channel: string
}

interface LoadParts {
  readonly world: World
  readonly redisUrl: string
  readonly sim: ChatSim
  readonly ingest: Ingest & { readonly stop: () => Promise<void> }
  /** Grows with all that is sent. */
  readonly lines: readonly Sent[]
}

/** Chat that goes on all the time, and an ingest that logs it. */
export class Load {
  readonly #parts: LoadParts
  readonly #from: number
  readonly #sampler: NodeJS.Timeout
  #bufferBytesMax = 0

  private constructor(parts: LoadParts) {
    this.#parts = parts
    this.#from = parts.lines.length
    this.#sampler = setInterval(() => {
      this.#bufferBytesMax = Math.max(this.#bufferBytesMax, this.status().bufferBytes)
    }, SAMPLE_MS)
  }

  /** Resolves when all channels are joined: from then on every line counts. */
  static async start(world: World, env: Record<string, string> = {}): Promise<Load> {
    const lines: Sent[] = []
    const onLine = (line: string, channel: string): void => void lines.push({ line, channel })
    const chat = { seed: 3, channels: CHANNELS, messagesPerSecond: MESSAGES_PER_SECOND }
    const sim = await world.startSim({ source: { kind: 'generate', ...chat, onLine } })
    const settings = { BUFFER_BYTES_MAX: String(BUFFER_BYTES_MAX), ...env }
    const ingest = await world.startIngest(sim, settings)
    await until('all are held', () => {
      const { channels, slots } = ingest.status()
      return channels.receiving === CHANNELS && slots.joining + slots.awaited === 0
    })
    const redisUrl = env['REDIS_URL'] ?? world.redisUrl
    return new Load({ world, redisUrl, sim, ingest, lines })
  }

  status(): IngestStatus {
    return this.#parts.ingest.status()
  }

  /** Lines since the start. */
  get sent(): number {
    return this.#parts.lines.length - this.#from
  }

  /** The most there was in the buffer, as a share of its limit. */
  get bufferFill(): number {
    return this.#bufferBytesMax / BUFFER_BYTES_MAX
  }

  async untilSpooling(): Promise<void> {
    await until('the spool is used', () => this.status().spoolBytes > 0)
  }

  async untilDrained(): Promise<void> {
    await until('the spool is empty', () => this.status().spoolBytes === 0, 30_000)
  }

  /** Ends the chat, then ingest in order, and says what of all that was sent is not as it should be. */
  async finish(): Promise<typeof ALL_STORED> {
    const { world, redisUrl, sim, ingest, lines } = this.#parts
    sim.quiet()
    await this.untilDrained()
    await ingest.stop()
    clearInterval(this.#sampler)
    const entries = await world.stored(undefined, redisUrl)
    const raws = new Set(entries.map(({ raw }) => raw))
    const presence = entries.filter(({ type }) => type === 'PRESENCE').map(({ raw }) => raw)
    return {
      missing: lines.slice(this.#from).filter(({ line }) => !raws.has(line)).length,
      doubled: entries.length - raws.size,
      disordered: disordered(entries, lines),
      gaps: entries.filter(({ type }) => type === 'GAP').length,
      dropped: Number(world.told('ingest stopped')[0]?.['dropped']),
      lost: presence.filter((raw) => raw.endsWith(':lost')).length,
    }
  }
}

/** Counts channels whose messages are not stored in the order in which they were sent. */
function disordered(entries: readonly HotEntry[], lines: readonly Sent[]): number {
  const places = new Map(lines.map(({ line }, index) => [line, index]))
  const messages = entries.filter(({ type }) => type === 'PRIVMSG')
  const byChannel = Map.groupBy(messages, ({ channelId }) => channelId).values()
  return [...byChannel].filter((stored) => {
    const found = stored.map(({ raw }) => places.get(raw) ?? -1)
    return found.some((at, index) => at < (found[index - 1] ?? -1))
  }).length
}
