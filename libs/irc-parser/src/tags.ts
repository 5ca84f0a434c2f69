import { commonTags } from './common-tags.ts'
import { unescapeTagValue } from './escape.ts'
import { AT, endOf, partEnd } from './layout.ts'

const EQUALS = 0x3d
/** A tag's key, and the one that stood behind it last. */
interface Key {
  readonly name: string
  next: Key | undefined
}

/** How many keys are remembered: Twitch has about 100. */
const KEYS_MAX = 256
const KEY_LENGTH_MAX = 64
/** Before the first tag of a line. */
const START: Key = { name: '', next: undefined }
const keys = new Map<string, Key>()
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
  return tagsOf(line, tagsEndOf(line))
}

/** The tags in `[1, end)`; none where `end` is 0. */
export function tagsOf(line: string, end: number): ReadonlyMap<string, string> {
  if (end === 0) return NO_TAGS
  const backslash = line.indexOf('\\')
  const hasEscapes = backslash !== -1 && backslash < end
  return (hasEscapes ? undefined : commonTags(line, end)) ?? anyTags(line, end, hasEscapes)
}

/** The tags of any line. */
function anyTags(line: string, end: number, hasEscapes: boolean): Map<string, string> {
  const tags = new Map<string, string>()
  let key = START
  for (let at = 1; at < end;) {
    const next = tagEnd(line, at, end)
    key = likelyKey(line, at, key) ?? keyOf(line.slice(at, next), key)
    if (key.name !== '') {
      const value = line.slice(at + key.name.length + 1, next)
      tags.set(key.name, hasEscapes ? unescapeTagValue(value) : value)
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
 * The key that stood behind the last one in the line before, where it stands here again: nearly
 * always, and it costs neither a search, nor a new string, nor its hash.
 */
function likelyKey(line: string, at: number, { next }: Key): Key | undefined {
  if (next === undefined || line.charCodeAt(at + next.name.length) !== EQUALS) return undefined
  return line.startsWith(next.name, at) ? next : undefined
}

function keyOf(tag: string, previous: Key): Key {
  const equals = tag.indexOf('=')
  const name = equals === -1 ? tag : tag.slice(0, equals)
  const known = keys.get(name) ?? remembered(name)
  if (known === undefined) return { name, next: undefined }
  previous.next = known
  return known
}

/** A new key; `undefined` where it is not worth or not safe to remember. */
function remembered(name: string): Key | undefined {
  if (keys.size >= KEYS_MAX || name.length > KEY_LENGTH_MAX) return undefined
  // A string of its own: one that is cut out of a line would keep the whole line in memory.
  const key = { name: name.split('').join(''), next: undefined }
  keys.set(key.name, key)
  return key
}

function tagsEndOf(line: string): number {
  return line.charCodeAt(0) === AT ? partEnd(line, 0, endOf(line)) : 0
}
