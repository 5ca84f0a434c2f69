import { memoryObjectStore } from '@poglog/object-store/testing'
import { describe, expect, it } from 'vitest'
import { encodeSegment } from './encode-segment.ts'
import { encodeWords } from './encode-words.ts'
import { compareUserRecords } from './order.ts'
import type { EncodedSegment } from './segment-writer.ts'
import { bytesOf } from './testing/bytes-of.ts'
import { generateRecords, testIdentity } from './testing.ts'
import type { LogRecord, SegmentSource } from './types.ts'
import { verifySegment } from './verify-segment.ts'
import { verifyStored } from './verify-stored.ts'
import { WordCounter } from './word-counter.ts'

const KEY = 'segment'
const RECORDS = [...generateRecords({ channels: 2, recordsEach: 1500 })]
const WORDS = testIdentity({ projection: 'words', level: 'day' })
const RUN = testIdentity({ projection: 'by-user', level: 'run', users: 0 })

async function stored({ body }: EncodedSegment, change?: (bytes: Uint8Array) => void) {
  const bytes = Uint8Array.from(bytesOf(body))
  change?.(bytes)
  const store = memoryObjectStore()
  await store.put(KEY, bytes)
  const source: SegmentSource = { store, key: KEY, sizeBytes: bytes.length }
  return source
}

function rows() {
  const counter = new WordCounter()
  for (const record of RECORDS) counter.add(record)
  return counter.take()
}

const ENCODINGS: readonly (readonly [string, () => Promise<EncodedSegment>])[] = [
  ['by-channel', () => encodeSegment(RECORDS, testIdentity())],
  ['by-user', () => encodeSegment(RECORDS.toSorted(compareUserRecords), RUN)],
  ['words', () => encodeWords([rows()], WORDS)],
]

describe('a segment that was just stored', () => {
  it.each(ENCODINGS)('is what was encoded: %s (A1)', async (_name, encode) => {
    const encoded = await encode()
    const source = await stored(encoded)
    expect(await verifyStored(source, encoded)).toEqual(encoded.summary)
    expect(await verifySegment(source)).toEqual(encoded.summary)
  })

  it.each(ENCODINGS)('is refused with any bit of it flipped: %s (A1)', async (_name, encode) => {
    const encoded = await encode()
    const { sizeBytes } = encoded.summary
    for (let at = 7; at < sizeBytes; at += Math.ceil(sizeBytes / 50)) {
      const source = await stored(encoded, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      })
      await expect(verifyStored(source, encoded)).rejects.toThrow('segment corrupt')
    }
  })

  it.each([
    ['another line', { raw: `${RECORDS[1]?.raw}!` }],
    ['another sent time', { sentAtMs: (RECORDS[1]?.sentAtMs ?? 0) + 1 }],
    ['another arrival', { receivedAtMs: 1 }],
    ['another type', { type: 'GAP' }],
    ['another channel login', { channelLogin: 'other' }],
    ['another key', { key: '0'.repeat(32) }],
    ['no user', { userId: '' }],
  ] satisfies [string, Partial<LogRecord>][])(
    'is refused, whole as it is, when it holds %s (A1)',
    async (_name, change) => {
      const encoded = await encodeSegment(RECORDS, testIdentity())
      const others = RECORDS.map((record, index) =>
        index === 1 ? Object.assign({}, record, change) : record,
      )
      const other = await encodeSegment(others, testIdentity())
      // Row 1 is in no sample. All that tells the two apart but what they hold is made alike.
      const { metadata, table } = other.proof
      const proof = { ...encoded.proof, metadata, table }
      const { summary } = other
      const verifying = verifyStored(await stored(other), { proof, summary })
      await expect(verifying).rejects.toThrow('of row group 0 not as it was written')
    },
  )

  it('is refused when it is another segment, or one of another size', async () => {
    const encoded = await encodeSegment(RECORDS, testIdentity())
    const other = await encodeSegment(RECORDS, testIdentity({ number: 2 }))
    await expect(verifyStored(await stored(other), encoded)).rejects.toThrow(
      'not as it was written',
    )
    const less = await encodeSegment(RECORDS.slice(1), testIdentity())
    await expect(verifyStored(await stored(less), encoded)).rejects.toThrow('size not as')
  })
})
