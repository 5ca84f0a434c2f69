const ID = /^\d{1,20}$/
const LOGIN = /^\w{1,25}$/

/** A channel or user as a request names it: by Twitch's numeric id, or by login in lower case. */
export type Subject =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'login'; readonly login: string }

/**
 * Reads `123` or `id:123` as an id, `forsen` or `login:123` as a login.
 *
 * @returns `undefined` for a text that can be neither.
 */
export function parseSubject(text: string): Subject | undefined {
  const [prefix, rest] = splitPrefix(text)
  const isId = prefix === 'id' || (prefix === undefined && ID.test(rest))
  if (isId) return ID.test(rest) ? { kind: 'id', id: normalId(rest) } : undefined
  // `\w` without the `u` and `i` flags is ASCII, so lower case changes no length.
  return LOGIN.test(rest) ? { kind: 'login', login: rest.toLowerCase() } : undefined
}

function splitPrefix(text: string): ['id' | 'login' | undefined, string] {
  if (text.startsWith('id:')) return ['id', text.slice(3)]
  if (text.startsWith('login:')) return ['login', text.slice(6)]
  return [undefined, text]
}

function normalId(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '')
}
