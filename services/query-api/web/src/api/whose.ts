import { apiName } from '../place/subject.ts'
import type { Place } from '../place/place.ts'

/** Whose messages are meant: a channel's, a user's, or a user's in a channel. */
export type Whose = Pick<Place, 'channel' | 'user'>

/** The path of what is asked of a channel or, where there is none, of a user, and who narrows it. */
export function whosePath({ channel, user }: Whose, what: string): WhosePath {
  if (channel === undefined) return { path: `/user/${apiName(user ?? '')}/${what}`, narrowed: {} }
  const narrowed = user === undefined ? {} : { user: apiName(user) }
  return { path: `/channel/${apiName(channel)}/${what}`, narrowed }
}

interface WhosePath {
  readonly path: string
  readonly narrowed: { readonly user?: string }
}
