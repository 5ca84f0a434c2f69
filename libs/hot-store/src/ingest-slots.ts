import { fnv1a32 } from './keys.ts'
import { INGEST_SLOTS } from './replica-types.ts'

/** The slot of a channel, by its login: the id of a channel that was never joined is not known. */
export function ingestSlotOf(login: string): number {
  return mix32(fnv1a32(login)) % INGEST_SLOTS
}

/**
 * Spreads a 32-bit number over all its bits; FNV-1a alone leaves those of similar names alike.
 *
 * @see https://github.com/aappleby/smhasher/wiki/MurmurHash3 (fmix32)
 */
export function mix32(value: number): number {
  let hash = value >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
