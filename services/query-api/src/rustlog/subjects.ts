import type { QueryContext } from '../app-types.ts'
import { parseSubject } from '../query/subject.ts'
import type { Subject } from '../query/subject.ts'
import type { NameReads } from '../routes/subjects.ts'
import { notFound, optedOut } from './errors.ts'

/** A channel, or a user in it, whose ids are found. */
export interface LogSubject {
  readonly channelId: string
  readonly userId: string | undefined
}

/** How a path or query names somebody. */
export interface Named {
  readonly by: 'login' | 'id'
  readonly name: string
}

/**
 * Finds whose log is asked for: first the channel, then the user, then whether either has opted out.
 *
 * @throws {ProblemError} 404 for a login nobody was seen with, 403 for who has opted out.
 */
export async function findSubject(
  channel: Named,
  user: Named | undefined,
  hot: NameReads,
): Promise<LogSubject> {
  const channelId = await idOf(channel, async (login) => {
    const [ids, registered] = await Promise.all([
      hot.names.idsOf([login]),
      hot.registry.find(login),
    ])
    return ids.get(login) ?? registered?.channelId
  })
  if (channelId === undefined) throw notFound()
  const userId = user === undefined ? undefined : await userIdOf(user, hot)
  if (user !== undefined && userId === undefined) throw notFound()
  const { channels, users } = await hot.optOuts.view()
  if (channels.has(channelId)) throw optedOut('channel')
  if (userId !== undefined && users.has(userId)) throw optedOut('user')
  return { channelId, userId }
}

/** The id of a user; `undefined` for a login nobody was seen with, and for what is no id. */
export async function userIdOf(user: Named, { names }: NameReads): Promise<string | undefined> {
  return await idOf(user, async (login) => (await names.idsOf([login])).get(login))
}

/** How a path names its channel and, where it has one, its user. */
export function namesOf(c: QueryContext): { channel: Named; user: Named | undefined } {
  const [, channelKind, , userKind] = c.req.path.split('/')
  const { channel = '', user } = c.req.param()
  return {
    channel: { by: channelKind === 'channelid' ? 'id' : 'login', name: channel },
    user:
      user === undefined ? undefined : { by: userKind === 'userid' ? 'id' : 'login', name: user },
  }
}

/**
 * The id of somebody. Where a login is expected, `id:123` is an id, and so is `123` if nobody has that login; where an id
 * is expected, `login:name` is a login.
 */
async function idOf(
  { by, name }: Named,
  find: (login: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const subject = subjectOf(by, name)
  if (subject === undefined) return undefined
  if (subject.kind === 'id') return subject.id
  const id = await find(subject.login)
  if (id !== undefined || by === 'id') return id
  const asked = parseSubject(name)
  return asked?.kind === 'id' ? asked.id : undefined
}

function subjectOf(by: Named['by'], name: string): Subject | undefined {
  const isPrefixed = name.startsWith('id:') || name.startsWith('login:')
  return parseSubject(isPrefixed ? name : `${by}:${name}`)
}
