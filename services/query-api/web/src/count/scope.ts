import type { Period } from '../api/activity.ts'
import type { TimeRange } from '../api/range.ts'
import type { Place } from '../place/place.ts'
import { subjectOfId } from '../place/subject.ts'

/** What a view of counts is about. */
export interface Scope {
  readonly place: Place
  readonly range: TimeRange
  readonly by: Period
  readonly nowMs: number
}

/** Where the messages are that a count is made of. */
export function messagesOf(
  { channel, user }: Pick<Place, 'channel' | 'user'>,
  { atMs, search }: { readonly atMs?: number | undefined; readonly search?: string | undefined },
): Partial<Place> {
  // Everything begins with the beginning; the log then opens at its end.
  return { channel, user, at: atMs === 0 ? undefined : atMs, search }
}

/** A user or channel of an answer as links name it: its login, or its id where none is known. */
export const subjectOf = (id: string, login: string | null): string => login ?? subjectOfId(id)

/** `by nymn in #forsen` */
export function whoseText({ channel, user }: Pick<Place, 'channel' | 'user'>): string {
  const by = user === undefined ? [] : [`by ${user}`]
  return [...by, ...(channel === undefined ? [] : [`in #${channel}`])].join(' ')
}
