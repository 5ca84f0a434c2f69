import type { SegmentEntry } from '@poglog/hot-store'
import { segmentKey, verifyStored } from '@poglog/log-format'
import type { EncodedSegment, SegmentIdentity } from '@poglog/log-format'
import type { ArchiveDeps } from '../deps.ts'

/** What an object is made of. Its name tells the ULID, which no other object may have. */
export interface EncodedObject {
  readonly identity: SegmentIdentity
  readonly ulid: string
  readonly encoded: EncodedSegment
}

/**
 * Writes an object, reads it back from the store whole, and compares it with what went in, as
 * `verifyStored` does. Returns its manifest entry, which nobody knows yet.
 *
 * Reading back from the store, not from memory, also proves the upload (A1).
 *
 * @throws {ObjectStoreError} an object that nobody names may be left; the sweep removes it.
 * @throws {SegmentError} `corrupt` when what was read back is not what was written; likewise.
 */
export async function putVerified(
  { identity, ulid, encoded }: EncodedObject,
  { cold, signal, step }: Pick<ArchiveDeps, 'cold' | 'signal' | 'step'>,
): Promise<SegmentEntry> {
  const { body, summary } = encoded
  const key = segmentKey(identity, ulid)
  const source = { store: cold, key, sizeBytes: summary.sizeBytes }
  await step('put', async (note) => {
    note({ 'poglog.bytes': summary.sizeBytes, 'poglog.projection': identity.projection })
    await cold.put(key, body, { signal })
  })
  await step('read back', () => verifyStored(source, encoded, { signal }))
  return {
    number: identity.number,
    key,
    sizeBytes: summary.sizeBytes,
    projection: identity.projection,
    level: identity.level,
    ...(identity.users === undefined ? {} : { users: identity.users }),
    arrivalFromMs: identity.arrivalFromMs,
    arrivalToMs: identity.arrivalToMs,
    sentMinMs: summary.sentMinMs,
    sentMaxMs: summary.sentMaxMs,
    records: summary.records,
    digest: summary.digest,
  }
}
