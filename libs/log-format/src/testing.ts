import { recordFromLine } from './record-from-line.ts'
import type { LogRecord, SegmentIdentity } from './types.ts'

const START_MS = Date.UTC(2026, 10, 21, 13)
const WORDS = ['Pog', 'KEKW', 'hello', 'what', 'ﾠ', '😂', 'é', 'a a', ':)', 'LUL LUL', 'the end']

/** Which records {@link generateRecords} makes: `channels` times `recordsEach`, the same for a seed. */
export interface GeneratedRecords {
  readonly channels: number
  readonly recordsEach: number
  readonly seed?: number
  readonly users?: number
  /** The lowest channel id; default 1000. */
  readonly firstChannel?: number
}

/** Yields records in the order of a by-channel segment; nine of ten are PRIVMSG, the others CLEARCHAT. */
export function* generateRecords(settings: GeneratedRecords): Generator<LogRecord> {
  const { channels, recordsEach, seed = 1, users = 500, firstChannel = 1000 } = settings
  const random = randomNumbers(seed)
  const ids = Array.from({ length: channels }, (_, index) =>
    String(firstChannel + index * 7),
  ).toSorted()
  for (const channelId of ids) {
    for (let index = 0; index < recordsEach; index += 1) {
      const sentAtMs = START_MS + index * 100
      const user = Math.floor(random() * random() * users)
      const raw =
        random() < 0.1
          ? clearChat({ channelId, user, sentAtMs })
          : message({ channelId, user, sentAtMs, random })
      const record = recordFromLine(raw, { channelId, receivedAtMs: sentAtMs + 42 })
      if (record === undefined) throw new Error(`no record: ${raw}`)
      yield record
    }
  }
}

/** An identity for segments of tests: the hour 2026-11-21 13:00 UTC of shard 0 of 1. */
export function testIdentity(changes: Partial<SegmentIdentity> = {}): SegmentIdentity {
  return {
    shard: 0,
    shards: 1,
    number: 1,
    projection: 'by-channel',
    level: 'hour',
    arrivalFromMs: START_MS,
    arrivalToMs: START_MS + 3_600_000,
    ...changes,
  }
}

interface Line {
  readonly channelId: string
  readonly user: number
  readonly sentAtMs: number
}

function message(line: Line & { random: () => number }): string {
  const { channelId, user, sentAtMs, random } = line
  const login = `user${user}`
  const words = Array.from(
    { length: 1 + Math.floor(random() * 8) },
    () => WORDS[Math.floor(random() * WORDS.length)] ?? '',
  )
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')
  const id = [0, 8, 12, 16, 20].map((at, index) => hex.slice(at, [8, 12, 16, 20, 32][index]))
  return (
    `@badge-info=;badges=${user % 3 === 0 ? 'subscriber/12' : ''};color=#1E90FF;` +
    `display-name=User${user};emotes=;first-msg=0;flags=;id=${id.join('-')};mod=0;` +
    `room-id=${channelId};subscriber=${user % 3 === 0 ? 1 : 0};tmi-sent-ts=${sentAtMs};turbo=0;` +
    `user-id=${10_000 + user};user-type= ` +
    `:${login}!${login}@${login}.tmi.twitch.tv PRIVMSG #channel${channelId} :${words.join(' ')}`
  )
}

function clearChat({ channelId, user, sentAtMs }: Line): string {
  return (
    `@ban-duration=600;room-id=${channelId};target-user-id=${10_000 + user};` +
    `tmi-sent-ts=${sentAtMs} :tmi.twitch.tv CLEARCHAT #channel${channelId} :user${user}`
  )
}

/** Numbers in [0, 1), the same for a seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
