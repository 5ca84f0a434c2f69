import { wholeNumberOf } from './values.ts'

/**
 * Where an emote stands in a text: `[start, end)` in **code points** from the beginning of the text
 * without its ACTION wrapper. Twitch sends the last code point, here `end` is the one after it.
 * Twitch's offsets may lie beyond the text (it has been seen to count wrongly).
 */
export interface EmoteRange {
  readonly id: string
  readonly start: number
  readonly end: number
}

/**
 * Reads the `emotes` tag, `id:first-last,first-last/id:first-last`, ordered by `start`.
 *
 * Ranges that are no two numbers in order are left out. Never throws.
 *
 * @see https://dev.twitch.tv/docs/chat/irc/#privmsg-tags
 */
export function parseEmotes(value: string): EmoteRange[] {
  if (value === '') return []
  const ranges: EmoteRange[] = []
  for (const emote of value.split('/')) {
    const colon = emote.lastIndexOf(':')
    if (colon < 1) continue
    const id = emote.slice(0, colon)
    for (const range of emote.slice(colon + 1).split(',')) {
      const dash = range.indexOf('-')
      const first = wholeNumberOf(range.slice(0, Math.max(dash, 0)))
      const last = wholeNumberOf(range.slice(dash + 1))
      if (first !== undefined && last !== undefined && first <= last) {
        ranges.push({ id, start: first, end: last + 1 })
      }
    }
  }
  return ranges.toSorted((a, b) => a.start - b.start)
}

/**
 * Translates code-point ranges into UTF-16 offsets, so that `text.slice(start, end)` is the emote's
 * code. What lies beyond the text is cut off at its end. A lone surrogate counts as one code point.
 */
export function toUtf16Ranges(text: string, ranges: readonly EmoteRange[]): EmoteRange[] {
  const isAstral = /[\ud800-\udfff]/.test(text)
  const offsets = isAstral ? codePointOffsets(text) : undefined
  const offsetOf = (codePoint: number): number =>
    offsets === undefined ? Math.min(codePoint, text.length) : (offsets[codePoint] ?? text.length)
  return ranges.map(({ id, start, end }) => ({ id, start: offsetOf(start), end: offsetOf(end) }))
}

function codePointOffsets(text: string): number[] {
  const offsets: number[] = []
  let at = 0
  for (const char of text) {
    offsets.push(at)
    at += char.length
  }
  return offsets
}
