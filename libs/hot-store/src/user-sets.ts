import type { Command, Connection } from './connection.ts'
import { checkedId, checkedTimeMs, userKey } from './keys.ts'

/** Commands of one pipeline: well under a command's time-out, on one connection, as they share a hash tag. */
const PIPELINE_COMMANDS = 1000

/** Channels of one command. */
const SADD_CHANNELS = 1000

export async function expireUserSets(
  shard: number,
  what: { readonly dayMs: number; readonly userIds: readonly string[]; readonly afterMs: number },
  connection: Connection,
): Promise<void> {
  const afterMs = checkedTimeMs(what.afterMs)
  const commands = what.userIds.map((userId): Command => [
    'pexpire',
    userKey(shard, userId, what.dayMs),
    afterMs,
  ])
  await inPipelines(commands, connection)
}

export async function indexUsers(
  { shard, dayMs }: { readonly shard: number; readonly dayMs: number },
  pairs: readonly (readonly [string, string])[],
  connection: Connection,
): Promise<void> {
  const channels = new Map<string, Set<string>>()
  for (const [userId, channelId] of pairs) {
    const key = userKey(shard, userId, dayMs)
    const known = channels.get(key)
    if (known === undefined) channels.set(key, new Set([checkedId(channelId)]))
    else known.add(checkedId(channelId))
  }
  const commands: Command[] = []
  for (const [key, ids] of channels) {
    const all = [...ids]
    for (let from = 0; from < all.length; from += SADD_CHANNELS) {
      commands.push(['sadd', key, ...all.slice(from, from + SADD_CHANNELS)])
    }
    // An earlier compaction may have let it expire.
    commands.push(['persist', key])
  }
  await inPipelines(commands, connection)
}

async function inPipelines(commands: readonly Command[], connection: Connection): Promise<void> {
  for (let from = 0; from < commands.length; from += PIPELINE_COMMANDS) {
    const slice = commands.slice(from, from + PIPELINE_COMMANDS)
    await connection.commands(slice, { atomic: false })
  }
}
