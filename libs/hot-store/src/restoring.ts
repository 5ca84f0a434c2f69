import type { Argument, Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { absorbedKey, checkedTimeMs, reservedKey, segmentsKey, stateKey } from './keys.ts'
import { encodeSegmentEntry } from './manifest.ts'
import { loadScript } from './script.ts'
import type { Restore, Scope } from './types.ts'

const RESTORE = loadScript('restore')

export async function restore(
  { scope, generation }: { readonly scope: Scope; readonly generation: number },
  { segments, next, boundaryMs, goneRecords = 0 }: Restore,
  connection: Connection,
): Promise<'restored' | 'stale'> {
  const beyond = segments.find(({ number }) => number >= next)
  if (!Number.isSafeInteger(next) || next < 1 || beyond !== undefined) {
    throw new HotStoreError('invalid', `next number ${next} is not above all segments`)
  }
  if (!Number.isSafeInteger(goneRecords) || goneRecords < 0) {
    throw new HotStoreError('invalid', `not a number of records: ${goneRecords}`)
  }
  const boundary = scope === 'users' ? '' : checkedTimeMs(boundaryMs)
  const args: Argument[] = [generation, next, boundary, goneRecords]
  for (const entry of segments) args.push(entry.number, encodeSegmentEntry(entry))
  const keys = [stateKey(scope), segmentsKey(scope), reservedKey(scope)]
  if (scope === 'users') keys.push(absorbedKey(scope))
  const reply = await connection.runReplicated({ script: RESTORE, keys, args })
  if (reply === 'restored' || reply === 'stale') return reply
  throw new HotStoreError('corrupt', 'the restore script answered something else')
}
