import { compareCodePoints, compareText } from './order.ts'
import { recordTag, spokenText } from './record-text.ts'
import type { LogRecord, WordCount } from './types.ts'

const ACTION_START = '\u0001ACTION '
const ACTION_END = '\u0001'
const SPACE = 0x20

/**
 * The case-folded form of a word: lower case by Unicode's rules, in no particular language, and the Greek final sigma
 * as any other. `ß` and `ss` stay different.
 *
 * @see https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-5/#G21790
 */
export function foldWord(word: string): string {
  return word.toLowerCase().replaceAll('ς', 'σ')
}

/** Compares in the order of a words segment: channel id, folded word, word (both by code point), hour, user id. */
export function compareWordCounts(left: WordCount, right: WordCount): number {
  return (
    compareText(left.channelId, right.channelId) ||
    compareCodePoints(left.wordFolded, right.wordFolded) ||
    compareCodePoints(left.word, right.word) ||
    left.hourMs - right.hourMs ||
    compareText(left.userId, right.userId)
  )
}

/**
 * The words of a record that are counted, in order: what lies between Unicode white space in the text of a PRIVMSG
 * (an ACTION unwrapped) or in the user's part of a USERNOTICE. `undefined` for a record that does not count at all:
 * other types, and the copies of a shared chat, which count in the channel where they were written.
 */
export function wordsOf(record: LogRecord): string[] | undefined {
  if (!isCounted(record)) return undefined
  const words: string[] = []
  forEachWord(spokenWords(record), (word) => words.push(word))
  return words
}

/** Whether a record counts: a message of a user, or an event with or without his text, that is no copy. */
export function isCounted(record: LogRecord): boolean {
  const { type, channelId } = record
  if (type !== 'PRIVMSG' && type !== 'USERNOTICE') return false
  const source = recordTag(record, 'source-room-id')
  return source === undefined || source === '' || source === channelId
}

/** The text that the words of a record are in; `''` where it has none. */
export function spokenWords(record: LogRecord): string {
  const { text } = spokenText(record)
  if (text === undefined || !text.startsWith(ACTION_START)) return text ?? ''
  const end = text.endsWith(ACTION_END) ? -ACTION_END.length : text.length
  return text.slice(ACTION_START.length, end)
}

/** Calls back for each piece of a text that lies between white space (`\p{White_Space}`; `\s` differs in two). */
export function forEachWord(text: string, callback: (word: string) => void): void {
  const { length } = text
  let start = 0
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at)
    if (
      code !== SPACE &&
      (code > SPACE ? code < 0x85 || !isWideSpace(code) : !isControlSpace(code))
    )
      continue
    if (at > start) callback(text.slice(start, at))
    start = at + 1
  }
  if (length > start) callback(start === 0 ? text : text.slice(start))
}

/** TAB, LF, VT, FF and CR. */
function isControlSpace(code: number): boolean {
  return code >= 0x09 && code <= 0x0d
}

/** @see https://www.unicode.org/Public/16.0.0/ucd/PropList.txt (White_Space; all of it lies in the first plane) */
function isWideSpace(code: number): boolean {
  if (code < 0x1680) return code === 0x85 || code === 0xa0
  if (code < 0x2000) return code === 0x1680
  if (code <= 0x200a) return true
  return code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000
}

/** Adds the counts of two equal rows: the `combine` of a merge of word counts. */
export function addCounts(first: WordCount, second: WordCount): WordCount {
  const { channelId, wordFolded, word, hourMs, userId } = first
  return { channelId, wordFolded, word, hourMs, userId, count: first.count + second.count }
}
