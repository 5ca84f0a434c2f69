import type { Command, Connection } from './connection.ts'
import { checkedTimeMs } from './keys.ts'

/** Keys looked at by one call: a millisecond of Redis' time. */
const SCAN_COUNT = 1000
const USER_SETS = '{s*}:user:*'
const USER_SET = /^\{s(\d{2,4})\}:user:(\d{4}-\d{2}-\d{2}):\d{1,20}$/

export interface TidyUserSets {
  /** Whether the sets of a shard and day (midnight, UTC) are still needed. */
  readonly isNeeded: (shard: number, dayMs: number) => boolean
  /** How long one stays that is needed no longer, if nobody needs it again. Milliseconds. */
  readonly afterMs: number
}

/** Looks through all sets of who wrote where, in slices. Those that expire already keep their time. */
export async function tidyUserSets(
  { isNeeded, afterMs }: TidyUserSets,
  connection: Connection,
): Promise<void> {
  const expiry = checkedTimeMs(afterMs)
  for await (const keys of connection.scanPrimaries(USER_SETS, SCAN_COUNT)) {
    const commands = new Map<string, Command[]>()
    for (const key of keys) {
      const [, shard = '', day = ''] = USER_SET.exec(key) ?? []
      const dayMs = Date.parse(day)
      if (Number.isNaN(dayMs)) continue
      const own = commands.get(shard) ?? []
      commands.set(shard, own)
      own.push(isNeeded(Number(shard), dayMs) ? ['persist', key] : ['pexpire', key, expiry, 'NX'])
    }
    // Those of a shard share a hash tag.
    for (const own of commands.values()) await connection.commands(own, { atomic: false })
  }
}
