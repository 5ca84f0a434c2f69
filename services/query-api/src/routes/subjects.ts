import type { OptOuts, RegisteredChannel } from '@poglog/hot-store'
import { ProblemError } from '../problem.ts'
import type { Subject } from '../query/subject.ts'

/** What the routes use of the names learnt, of the registry and of who is opted out. */
export interface NameReads {
  readonly names: {
    readonly idsOf: (logins: readonly string[]) => Promise<ReadonlyMap<string, string>>
    readonly loginsOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>
  }
  readonly registry: {
    readonly list: () => Promise<readonly RegisteredChannel[]>
    readonly find: (login: string) => Promise<RegisteredChannel | undefined>
  }
  readonly optOuts: { readonly view: () => Promise<OptOuts> }
}

/** A channel or user that was asked for. */
export interface Resolved {
  readonly kind: 'channel' | 'user'
  readonly id: string
  /** The id or login, as it was asked for. */
  readonly asked: string
  /** `false` when only its records can show that it exists. */
  readonly isKnown: boolean
}

/** Finds the id of a user to show, as {@link findUser} does. @throws {ProblemError} also 403 when the user has opted out. */
export async function resolveUser(subject: Subject, reads: NameReads): Promise<Resolved> {
  return await shown(await findUser(subject, reads), reads)
}

/** Finds the id of a channel to show, as {@link findChannel} does. @throws {ProblemError} also 403 when it has opted out. */
export async function resolveChannel(subject: Subject, reads: NameReads): Promise<Resolved> {
  return await shown(await findChannel(subject, reads), reads)
}

/** Whether who was asked for has opted out. */
async function isOptedOut({ kind, id }: Resolved, { optOuts }: NameReads): Promise<boolean> {
  const { users, channels } = await optOuts.view()
  return (kind === 'user' ? users : channels).has(id)
}

async function shown(resolved: Resolved, reads: NameReads): Promise<Resolved> {
  if (await isOptedOut(resolved, reads)) {
    const detail = `the requested ${resolved.kind} has opted out of being logged`
    throw new ProblemError({ status: 403, detail })
  }
  return resolved
}

/**
 * Finds the id of a user, opted out or not. An id is taken as it is, and known when a login was learnt of it.
 *
 * @throws {ProblemError} 404 for a login nobody was seen with.
 */
export async function findUser(
  subject: Subject,
  { names }: Pick<NameReads, 'names'>,
): Promise<Resolved> {
  const kind = 'user'
  if (subject.kind === 'id') {
    const { id } = subject
    return { kind, id, asked: id, isKnown: (await names.loginsOf([id])).has(id) }
  }
  const { login } = subject
  const id = (await names.idsOf([login])).get(login)
  if (id === undefined) throw unknownSubject(kind, login)
  return { kind, id, asked: login, isKnown: true }
}

/**
 * Finds the id of a channel, opted out or not. It is known when it is registered: users and channels share one store of
 * names, so that a name was learnt says nothing of a channel.
 *
 * @throws {ProblemError} 404 for a login that has no id yet, as a channel or as a user.
 */
export async function findChannel(
  subject: Subject,
  { names, registry }: NameReads,
): Promise<Resolved> {
  const kind = 'channel'
  if (subject.kind === 'id') {
    const { id } = subject
    const login = (await names.loginsOf([id])).get(id)
    const registered = login === undefined ? undefined : await registry.find(login)
    return { kind, id, asked: id, isKnown: registered !== undefined }
  }
  const { login } = subject
  const [ids, registered] = await Promise.all([names.idsOf([login]), registry.find(login)])
  const id = ids.get(login) ?? registered?.channelId
  if (id === undefined) throw unknownSubject(kind, login)
  return { kind, id, asked: login, isKnown: registered !== undefined }
}

/** The 404 that names what was asked for. */
export function unknownSubject(kind: Resolved['kind'], asked: string): ProblemError {
  return new ProblemError({ status: 404, detail: `no ${kind} ${asked} is known here` })
}
