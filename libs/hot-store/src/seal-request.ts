import type { Connection } from './connection.ts'
import { stateKey } from './keys.ts'
import { toArray, toInteger } from './reply.ts'
import { loadScript } from './script.ts'

const REQUEST_SEAL = loadScript('request-seal')

export async function requestSeal(shard: number, connection: Connection): Promise<number> {
  const call = { script: REQUEST_SEAL, keys: [stateKey(shard)], args: [] }
  return toInteger(await connection.run(call))
}

/** Nobody has to clear a request: it is over when the boundary has passed it. */
export async function sealRequestedAt(
  shard: number,
  connection: Connection,
): Promise<number | undefined> {
  const reply = await connection.command('hmget', stateKey(shard), 'sealRequested', 'boundary')
  const [requested, boundary] = toArray(reply)
  const requestedMs = toInteger(requested, 0)
  return requestedMs > toInteger(boundary, 0) ? requestedMs : undefined
}
