import { pathOf } from '../api/ask.ts'
import type { LineKind, Place } from '../place/place.ts'
import { apiName } from '../place/subject.ts'

/** Whose log, narrowed to what. The same text as a key is the same question. */
export interface LogQuery {
  readonly channel: string | undefined
  readonly user: string | undefined
  readonly search: string
  readonly types: string
}

/** Parameters of the API's log and live routes. */
export type LogParameters = Readonly<Record<string, string | number | undefined>>

const TYPES: Readonly<Record<LineKind, string>> = {
  said: 'PRIVMSG',
  subs: 'USERNOTICE',
  bans: 'CLEARCHAT,CLEARMSG',
  notices: 'NOTICE,ROOMSTATE,PRESENCE,GAP',
}

export function logQueryOf({ channel, user, search, kind }: Place): LogQuery {
  return { channel, user, search: search ?? '', types: kind === undefined ? '' : TYPES[kind] }
}

/** The path of the API's route: `logs`, or `live`. */
export function logPath(
  { channel, user, search, types }: LogQuery,
  route: 'logs' | 'live',
  parameters: LogParameters = {},
): string {
  // A live tail has no search: what does not match is left out here.
  const narrowed = { type: types, ...(route === 'logs' ? { q: search } : {}), ...parameters }
  if (channel === undefined) {
    return pathOf(`/user/${encodeURIComponent(apiName(user ?? ''))}/${route}`, narrowed)
  }
  const only = user === undefined ? undefined : apiName(user)
  return pathOf(`/channel/${encodeURIComponent(apiName(channel))}/${route}`, {
    user: only,
    ...narrowed,
  })
}
