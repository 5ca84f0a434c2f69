import type { Scope } from './checker/book.ts'
import { LiveListener } from './live-listener.ts'
import { SeededRandom } from './random.ts'
import type { World } from './world/world.ts'

const CHANNELS = 2
const USERS = 2

/** Listens to the busiest channels, and to the users who have said most by now. */
export function startListeners(
  { book, apis, options }: World,
  { hasClockSteps }: { readonly hasClockSteps: boolean },
): LiveListener[] {
  const { seed, history } = options
  const of = (kind: 'channel' | 'user', id: string, scope: Scope) => {
    return { path: `/${kind}/${id}/live`, scope, lines: book.lines(scope).length }
  }
  const channels = book.channels.map((id) => of('channel', id, { channelId: id }))
  const users = book.users.map((id) => of('user', id, { userId: id }))
  const subjects = [...busiest(channels).slice(0, CHANNELS), ...busiest(users).slice(0, USERS)]
  return subjects.map(({ path, scope }) => {
    const random = new SeededRandom(seed, `live ${path}`)
    const urls = apis.map(({ spec }) => spec.url)
    const mayRepeat = hasClockSteps && scope.channelId === undefined
    return new LiveListener({ apis: urls, path, scope, mayRepeat, book, random, history })
  })
}

const busiest = <T extends { readonly lines: number }>(subjects: readonly T[]): T[] =>
  subjects.toSorted((left, right) => right.lines - left.lines)
