import { writeFile } from 'node:fs/promises'
import { generateLines, generatedChannels } from '@poglog/chat-sim'
import { recordFromLine } from '@poglog/log-format'

/** As many as one connection of a replica takes. */
const CHANNELS = 80
const SEED = 20_261_128

/** Chat that no run has seen, also in a file for the program that sends it. */
export interface Lines {
  readonly path: string
  readonly texts: readonly string[]
  readonly channels: readonly { readonly login: string; readonly roomId: string }[]
  /** A message of about the mean size. */
  readonly typical: string
}

/** Makes up chat that begins at a time, and writes it to a file. */
export async function writeLines(
  path: string,
  pace: { count: number; messagesPerSecond: number; startMs: number },
): Promise<Lines> {
  const settings = { ...pace, seed: SEED, channels: CHANNELS }
  const texts = [...generateLines({ ...settings, lines: pace.count })]
  await writeFile(path, texts.join('\n'))
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const typical = texts.find((text) => isTypical(text, bytes / texts.length)) ?? ''
  return { path, texts, channels: generatedChannels(settings), typical }
}

/** How many records some lines are, equal ones counted once. */
export function recordsIn(texts: readonly string[], { channels }: Lines): number {
  const ids = new Map(channels.map(({ login, roomId }) => [`#${login}`, roomId]))
  const keys = texts.map((text) => {
    const channelId = ids.get(/ (#\w+)/.exec(text)?.[1] ?? '')
    return recordFromLine(text, { receivedAtMs: 0, channelId })?.key
  })
  return new Set(keys).size - (keys.includes(undefined) ? 1 : 0)
}

/** How many of the lines say which channel they are of. */
export function routedIn(texts: readonly string[]): number {
  return texts.filter((text) => /^[^ ]*[@;]room-id=\d/.test(text)).length
}

/** How many of the lines tmi.js tells as `message`. */
export function messagesIn(texts: readonly string[]): number {
  return texts.filter((text) => text.includes(' PRIVMSG ') && !/^[^ ]*[@;]bits=/.test(text)).length
}

const isTypical = (text: string, meanBytes: number): boolean =>
  text.includes(' PRIVMSG ') && Math.abs(Buffer.byteLength(text) - meanBytes) <= 2
