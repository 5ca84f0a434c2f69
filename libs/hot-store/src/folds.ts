import type { Connection } from './connection.ts'
import { decodeErased } from './erasing.ts'
import { absorbedKey, checkedTimeMs, erasedKey, removedKey, segmentsKey, stateKey } from './keys.ts'
import { decodeManifest } from './manifest.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { runName, runOf } from './run-name.ts'
import { loadScript } from './script.ts'
import type { RunRef, UsersView } from './types.ts'

const USERS_VIEW = loadScript('users-view')
const DROP_RUNS = loadScript('drop-runs')
const FORGET_ABSORBED = loadScript('forget-absorbed')
const LIST_HASH = loadScript('list-hash')
const BATCH_RUNS = 1000

/** What the caller knows is returned as it is while its version stands. */
export async function readUsersView(
  connection: Connection,
  known: UsersView | undefined,
): Promise<UsersView> {
  const keys = [stateKey('users'), segmentsKey('users'), absorbedKey('users'), erasedKey('users')]
  const call = { script: USERS_VIEW, keys, args: [known?.version ?? ''] }
  const reply = toArray(await connection.run(call))
  if (reply.length === 1 && known !== undefined) return known
  const [version, folds, absorbed, erased] = reply
  return {
    version: toText(version),
    folds: decodeManifest(toArray(folds)),
    absorbed: new Set(toArray(absorbed).map(toText)),
    erased: decodeErased(erased),
  }
}

/** The marks are read first: they go only after their runs have left the manifest. */
export async function dropAbsorbed(runs: readonly RunRef[], connection: Connection): Promise<void> {
  for (let from = 0; from < runs.length; from += BATCH_RUNS) {
    const batch = runs.slice(from, from + BATCH_RUNS)
    const names = batch.map(runName)
    const marks = toArray(await connection.command('hmget', absorbedKey('users'), ...names))
    const absorbed = batch.filter((_, index) => typeof marks[index] === 'string')
    for (const [shard, numbers] of byShard(absorbed)) {
      const keys = [stateKey(shard), segmentsKey(shard), removedKey(shard)]
      await connection.runReplicated({ script: DROP_RUNS, keys, args: numbers })
    }
  }
}

export async function forgetAbsorbed(beforeMs: number, connection: Connection): Promise<number> {
  checkedTimeMs(beforeMs)
  const call = { script: LIST_HASH, keys: [absorbedKey('users')], args: [] }
  const pairs = toArray(await connection.run(call)).map(toText)
  const old: RunRef[] = []
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const absorbedAtMs = toInteger(pairs[index + 1]?.split(' ')[0])
    if (absorbedAtMs < beforeMs) old.push(runOf(pairs[index] ?? ''))
  }
  let forgotten = 0
  for (let from = 0; from < old.length; from += BATCH_RUNS) {
    const gone = await unnamed(old.slice(from, from + BATCH_RUNS), connection)
    if (gone.length === 0) continue
    const keys = [stateKey('users'), absorbedKey('users')]
    const args = gone.map(runName)
    forgotten += toInteger(await connection.runReplicated({ script: FORGET_ABSORBED, keys, args }))
  }
  return forgotten
}

/** Those of the runs that their shards' manifests do not name. None comes back: a number is used once. */
async function unnamed(runs: readonly RunRef[], connection: Connection): Promise<RunRef[]> {
  const gone: RunRef[] = []
  for (const [shard, numbers] of byShard(runs)) {
    const entries = toArray(await connection.command('hmget', segmentsKey(shard), ...numbers))
    for (const [index, number] of numbers.entries()) {
      if (entries[index] === null) gone.push({ shard, number })
    }
  }
  return gone
}

function byShard(runs: readonly RunRef[]): Map<number, number[]> {
  const shards = new Map<number, number[]>()
  for (const { shard, number } of runs) {
    const numbers = shards.get(shard)
    if (numbers === undefined) shards.set(shard, [number])
    else numbers.push(number)
  }
  return shards
}
