import type { Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { joinsKey } from './keys.ts'
import type { JoinRequest } from './replica-types.ts'
import { toInteger } from './reply.ts'
import { loadScript } from './script.ts'

const TAKE_JOINS = loadScript('take-joins')

const JOINS_MAX = 1_000_000
const WINDOW_MS_MAX = 3_600_000

/** A window is counted in this many buckets: a join counts for up to a hundredth of the window longer than it must. */
const BUCKETS = 100

/** Asks `take-joins.lua`. @throws {HotStoreError} `invalid` before anything was sent. */
export async function takeJoins(
  { key, wanted, max, windowMs }: JoinRequest,
  connection: Connection,
): Promise<number> {
  const keys = [joinsKey(key)]
  inRange('wanted', wanted, [0, JOINS_MAX])
  inRange('max', max, [1, JOINS_MAX])
  inRange('windowMs', windowMs, [1, WINDOW_MS_MAX])
  if (wanted === 0) return 0
  const args = [wanted, max, windowMs, Math.ceil(windowMs / BUCKETS)]
  return toInteger(await connection.run({ script: TAKE_JOINS, keys, args }))
}

function inRange(name: string, value: number, [from, to]: readonly [number, number]): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new HotStoreError('invalid', `${name} must be ${from} to ${to}, not ${value}`)
  }
}
