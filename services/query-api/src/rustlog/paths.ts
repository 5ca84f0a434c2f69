import type { QueryContext } from '../app-types.ts'
import { textResponse } from './errors.ts'

const CHANNEL_WORDS = ['channel', 'channelid'] as const
const USER_WORDS = ['user', 'userid'] as const
/** First words of paths that are not rustlog's; none of them is a mistaken `channel`. */
const OTHERS: ReadonlySet<string> = new Set(['admin', 'api', 'assets', 'user'])
/** What follows a channel in a native path. */
const NATIVE_WORDS: ReadonlySet<string> = new Set([
  'logs',
  'words',
  'stats',
  'activity',
  'coverage',
  'live',
])
const ROOT_WORDS: ReadonlySet<string> = new Set([
  'channelid',
  'list',
  'namehistory',
  'capabilities',
  'optout',
])

/** The patterns of a route of a channel, by login and by id. */
export function channelPaths(rest = ''): string[] {
  return CHANNEL_WORDS.map((word) => `/${word}/:channel${rest}`)
}

/** The patterns of a route of a user in a channel. */
export function userPaths(rest = ''): string[] {
  return USER_WORDS.flatMap((word) => channelPaths(`/${word}/:user${rest}`))
}

/** The segments of a path as they were written, still encoded. */
export function writtenSegments({ req }: QueryContext): string[] {
  return new URL(req.url).pathname.split('/').filter(Boolean)
}

/** Whether rustlog has a route there, with whatever method: its wrong methods are answered without a body. */
export function isRustlogPath(path: string): boolean {
  const [, first = '', , third] = path.split('/')
  if (first !== 'channel') return ROOT_WORDS.has(first)
  return third === undefined || !NATIVE_WORDS.has(third)
}

/**
 * What rustlog says of a path that no route has: its routes take any word where `channel` and `user` stand, and refuse
 * all others; whatever looks like a file is a plain 404.
 *
 * @returns `undefined` where it would show its page.
 */
export function unmatchedResponse(c: QueryContext): Response | undefined {
  const [first = '', , third = '', , ...rest] = c.req.path.split('/').slice(1)
  const segments = c.req.path.split('/').length - 1
  const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
  if (isRead && !OTHERS.has(first) && isTaken(segments, third)) {
    if (!isOneOf(CHANNEL_WORDS, first)) return unknownVariant(first, CHANNEL_WORDS)
    const hasUser = segments === 4 || segments === 6 || rest.length > 0
    if (hasUser && !isOneOf(USER_WORDS, third)) return unknownVariant(third, USER_WORDS)
  }
  return c.req.path.includes('.') ? textResponse(404, '404') : undefined
}

/** Whether the page may be shown at a path that no route has: none where the API has its own. */
export function isPagePath(path: string): boolean {
  return !OTHERS.has(path.split('/')[1] ?? '')
}

/** Whether a path has as many segments as one of rustlog's that begin with a channel. */
function isTaken(segments: number, third: string): boolean {
  if (segments === 3) return third === 'random' || third === 'stats'
  return segments === 2 || (segments >= 4 && segments <= 6)
}

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word)
}

function unknownVariant(word: string, [one, other]: readonly [string, string]): Response {
  const expected = `expected \`${one}\` or \`${other}\``
  return textResponse(400, `Invalid URL: unknown variant \`${word}\`, ${expected}`)
}
