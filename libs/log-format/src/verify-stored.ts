import { setImmediate } from 'node:timers/promises'
import { sumOfColumn } from './column-sums.ts'
import { COLUMNS, WORD_COLUMNS } from './columns.ts'
import type { ColumnName, ColumnSpec, WordColumnName } from './columns.ts'
import { DigestSum } from './digest.ts'
import { fetchBytes } from './fetch-bytes.ts'
import type { FetchedBytes } from './fetch-bytes.ts'
import type { RowGroupPlace, SegmentFooter } from './footer.ts'
import { openSegment } from './open-segment.ts'
import type { OpenOptions } from './open-segment.ts'
import { recordsOf } from './record-batch.ts'
import { RowGroupReader, required } from './row-group-reader.ts'
import { SAMPLE_EVERY } from './segment-proof.ts'
import type { RowGroupProof } from './segment-proof.ts'
import { SegmentError } from './segment-error.ts'
import { writeMetadata } from './segment-metadata.ts'
import type { EncodedSegment } from './segment-writer.ts'
import type { SegmentSource, SegmentSummary, WordCount } from './types.ts'

/**
 * Reads a segment that was just stored back, whole, and compares it with what went into it: every checksum with those
 * of the body that was encoded, every column as readers decode it with the values it was encoded from, and every 64th
 * row, made into a record or a count again with its line, with the row that was given (A1). Half the work of
 * `verifySegment`, which needs nothing but the object and makes every row again.
 *
 * Together with encoding, which rebuilds every line from its columns, it says that the store holds exactly those rows.
 *
 * @throws {SegmentError} `corrupt` for the first thing that is not as it was written.
 */
export async function verifyStored(
  source: SegmentSource,
  { proof, summary }: Pick<EncodedSegment, 'proof' | 'summary'>,
  { signal }: Pick<OpenOptions, 'signal'> = {},
): Promise<SegmentSummary> {
  const footer = await openSegment(source, { signal })
  const corrupt = (detail: string): SegmentError =>
    new SegmentError('corrupt', source.key, { detail: `${detail} not as it was written` })
  if (footer.sizeBytes !== summary.sizeBytes) throw corrupt('size')
  if (writeMetadata(footer) !== proof.metadata) throw corrupt('metadata')
  if (Buffer.compare(bytesOf(footer.layout.table), bytesOf(proof.table)) !== 0) {
    throw corrupt('checksums')
  }
  if (footer.rowGroups.length !== proof.rowGroups.length) throw corrupt('number of row groups')
  let next = fetchGroup({ source, footer }, footer.rowGroups[0], signal)
  for (const [index, place] of footer.rowGroups.entries()) {
    const fetched = await next
    next = fetchGroup({ source, footer }, footer.rowGroups[index + 1], signal)
    const reader = new RowGroupReader({ source, footer }, place, fetched)
    const wrong = reader.decode('row group', () => differenceOf(reader, proof.rowGroups[index]))
    if (wrong !== undefined) throw corrupt(`${wrong} of row group ${index}`)
    await setImmediate() // A row group takes 50 ms: let leases and health checks have their turn.
  }
  return summary
}

/** Begins to fetch; who never waits for it never sees it fail. */
function fetchGroup(
  { source, footer }: { readonly source: SegmentSource; readonly footer: SegmentFooter },
  place: RowGroupPlace | undefined,
  signal: AbortSignal | undefined,
): Promise<FetchedBytes | undefined> {
  if (place === undefined) return Promise.resolve(undefined)
  const ranges = [{ start: place.start, end: place.end }]
  const fetching = fetchBytes(source, footer.layout, { ranges, signal })
  fetching.catch(() => undefined)
  return fetching
}

/** What of a row group is not as it was written, `undefined` when all is. */
function differenceOf(
  reader: RowGroupReader,
  proof: RowGroupProof | undefined,
): string | undefined {
  const { rows } = reader.place
  if (rows !== proof?.rows) return 'number of rows'
  for (const [name, sum] of proof.columns) {
    const found = sumOfColumn(reader.column(name), { kind: kindOf(name), rows })
    if (found.values !== sum.values || found.rows !== sum.rows) return `column ${name}`
  }
  return sampleOf(reader, rows) === proof.sample ? undefined : 'sample of rows'
}

/** A column's kind is the same in every projection that has it. */
function kindOf(name: ColumnName | WordColumnName): ColumnSpec['kind'] {
  const spec = [...COLUMNS, ...WORD_COLUMNS].find((column) => column.name === name)
  if (spec === undefined) throw new Error(`no column ${name}`)
  return spec.kind
}

function sampleOf(reader: RowGroupReader, rows: number): string {
  const digest = new DigestSum()
  const sampled = Int32Array.from(
    { length: Math.ceil(rows / SAMPLE_EVERY) },
    (_, index) => index * SAMPLE_EVERY,
  )
  if (reader.columnNames().includes('word')) {
    for (const row of sampled) digest.addWords(wordCountOf(reader, row))
  } else for (const record of recordsOf(reader, sampled, '')) digest.add(record)
  return digest.toString()
}

function wordCountOf(reader: RowGroupReader, row: number): WordCount {
  return {
    channelId: required(reader.column('channel_id').text(row)),
    wordFolded: required(reader.column('word_folded').text(row)),
    word: required(reader.column('word').text(row)),
    hourMs: reader.column('hour').number(row),
    userId: required(reader.column('user_id').text(row)),
    count: reader.column('count').number(row),
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
