/** Names in one request, as the API takes them. */
const NAMES_MAX = 1000

const NAME = /^(?:\d{1,20}|id:\d{1,20}|(?:login:)?[a-z0-9_]{1,25})$/

/** What somebody typed to name channels. */
export interface Names {
  /** Logins and ids as the API takes them, each once. */
  readonly names: readonly string[]
  /** What can be neither. */
  readonly wrong: readonly string[]
}

/**
 * Reads logins and ids between spaces, commas and line ends; `#`, `@` and the address of a channel at Twitch are taken for
 * its login. Digits alone are an id, as in the API.
 */
export function readNames(text: string): Names {
  const words = text
    .split(/[\s,;]+/)
    .map((word) => word.replace(/^(?:https?:\/\/)?(?:www\.)?twitch\.tv\//i, ''))
    .map((word) => word.replace(/^[@#]/, '').replace(/\/$/, '').toLowerCase())
    .filter((word) => word !== '')
  const unique = [...new Set(words)]
  return {
    names: unique.filter((word) => NAME.test(word)),
    wrong: unique.filter((word) => !NAME.test(word)),
  }
}

/** Says of names why they cannot be sent; `undefined` where they can. */
export function namesProblem({ names, wrong }: Names): string | undefined {
  if (wrong.length > 0) return `Neither login nor id: ${wrong.slice(0, 5).join(', ')}`
  if (names.length === 0) return 'Give a login or an id.'
  return names.length > NAMES_MAX ? `Give at most ${NAMES_MAX} at a time.` : undefined
}
