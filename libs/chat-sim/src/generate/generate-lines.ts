import { Random } from '../random.ts'
import { Chat, JITTER_MS } from './chat.ts'
import type { GeneratorSettings } from './settings.ts'

/**
 * Yields lines of made-up Twitch chat without line ends, in the order a client would get them: many
 * channels of very different size, people who write in several of them, emotes, replies, copied
 * texts, subscriptions, timeouts, deleted messages, room changes, shared chat, scripts of all kinds.
 *
 * The lines follow from the settings alone. None was sent before `startMs`; sent times step back by
 * up to 120 ms now and then, as real ones do. Endless unless `lines` is set; the memory it takes does
 * not grow with the number of lines.
 *
 * @throws {ChatSimError} `bad-settings`, at the first line.
 */
export function* generateLines(settings: GeneratorSettings): Generator<string, void, undefined> {
  const chat = new Chat(settings)
  const gaps = new Random(settings.seed ^ 0x5eed)
  const meanGapMs = 1000 / settings.messagesPerSecond
  let atMs = settings.startMs + JITTER_MS
  for (let left = settings.lines ?? Infinity; left > 0; left--) {
    yield chat.next(Math.floor(atMs)).line
    atMs -= Math.log(1 - gaps.unit()) * meanGapMs
  }
}
