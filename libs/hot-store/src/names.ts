import type { Connection, ScriptCall } from './connection.ts'
import { checkedId, isId, isLogin, nameBucketKey } from './keys.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'
import type { Name } from './types.ts'

const LEARN = loadScript('learn-names')
const FORGET = loadScript('forget-name')

/** Commands in flight at a time: enough to hide the round trip, few enough to stay within a command's time-out. */
const PIPELINE_COMMANDS = 500

/** Buckets of one call where they may share one: half a millisecond of Redis' time. */
const CALL_BUCKETS = 200

/** Names this process remembers having written. */
const RECENT_NAMES_MAX = 100_000

/** A name is written again when it is seen this much later. */
const RECENT_MS = 600_000

/** A field of a bucket, its value and when that was seen, ms. */
type Field = readonly [field: string, value: string, seenAtMs: number]

/** What {@link Names.learn} did. */
export interface LearnResult {
  /** Fields of Redis written; a new name has two. */
  readonly written: number
  /** Names whose id or login cannot be one. */
  readonly refused: number
}

/** Which login belongs to which id, learnt from the lines. Both directions, the latest seen wins. */
export class Names {
  readonly #connection: Connection
  /** What was last written for a login, and for an id. */
  readonly #recentByLogin = new Map<string, Name>()
  readonly #recentById = new Map<string, Name>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Notes names, any number of them, most of them known: what this process wrote within ten minutes of
   * `seenAtMs` costs nothing.
   *
   * @throws {HotStoreError} a part may be written; repeating is safe.
   */
  async learn(names: readonly Name[]): Promise<LearnResult> {
    const buckets = new Map<string, Field[]>()
    let refused = 0
    const fresh: Name[] = []
    for (const name of names) {
      if (!isName(name)) refused += 1
      else if (!this.#isRecent(name)) {
        fresh.push(name)
        pushTo(buckets, nameBucketKey(name.login), [[`l:${name.login}`, name.id, name.seenAtMs]])
        pushTo(buckets, nameBucketKey(name.id), [[`i:${name.id}`, name.login, name.seenAtMs]])
      }
    }
    const replies = await inGroups(this.#learnCalls([...buckets]), (call) =>
      this.#connection.run(call),
    )
    for (const name of fresh) this.#remember(name)
    return { written: replies.reduce<number>((sum, reply) => sum + toInteger(reply), 0), refused }
  }

  /** A call costs more than what it writes, but in a cluster each bucket has a slot of its own. */
  #learnCalls(buckets: readonly (readonly [string, readonly Field[]])[]): ScriptCall[] {
    const size = this.#connection.isCluster ? 1 : CALL_BUCKETS
    const calls: ScriptCall[] = []
    for (let from = 0; from < buckets.length; from += size) {
      const keys: string[] = []
      const args: (string | number)[] = []
      for (const [key, fields] of buckets.slice(from, from + size)) {
        keys.push(key)
        args.push(fields.length, ...fields.flat())
      }
      calls.push({ script: LEARN, keys, args })
    }
    return calls
  }

  /**
   * Forgets the login that belongs to an id, in both directions. They are learnt again when the user writes again;
   * a login that the user had before stays with whoever has it now.
   */
  async forget(id: string): Promise<void> {
    const login = (await this.loginsOf([checkedId(id)])).get(id)
    if (login === undefined) return
    // The login's side first: what is left after a failure still says which login to forget.
    await this.#forget(login, `l:${login}`, id)
    await this.#forget(id, `i:${id}`, login)
    this.#recentByLogin.delete(login)
    this.#recentById.delete(id)
  }

  async #forget(text: string, field: string, value: string): Promise<void> {
    const args = [field, value]
    await this.#connection.run({ script: FORGET, keys: [nameBucketKey(text)], args })
  }

  /** The ids of logins; a login that is not known (or cannot be one) is absent. */
  async idsOf(logins: readonly string[]): Promise<Map<string, string>> {
    return await this.#lookUp(logins.filter(isLogin), 'l')
  }

  /** The logins of ids; an id that is not known (or cannot be one) is absent. */
  async loginsOf(ids: readonly string[]): Promise<Map<string, string>> {
    return await this.#lookUp(ids.filter(isId), 'i')
  }

  async #lookUp(asked: readonly string[], direction: 'l' | 'i'): Promise<Map<string, string>> {
    const buckets = new Map<string, string[]>()
    for (const text of new Set(asked)) pushTo(buckets, nameBucketKey(text), [text])
    const found = new Map<string, string>()
    await inGroups([...buckets], async ([key, texts]) => {
      const fields = texts.map((text) => `${direction}:${text}`)
      const values = toArray(await this.#connection.command('hmget', key, ...fields))
      for (const [index, text] of texts.entries()) {
        const value = values[index]
        if (typeof value === 'string') found.set(text, toText(value.split(' ')[0]))
      }
    })
    return found
  }

  /** Both directions as written: after a rename and back, the first login is written again. */
  #isRecent({ id, login, seenAtMs }: Name): boolean {
    const byLogin = this.#recentByLogin.get(login)
    const byId = this.#recentById.get(id)
    if (byLogin?.id !== id || byId?.login !== login) return false
    return seenAtMs < Math.min(byLogin.seenAtMs, byId.seenAtMs) + RECENT_MS
  }

  #remember(name: Name): void {
    remember(this.#recentByLogin, name.login, name)
    remember(this.#recentById, name.id, name)
  }
}

function remember(recent: Map<string, Name>, key: string, name: Name): void {
  const known = recent.get(key)
  if (known !== undefined && known.seenAtMs > name.seenAtMs) return
  recent.delete(key)
  recent.set(key, name)
  if (recent.size <= RECENT_NAMES_MAX) return
  const [oldest] = recent.keys()
  if (oldest !== undefined) recent.delete(oldest)
}

const isName = ({ id, login, seenAtMs }: Name): boolean =>
  isId(id) && isLogin(login) && Number.isSafeInteger(seenAtMs) && seenAtMs >= 0

function pushTo<T>(groups: Map<string, T[]>, key: string, items: readonly T[]): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [...items])
  else group.push(...items)
}

async function inGroups<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += PIPELINE_COMMANDS) {
    results.push(...(await Promise.all(items.slice(from, from + PIPELINE_COMMANDS).map(run))))
  }
  return results
}
