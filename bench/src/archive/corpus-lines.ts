import type { ChatLine } from './chat.ts'

const SENT = /(tmi-sent-ts=)\d+/
const ROOM = /[;@]room-id=(\d+)/
const CHANNEL = / [A-Z]+ #([a-z0-9_]+)/
/** The message's own id and no `target-msg-id`. */
const ID = /([;@]id=)[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f-]{22})/

export interface CorpusPlan {
  readonly startMs: number
  readonly messagesPerSecond: number
}

/**
 * Yields the lines of a file over and over, at an even rate: each with another sent time, and from the second time on
 * with another id, as those of new messages would be (the first 48 bits count the repetitions).
 *
 * @throws Error when no line of the file has both a channel id and a sent time.
 */
export function* corpusLines(text: string, plan: CorpusPlan): Generator<ChatLine> {
  const lines = text.split(/\r?\n/).filter((line) => SENT.test(line) && ROOM.test(line))
  if (lines.length === 0) throw new Error('the corpus has no line with room-id and tmi-sent-ts')
  const channelIds = new Map(
    lines.map((line) => [CHANNEL.exec(line)?.[1] ?? '', ROOM.exec(line)?.[1]]),
  )
  const gapMs = 1000 / plan.messagesPerSecond
  for (let index = 0; ; index += 1) {
    const line = lines[index % lines.length] ?? ''
    const sentAtMs = Math.floor(plan.startMs + index * gapMs)
    const pass = Math.floor(index / lines.length)
    const bits = (pass * 0x9e3779b1).toString(16).padStart(12, '0').slice(-12)
    const renamed = line.replace(ID, `$1${bits.slice(0, 8)}-${bits.slice(8)}-$2`)
    const raw = (pass === 0 ? line : renamed).replace(SENT, `$1${sentAtMs}`)
    yield { raw, channelId: channelIds.get(CHANNEL.exec(line)?.[1] ?? ''), sentAtMs }
  }
}
