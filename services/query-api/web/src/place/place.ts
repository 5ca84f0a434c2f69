import { readSubject } from './subject.ts'
import type { Subject } from './subject.ts'
import { readTime, timeText } from './time.ts'

export const VIEWS = ['log', 'words', 'coverage', 'admin', 'optout'] as const
export type View = (typeof VIEWS)[number]

/** Kinds of lines that a log can be narrowed to. */
export const LINE_KINDS = ['said', 'subs', 'bans', 'notices'] as const
export type LineKind = (typeof LINE_KINDS)[number]

/** How many words one chart compares. */
export const WORDS_MAX = 5
const SEARCH_CHARACTERS_MAX = 500

/**
 * Where somebody is in the page; its link says all of it. Times are milliseconds since the Unix epoch, UTC.
 */
export interface Place {
  readonly view: View
  readonly channel?: Subject | undefined
  readonly user?: Subject | undefined
  /** The log opens at this time; at the newest message when absent. */
  readonly at?: number | undefined
  /** The id of a message that was sent at {@link at}. */
  readonly message?: string | undefined
  /** What the messages hold. */
  readonly search?: string | undefined
  readonly kind?: LineKind | undefined
  readonly isLive: boolean
  readonly words: readonly string[]
  /** Of counts and coverage. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly by?: 'hour' | 'day' | undefined
  readonly isAnyCase: boolean
}

export const HOME: Place = {
  view: 'log',
  isLive: false,
  words: [],
  isAnyCase: false,
}

/** Reads the query of the page's address. What it does not know, or cannot read, is as if it was not there. */
export function readPlace(search: string): Place {
  const query = new URLSearchParams(search)
  const get = (name: string): string | undefined => query.get(name) ?? undefined
  const words = query
    .getAll('word')
    .map((word) => word.trim())
    .filter((word) => word !== '' && !/\s/.test(word))
  return {
    view: query.has('optout') ? 'optout' : (oneOf(VIEWS, get('view')) ?? 'log'),
    channel: read(readSubject, get('channel')),
    user: read(readSubject, get('username') ?? get('user')),
    at: read(readTime, get('at')),
    message: get('message'),
    search: get('q')?.trim().slice(0, SEARCH_CHARACTERS_MAX) || undefined,
    kind: oneOf(LINE_KINDS, get('kind')),
    isLive: query.has('live'),
    words: [...new Set(words)].slice(0, WORDS_MAX),
    from: read(readTime, get('from')),
    to: read(readTime, get('to')),
    by: oneOf(['hour', 'day'] as const, get('by')),
    isAnyCase: query.has('anycase'),
  }
}

/** The address of a place, from the root of the page. */
export function placeHref(place: Place): string {
  const query = new URLSearchParams()
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') query.set(name, value)
  }
  const setTime = (name: string, timeMs: number | undefined): void => {
    if (timeMs !== undefined) query.set(name, timeText(timeMs))
  }
  set('channel', place.channel)
  set('username', place.user)
  if (place.view !== 'log' && place.view !== 'optout') query.set('view', place.view)
  setTime('at', place.at)
  set('message', place.message)
  set('q', place.search)
  set('kind', place.kind)
  for (const word of place.words) query.append('word', word)
  setTime('from', place.from)
  setTime('to', place.to)
  set('by', place.by)
  const flags = [
    ...(place.view === 'optout' ? ['optout'] : []),
    ...(place.isLive ? ['live'] : []),
    ...(place.isAnyCase ? ['anycase'] : []),
  ]
  const text = [query.toString().replaceAll('%3A', ':'), ...flags]
    .filter((part) => part !== '')
    .join('&')
  return text === '' ? '/' : `/?${text}`
}

function read<T>(reader: (text: string) => T | undefined, text: string | undefined): T | undefined {
  return text === undefined ? undefined : reader(text)
}

function oneOf<const Values extends readonly string[]>(
  values: Values,
  text: string | undefined,
): Values[number] | undefined {
  return values.find((value) => value === text)
}
