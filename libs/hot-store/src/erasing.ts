import type { Connection } from './connection.ts'
import { checkedPageSize, decodePage } from './entries.ts'
import { checkedId, checkedTimeMs, erasedKey, stateKey, streamKey } from './keys.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { loadScript } from './script.ts'
import type { Erased, Scope } from './types.ts'

const ERASED = loadScript('erased')
const HIDE_USER = loadScript('hide-user')
const ERASE_ENTRIES = loadScript('erase-entries')

/** Entries read and looked at in one go: about half a megabyte. */
const PAGE_ENTRIES = 1000

/** Reads what Redis has of who is erased: user id, ms, and so on. @throws {HotStoreError} `corrupt`. */
export function decodeErased(reply: unknown): Erased {
  const pairs = toArray(reply)
  const erased = new Map<string, number>()
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    erased.set(toText(pairs[index]), toInteger(pairs[index + 1]))
  }
  return erased
}

export async function readErased(
  scope: Scope,
  connection: Connection,
): Promise<{ erasures: number; users: Erased }> {
  const call = { script: ERASED, keys: [stateKey(scope), erasedKey(scope)], args: [] }
  const [erasures, users] = toArray(await connection.run(call))
  return { erasures: toInteger(erasures), users: decodeErased(users) }
}

/** Hides what a user sent before a time, in one scope. A later time that is there stays. */
export async function hideUser(
  scope: Scope,
  { userId, beforeMs }: { readonly userId: string; readonly beforeMs: number },
  connection: Connection,
): Promise<void> {
  const keys = [stateKey(scope), erasedKey(scope)]
  const args = [checkedId(userId), checkedTimeMs(beforeMs)]
  await connection.runReplicated({ script: HIDE_USER, keys, args })
}

export async function eraseEntries(
  shard: number,
  what: { readonly channelId: string; readonly userId: string; readonly beforeMs: number },
  connection: Connection,
): Promise<number> {
  const key = streamKey(shard, what.channelId)
  const userId = checkedId(what.userId)
  const beforeMs = checkedTimeMs(what.beforeMs)
  const size = checkedPageSize(PAGE_ENTRIES)
  let removed = 0
  let from = '-'
  for (;;) {
    const reply = await connection.command('xrange', key, from, '+', 'COUNT', size)
    const { entries, nextId } = decodePage(reply, what.channelId, size)
    const args = entries
      .filter((entry) => entry.userId === userId && entry.sentAtMs < beforeMs)
      .flatMap(({ id, raw }) => [id, Buffer.byteLength(raw)])
    if (args.length > 0) {
      const call = { script: ERASE_ENTRIES, keys: [stateKey(shard), key], args }
      removed += toInteger(await connection.runReplicated(call))
    }
    if (nextId === undefined) return removed
    from = `(${nextId}`
  }
}
