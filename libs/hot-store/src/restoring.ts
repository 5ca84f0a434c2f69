import type { Argument, Connection } from './connection.ts'
import { HotStoreError } from './errors.ts'
import { checkedTimeMs, segmentsKey, stateKey } from './keys.ts'
import { encodeSegmentEntry } from './manifest.ts'
import { loadScript } from './script.ts'
import type { Restore, Scope } from './types.ts'

const RESTORE = loadScript('restore')

export async function restore(
  { scope, generation }: { readonly scope: Scope; readonly generation: number },
  { segments, next, boundaryMs }: Restore,
  connection: Connection,
): Promise<'restored' | 'stale'> {
  const beyond = segments.find(({ number }) => number >= next)
  if (!Number.isSafeInteger(next) || next < 1 || beyond !== undefined) {
    throw new HotStoreError('invalid', `next number ${next} is not above all segments`)
  }
  const args: Argument[] = [generation, next, scope === 'users' ? '' : checkedTimeMs(boundaryMs)]
  for (const entry of segments) args.push(entry.number, encodeSegmentEntry(entry))
  const keys = [stateKey(scope), segmentsKey(scope)]
  const reply = await connection.runReplicated({ script: RESTORE, keys, args })
  if (reply === 'restored' || reply === 'stale') return reply
  throw new HotStoreError('corrupt', 'the restore script answered something else')
}
