import { z } from 'zod'
import { HotStoreError } from './errors.ts'
import { SHARDS_MAX } from './keys.ts'
import type { SegmentEntry } from './types.ts'

/** Longest object key, as S3 has it. */
const OBJECT_KEY_LENGTH_MAX = 1024

const timeMs = z.int().min(0)
const segmentSchema = z.object({
  number: z.int().min(1),
  key: z.string().min(1).max(OBJECT_KEY_LENGTH_MAX),
  sizeBytes: z.int().min(0),
  projection: z.enum(['by-channel', 'by-user', 'words']),
  level: z.enum(['hour', 'day', 'run', 'fold']),
  users: z
    .int()
    .min(0)
    .max(SHARDS_MAX - 1)
    .optional(),
  arrivalFromMs: timeMs,
  arrivalToMs: timeMs,
  sentMinMs: timeMs,
  sentMaxMs: timeMs,
  records: z.int().min(0),
  digest: z.string().regex(/^[0-9a-f]{32}$/),
}) satisfies z.ZodType<SegmentEntry>

/** @throws {HotStoreError} `invalid` when a field is out of range. */
export function encodeSegmentEntry(entry: SegmentEntry): string {
  const checked = segmentSchema.safeParse(entry)
  if (!checked.success)
    throw new HotStoreError('invalid', `segment: ${z.prettifyError(checked.error)}`)
  return JSON.stringify(checked.data)
}

/** Reads manifest values, in the order of their numbers. @throws {HotStoreError} `corrupt`. */
export function decodeManifest(values: readonly unknown[]): readonly SegmentEntry[] {
  return values.map(decodeSegmentEntry).toSorted((a, b) => a.number - b.number)
}

function decodeSegmentEntry(value: unknown): SegmentEntry {
  try {
    return segmentSchema.parse(JSON.parse(String(value)))
  } catch (cause) {
    throw new HotStoreError('corrupt', 'a manifest entry is not readable', { cause })
  }
}
