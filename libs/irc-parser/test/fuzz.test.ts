import { describe, expect, it } from 'vitest'
import {
  parseMessage,
  parseRouting,
  parseTags,
  rawTag,
  toUtf16Ranges,
  unescapeTagValue,
} from '../src/index.ts'
import type { Routing, TwitchMessage } from '../src/index.ts'
import { LINES, PRIVMSG } from './fixtures.ts'
import { Dice, mutate } from './mutate.ts'
import { referenceRouting, referenceTagsOf } from './reference.ts'

const LINES_COUNT = 1_000_000
const SEED = 20_261_121
/** Comparing with the reference costs more than all the rest: every so many lines. */
const REFERENCE_EVERY = 8
/** Half a minute of a core that nobody else uses. */
const TIMEOUT_MS = 300_000

/** What is wrong with the result of a line; `undefined` when nothing is. No `expect` a line: it is slow. */
function faultOf(line: string, routing: Routing | undefined, index: number): string | undefined {
  const message = parseMessage(line)
  if (index % REFERENCE_EVERY === 0) {
    const expected = JSON.stringify(referenceRouting(line))
    if (JSON.stringify(routing) !== expected) return `parseRouting differs from ${expected}`
  }
  if (routing === undefined || message === undefined) {
    return routing === message ? undefined : 'only one of the two parsers reads it'
  }
  if (index % REFERENCE_EVERY === 0) {
    const expected = JSON.stringify([...referenceTagsOf(line)])
    if (JSON.stringify([...message.tags]) !== expected) return `tags differ from ${expected}`
  }
  return routingFault(line, routing) ?? messageFault(message, routing) ?? tagFault(line, message)
}

function routingFault(line: string, routing: Routing): string | undefined {
  const { sentAtMs, text, raw, ...texts } = routing
  if (!line.startsWith(raw) || /[^\r\n]/.test(line.slice(raw.length))) return 'raw is not kept'
  if (!/^(?:[A-Z]+|\d{3})$/.test(routing.command)) return 'command'
  if (Object.values(texts).some((value) => typeof value !== 'string')) return 'not a string'
  if (text !== undefined && !raw.includes(text)) return 'text'
  return sentAtMs === undefined || Number.isSafeInteger(sentAtMs) ? undefined : 'sentAtMs'
}

function messageFault(message: TwitchMessage, routing: Routing): string | undefined {
  const names = ['channel', 'channelId', 'sentAtMs', 'raw'] as const
  const different = names.find((name) => message[name] !== routing[name])
  if (different !== undefined) return `parseMessage differs in ${different}`
  if (message.verb.toUpperCase() !== routing.command) return 'verb'
  if (message.command === 'PRIVMSG' || message.command === 'WHISPER') {
    const emotes = toUtf16Ranges(message.text, message.emotes)
    const isInside = emotes.every(
      ({ start, end }) => 0 <= start && start <= end && end <= message.text.length,
    )
    if (!isInside) return 'emotes'
    if (message.login !== routing.login) return 'login'
  }
  if (message.command === 'PRIVMSG' && message.id !== routing.id) return 'id'
  return message.command === 'NUMERIC' && !Number.isInteger(message.code) ? 'code' : undefined
}

function tagFault(line: string, message: TwitchMessage): string | undefined {
  for (const name of ['id', 'room-id', 'emotes']) {
    const raw = rawTag(line, name)
    const value = raw === undefined ? undefined : unescapeTagValue(raw)
    if (message.tags.get(name) !== value) return `rawTag differs in ${name}`
  }
  return undefined
}

describe('the parser', () => {
  it('bears a million mutated lines (S1, Q2)', { timeout: TIMEOUT_MS }, () => {
    const dice = new Dice(SEED)
    let read = 0
    let firstFault: string | undefined
    for (let index = 0; index < LINES_COUNT && firstFault === undefined; index += 1) {
      const line = mutate(dice.pick(LINES, PRIVMSG), dice.pick(LINES, PRIVMSG), dice)
      const routing = parseRouting(line)
      const fault = faultOf(line, routing, index)
      if (fault !== undefined) firstFault = `${fault}: ${JSON.stringify(line)}`
      if (routing !== undefined) read += 1
    }
    expect(firstFault).toBeUndefined()
    // A mutation that leaves nothing readable would test nothing.
    expect(read).toBeGreaterThan(LINES_COUNT / 3)
  })

  it('bears lines of a megabyte in linear time (S1)', () => {
    for (const piece of [
      ';',
      ';id=',
      ' ',
      '\r\n',
      '\\',
      '=',
      ';id=1;b',
      '/',
      ',',
      ':',
      '25:0-1,',
      '😀',
    ]) {
      const filler = piece.repeat(Math.ceil(1_000_000 / piece.length))
      for (const line of [
        filler,
        `@a${filler} PING`,
        `${PRIVMSG}${filler}`,
        `@emotes=${filler} WHISPER a :${filler}`,
      ]) {
        expect(parseMessage(line) === undefined).toBe(parseRouting(line) === undefined)
        expect(parseTags(line).size).toBeLessThan(line.length)
      }
    }
  })
})
