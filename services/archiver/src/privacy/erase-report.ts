import type { Erasure } from '@poglog/hot-store'
import { z } from 'zod'

/** A report lists so many keys at most; `segments` counts them all. */
const KEYS_MAX = 5000
/** Beyond a million characters a report could not be noted. */
const UNREADABLE_MAX = 1000

const count = z.int().min(0)
const reportSchema = z.object({
  hotEntries: count,
  records: count,
  userRecords: count,
  wordRows: count,
  segments: count,
  keys: z.array(z.string()),
  unreadable: z.array(z.string()),
  finishedAtMs: count.optional(),
  objectsGoneAtMs: count.optional(),
  orphansGoneAtMs: count.optional(),
})

/**
 * What an erasure has removed so far. Numbers are at least what was removed: a job that was killed between a step and
 * its note of it has not counted it.
 *
 * - `hotEntries`: entries of Redis streams.
 * - `records`: of by-channel segments; `userRecords`: of by-user segments; `wordRows`: of words segments. They
 *   include those of other erased users in the same segments.
 * - `segments`: how many were written anew; `keys` are their object keys, 5,000 at most.
 * - `unreadable`: keys of segments that could not be looked into, 1,000 at most. The request stays pending until they can.
 * - `objectsGoneAtMs`: when the last of the objects that manifests named will have been deleted. Milliseconds since the
 *   Unix epoch.
 * - `orphansGoneAtMs`: when those will have been, too, that killed jobs left and nobody named, if the archiver runs
 *   until then: a sweep must see them twice, a grace apart.
 */
export type EraseReport = Readonly<z.infer<typeof reportSchema>>

export const EMPTY_REPORT: EraseReport = {
  hotEntries: 0,
  records: 0,
  userRecords: 0,
  wordRows: 0,
  segments: 0,
  keys: [],
  unreadable: [],
}

/** The report of a request; an empty one where nothing was done, or nothing that can be read is noted. */
export function reportOf({ report }: Pick<Erasure, 'report'>): EraseReport {
  if (report === undefined) return EMPTY_REPORT
  try {
    return reportSchema.parse(JSON.parse(report))
  } catch {
    return EMPTY_REPORT // Whoever wrote it, the records are looked for anew in any case.
  }
}

/** Adds what was left out of one segment, which was written anew. */
export function withSegment(
  report: EraseReport,
  what: Pick<EraseReport, 'records' | 'userRecords' | 'wordRows'> & { readonly key: string },
): EraseReport {
  const { keys } = report
  return {
    ...report,
    records: report.records + what.records,
    userRecords: report.userRecords + what.userRecords,
    wordRows: report.wordRows + what.wordRows,
    segments: report.segments + 1,
    keys: keys.length < KEYS_MAX ? [...keys, what.key] : keys,
  }
}

/** Names a segment that cannot be read. */
export function withUnreadable(report: EraseReport, key: string): EraseReport {
  const { unreadable } = report
  if (unreadable.includes(key) || unreadable.length >= UNREADABLE_MAX) return report
  return { ...report, unreadable: [...unreadable, key] }
}
