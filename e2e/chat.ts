import { generateLines } from '@poglog/chat-sim'

/** Generated chat of some channels, with what a reader should get. */
export interface Chat {
  readonly lines: readonly string[]
  readonly channels: readonly string[]
}

/** Record types that the routes answer when `type` is not given. */
const SHOWN = /^(?:@\S+ )?:\S+ (?:PRIVMSG|USERNOTICE|CLEARCHAT|CLEARMSG) #(\S+)/

const HOUR_MS = 3_600_000
const WRONG_MAX = 5
const MESSAGES_PER_SECOND = 20
const START_MS = Date.UTC(2026, 2, 1)

export function chatLines(options: { seed: number; lines: number; channels: number }): Chat {
  const lines: string[] = []
  const generated = generateLines({
    seed: options.seed,
    channels: options.channels,
    startMs: START_MS,
    messagesPerSecond: MESSAGES_PER_SECOND,
  })
  for (const line of generated) {
    lines.push(line)
    if (lines.length === options.lines) break
  }
  const channels = new Set(
    lines.map((line) => SHOWN.exec(line)?.[1]).filter((name) => name !== undefined),
  )
  return { lines, channels: [...channels] }
}

/** The whole of a channel as the API streams it, oldest first. */
export async function rawLogs(api: string, channel: string): Promise<string> {
  const range = `from=${START_MS}&to=${START_MS + 24 * HOUR_MS}`
  const answer = await fetch(`${api}/channel/${channel}/logs?${range}&order=asc&format=raw`)
  if (!answer.ok) return `status ${answer.status}: ${await answer.text()}`
  return answer.text()
}

/**
 * What is wrong with an answer, nothing when it holds each distinct line of the channel once, byte
 * for byte, in order of sent time. Lines of the same millisecond may come in any order.
 */
export function wrongIn(answer: string, chat: Chat, channel: string): string[] {
  const expected = new Set(chat.lines.filter((line) => SHOWN.exec(line)?.[1] === channel))
  const got = answer.split('\n')
  const wrong: string[] = []
  if (got.pop() !== '') wrong.push('does not end with a line feed')
  const seen = new Set<string>()
  let lastMs = 0
  for (const line of got) {
    if (!expected.has(line)) wrong.push(`was never sent: ${line}`)
    if (seen.has(line)) wrong.push(`twice: ${line}`)
    seen.add(line)
    const sentMs = Number(/tmi-sent-ts=(\d+)/.exec(line)?.[1])
    if (sentMs < lastMs) wrong.push(`out of order: ${line}`)
    lastMs = sentMs
  }
  for (const line of expected) if (!seen.has(line)) wrong.push(`missing: ${line}`)
  return wrong.slice(0, WRONG_MAX)
}

/** What is wrong with the answers for all channels. */
export async function wrongInAll(api: string, chat: Chat): Promise<string[]> {
  const answers = await Promise.all(
    chat.channels.map(async (channel) => wrongIn(await rawLogs(api, channel), chat, channel)),
  )
  return answers.flat()
}
