/** A piece of what somebody wrote. `isMarked`: it is what was searched for. */
export type Fragment =
  | { readonly kind: 'text'; readonly text: string; readonly isMarked: boolean }
  | {
      readonly kind: 'emote'
      readonly text: string
      readonly id: string
      readonly isMarked: boolean
    }
  | { readonly kind: 'mention'; readonly text: string; readonly login: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }

interface EmotePlace {
  readonly id: string
  readonly start: number
  readonly end: number
}

/** An emote's id is a number, or `emotesv2_` and a hash; anything else never becomes an address. */
const EMOTE_ID = /^[\w-]{1,64}$/
const SPECIAL = /https?:\/\/[^\s<>"]+|(?<![\w@])@(\w{1,25})/gi
/** What ends a sentence rather than an address. */
const AFTER_LINK = /[.,:;!?)\]}'"]+$/

/**
 * Takes a text apart for showing: emotes by the places that Twitch gives, links, names, and what was searched for.
 *
 * @param emotes `25:0-4,12-16/1902:6-10`: id, and first and last code point of each. Places beyond the text, or over
 *   each other, are left as text.
 * @param search marked in texts, in any case; nothing when empty.
 * @see https://dev.twitch.tv/docs/chat/irc/#privmsg-tags
 */
export function fragmentsOf(text: string, emotes = '', search = ''): readonly Fragment[] {
  const fragments: Fragment[] = []
  const points = emotes === '' ? [] : Array.from(text)
  let at = 0
  for (const { id, start, end } of emotePlaces(emotes, points.length)) {
    if (start < at) continue
    addText(fragments, points.slice(at, start).join(''), search)
    const name = points.slice(start, end).join('')
    const isMarked = search !== '' && name.toLowerCase().includes(search.toLowerCase())
    fragments.push({ kind: 'emote', id, text: name, isMarked })
    at = end
  }
  addText(fragments, emotes === '' ? text : points.slice(at).join(''), search)
  return fragments
}

/** In the order of the text; `end` is not included. */
function emotePlaces(tag: string, length: number): readonly EmotePlace[] {
  if (tag === '') return []
  const places = tag.split('/').flatMap((emote) => {
    const [id = '', ranges = ''] = emote.split(':')
    if (!EMOTE_ID.test(id)) return []
    return ranges.split(',').flatMap((range) => {
      const [first, last] = range.split('-').map(Number)
      const isThere =
        Number.isInteger(first) &&
        Number.isInteger(last) &&
        first !== undefined &&
        last !== undefined
      if (!isThere || first < 0 || last < first || last >= length) return []
      return [{ id, start: first, end: last + 1 }]
    })
  })
  return places.toSorted((left, right) => left.start - right.start)
}

function addText(fragments: Fragment[], text: string, search: string): void {
  let at = 0
  for (const match of text.matchAll(SPECIAL)) {
    const login = match[1]
    const found = login === undefined ? match[0].replace(AFTER_LINK, '') : match[0]
    addMarked(fragments, text.slice(at, match.index), search)
    fragments.push(
      login === undefined
        ? { kind: 'link', text: found, url: found }
        : { kind: 'mention', text: found, login: login.toLowerCase() },
    )
    at = match.index + found.length
  }
  addMarked(fragments, text.slice(at), search)
}

function addMarked(fragments: Fragment[], text: string, search: string): void {
  const add = (piece: string, isMarked: boolean): void => {
    if (piece !== '') fragments.push({ kind: 'text', text: piece, isMarked })
  }
  if (search === '') {
    add(text, false)
    return
  }
  let at = 0
  for (const match of text.matchAll(new RegExp(escaped(search), 'giu'))) {
    add(text.slice(at, match.index), false)
    add(match[0], true)
    at = match.index + match[0].length
  }
  add(text.slice(at), false)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
