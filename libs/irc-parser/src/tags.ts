import { unescapeTagValue } from './escape.ts'
import { AT, endOf, partEnd } from './layout.ts'

const EQUALS = 0x3d
/** How many places of a line are remembered: Twitch sends at most about 40 tags. */
const PLACES_MAX = 64
/** The key that stood last at each place. */
const lastKeys: string[] = []
const NO_TAGS: ReadonlyMap<string, string> = new Map()

/**
 * Reads every tag of a line, unescaped, in the order of the line.
 *
 * A tag without a value has the value `''` (IRCv3 tells nobody to distinguish the two); of a tag that
 * stands twice the last value holds; nameless tags are left out. A line without tags has none.
 * Never throws.
 *
 * @see https://ircv3.net/specs/extensions/message-tags
 */
export function parseTags(line: string): ReadonlyMap<string, string> {
  const end = tagsEndOf(line)
  if (end === 0) return NO_TAGS
  const backslash = line.indexOf('\\')
  const hasEscapes = backslash !== -1 && backslash < end
  const tags = new Map<string, string>()
  let at = 1
  for (let index = 0; at < end; index += 1) {
    const next = tagEnd(line, at, end)
    const key = keyAt(line, at, index) ?? newKeyAt(line, { at, next }, index)
    if (key !== '') {
      const value = line.slice(at + key.length + 1, next)
      tags.set(key, hasEscapes ? unescapeTagValue(value) : value)
    }
    at = next + 1
  }
  return tags
}

/**
 * Reads one tag of a line as it was sent, still escaped, without reading the others into memory.
 *
 * @returns `''` for a tag without a value, `undefined` where the line has no such tag.
 */
export function rawTag(line: string, name: string): string | undefined {
  const end = tagsEndOf(line)
  let found: string | undefined
  let at = 1
  while (at < end) {
    const next = tagEnd(line, at, end)
    if (line.startsWith(name, at)) found = valueAfter(line, at + name.length, next) ?? found
    at = next + 1
  }
  return found
}

/** Where the tag that begins at `at` ends: the next `;` or the end of the tags. */
export function tagEnd(line: string, at: number, end: number): number {
  const semicolon = line.indexOf(';', at)
  return semicolon === -1 || semicolon > end ? end : semicolon
}

/** The value of a tag whose name ends at `keyEnd`; `undefined` where the name goes on. */
export function valueAfter(line: string, keyEnd: number, end: number): string | undefined {
  if (keyEnd === end) return ''
  return line.charCodeAt(keyEnd) === EQUALS ? line.slice(keyEnd + 1, end) : undefined
}

/**
 * The key that stood at this place of the line before, where it stands here again: nearly always, and
 * it costs neither a search, nor a new string, nor its hash (a third of the time of `parseTags`).
 */
function keyAt(line: string, at: number, index: number): string | undefined {
  const key = lastKeys[index]
  if (key === undefined || line.charCodeAt(at + key.length) !== EQUALS) return undefined
  return line.startsWith(key, at) ? key : undefined
}

function newKeyAt(line: string, { at, next }: { at: number; next: number }, index: number): string {
  const tag = line.slice(at, next) // Not searched in the line: without any `=` each search would go to its end.
  const equals = tag.indexOf('=')
  const key = equals === -1 ? tag : tag.slice(0, equals)
  if (index < PLACES_MAX) lastKeys[index] = key
  return key
}

function tagsEndOf(line: string): number {
  return line.charCodeAt(0) === AT ? partEnd(line, 0, endOf(line)) : 0
}
