import type { Argument, Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import {
  absorbedKey,
  checkedTimeMs,
  removedKey,
  reservedKey,
  segmentsKey,
  stateKey,
} from './keys.ts'
import { encodeSegmentEntry } from './manifest.ts'
import { toArray, toInteger, toText } from './reply.ts'
import { runName } from './run-name.ts'
import { loadScript } from './script.ts'
import type { CommitResult, RemovedObject, Reservation, Scope, Swap } from './types.ts'

const RESERVE = loadScript('reserve')
const SWAP = loadScript('swap')
const LIST_HASH = loadScript('list-hash')
const EXPIRE_RESERVATIONS = loadScript('expire-reservations')

/** Numbers of one reservation: enough for a group of 1,024 user shards, few enough for one script call. */
const RESERVATION_NUMBERS_MAX = 10_000

/** A job that takes longer starts over: whoever sweeps and forgets may rely on it. */
const RESERVATION_MS = 12 * 3_600_000

const FORGET_BATCH = 1000

export async function reserve(
  scope: Scope,
  count: number,
  connection: Connection,
): Promise<Reservation> {
  if (!Number.isInteger(count) || count < 1 || count > RESERVATION_NUMBERS_MAX) {
    throw new HotStoreError('invalid', `cannot reserve ${count} numbers`)
  }
  const keys = [stateKey(scope), reservedKey(scope)]
  const reply = await connection.runReplicated({ script: RESERVE, keys, args: [count] })
  const [first, erasures, generation, now] = toArray(reply)
  return {
    scope,
    first: toInteger(first),
    count,
    erasures: toInteger(erasures),
    generation: toInteger(generation),
    nowMs: toInteger(now),
  }
}

export async function swap(
  reservation: Reservation,
  what: Swap,
  connection: Connection,
): Promise<CommitResult> {
  const { scope, first, count, nowMs, erasures } = reservation
  const { removed, added, absorbs = [], addsRecords } = what
  checkSwap(reservation, what)
  const args: Argument[] = [first, count, nowMs, erasures, RESERVATION_MS]
  args.push(addsRecords?.version ?? '', removed.length, added.length)
  for (const { number, key } of removed) args.push(number, key)
  for (const entry of added) args.push(entry.number, entry.key, encodeSegmentEntry(entry))
  args.push(...absorbs.map(runName))
  const reply = await connection.runReplicated({
    script: SWAP,
    keys: [
      stateKey(scope),
      segmentsKey(scope),
      reservedKey(scope),
      removedKey(scope),
      absorbedKey(scope),
    ],
    args,
  })
  if (reply === 'committed' || reply === 'already' || reply === 'stale') return reply
  throw new HotStoreError('corrupt', 'the swap script answered something else')
}

function checkSwap({ scope, first, count }: Reservation, what: Swap): void {
  const { removed, added, absorbs = [] } = what
  if (removed.length + added.length + absorbs.length === 0) {
    throw new HotStoreError('invalid', 'a swap of nothing')
  }
  if (absorbs.length > 0 && scope !== 'users') {
    throw new HotStoreError('invalid', 'only folds of the by-user order absorb runs')
  }
  const numbers = new Set(added.map(({ number }) => number))
  if (numbers.size < added.length) throw new HotStoreError('invalid', 'a number twice')
  for (const number of numbers) {
    if (number >= first && number < first + count) continue
    const range = `${first} to ${first + count - 1}`
    throw new HotStoreError('invalid', `segment ${number} is not of the reserved ${range}`)
  }
}

export async function removedObjects(
  scope: Scope,
  connection: Connection,
): Promise<RemovedObject[]> {
  const call = { script: LIST_HASH, keys: [removedKey(scope)], args: [] }
  const pairs = toArray(await connection.run(call)).map(toText)
  const objects: RemovedObject[] = []
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const removedAtMs = toInteger(pairs[index + 1]?.split(' ')[0])
    objects.push({ key: pairs[index] ?? '', removedAtMs })
  }
  return objects
}

export async function forgetRemoved(
  scope: Scope,
  keys: readonly string[],
  connection: Connection,
): Promise<void> {
  for (let from = 0; from < keys.length; from += FORGET_BATCH) {
    await connection.command('hdel', removedKey(scope), ...keys.slice(from, from + FORGET_BATCH))
  }
}

export async function expireReservations(
  scope: Scope,
  beforeMs: number,
  connection: Connection,
): Promise<number[]> {
  const args = [checkedTimeMs(beforeMs)]
  const keys = [reservedKey(scope)]
  const reply = await connection.runReplicated({ script: EXPIRE_RESERVATIONS, keys, args })
  return toArray(reply)
    .map((number) => toInteger(number))
    .toSorted((a, b) => a - b)
}
