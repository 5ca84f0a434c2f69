import { ProblemError } from '../problem.ts'
import type { Subject } from '../query/subject.ts'

/** What the routes use of the names learnt and of the registry. */
export interface NameReads {
  readonly names: {
    readonly idsOf: (logins: readonly string[]) => Promise<ReadonlyMap<string, string>>
    readonly loginsOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>
  }
  readonly registry: {
    readonly list: () => Promise<
      readonly { readonly login: string; readonly channelId: string | undefined }[]
    >
  }
}

/** A channel or user by id. `isKnown` is false for an id that no login was learnt of. */
export interface Resolved {
  readonly id: string
  readonly isKnown: boolean
}

/**
 * Finds the id of a channel or user.
 *
 * @throws {ProblemError} 404 for a login nobody was seen with. An id is taken as it is: whether it
 *   exists then shows in the answer.
 */
export async function resolve(
  subject: Subject,
  kind: 'channel' | 'user',
  { names, registry }: NameReads,
): Promise<Resolved> {
  if (subject.kind === 'id') {
    const logins = await names.loginsOf([subject.id])
    return { id: subject.id, isKnown: logins.has(subject.id) }
  }
  const { login } = subject
  const ids = await names.idsOf([login])
  const id = ids.get(login)
  if (id !== undefined) return { id, isKnown: true }
  const registered =
    kind === 'channel'
      ? (await registry.list()).find((channel) => channel.login === login)
      : undefined
  if (registered?.channelId !== undefined) return { id: registered.channelId, isKnown: true }
  throw unknownSubject(kind, login)
}

export function unknownSubject(kind: 'channel' | 'user', name: string): ProblemError {
  return new ProblemError({ status: 404, detail: `no ${kind} ${name} is known here` })
}
