/**
 * A channel or user as links name it: a login, or `id:` and a numeric id. A login of digits alone is a login here, as it
 * is in the links of other log pages.
 */
export type Subject = string

const ID = /^id:(\d{1,20})$/
const LOGIN = /^[a-z0-9_]{1,25}$/

/**
 * Reads what somebody typed or a link holds: `forsen`, `@Forsen`, `#forsen`, `id:22484632`.
 *
 * @returns `undefined` for what can be neither a login nor an id.
 */
export function readSubject(text: string): Subject | undefined {
  const name = text.trim().replace(/^[@#]/, '').toLowerCase()
  return ID.test(name) || LOGIN.test(name) ? name : undefined
}

/** The id, where the subject is one. */
export const idOf = (subject: Subject): string | undefined => ID.exec(subject)?.[1]

/** The name as a part of the API's paths. */
export function apiName(subject: Subject): string {
  const id = idOf(subject)
  if (id !== undefined) return id
  return /^\d+$/.test(subject) ? `login:${subject}` : subject
}

/** The subject of an id, for links that outlive a change of the login. */
export const subjectOfId = (id: string): Subject => `id:${id}`
