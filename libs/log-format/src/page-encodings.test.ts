import * as fc from 'fast-check'
import { ByteWriter } from 'hyparquet-writer'
import { deltaBinaryPack } from 'hyparquet-writer/src/delta.js'
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js'
import { describe, expect, it } from 'vitest'
import { readDeltas, readHybrid } from './page-encodings.ts'

const TIME_MAX = 8.64e15

describe('the encodings of a page', () => {
  it('gives back integers that were packed as deltas, of any size a time can have', () => {
    const time = fc.oneof(
      fc.integer({ min: 0, max: TIME_MAX }),
      fc.integer({ min: 1_795_000_000_000, max: 1_795_100_000_000 }),
      fc.constantFrom(0, 1, TIME_MAX, 2 ** 31, 2 ** 32, 2 ** 48, 2 ** 52),
    )
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 400 }), (times) => {
        const bytes = written((writer) => deltaBinaryPack(writer, times.map(BigInt), 'INT64'))
        const values = new Float64Array(times.length)
        readDeltas({ bytes, at: 0 }, values)
        expect([...values]).toEqual(times)
      }),
      { numRuns: 300 },
    )
  })

  it('knows where deltas end', () => {
    const lengths = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(lengths, (values) => {
        const bytes = written((writer) => {
          deltaBinaryPack(writer, Int32Array.from(values), 'INT32')
          writer.appendBytes(Uint8Array.of(1, 2, 3))
        })
        const cursor = { bytes, at: 0 }
        const read = new Float64Array(values.length)
        readDeltas(cursor, read)
        expect([...read]).toEqual(values)
        expect(bytes.length - cursor.at).toBe(3)
      }),
    )
  })

  it('gives back dictionary entries, in runs and packed', () => {
    const run = fc.tuple(fc.nat({ max: 70_000 }), fc.integer({ min: 1, max: 40 }))
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 60 }), (runs) => {
        const entries = runs.flatMap(([entry, length]) => Array.from({ length }, () => entry))
        const width = 32 - Math.clz32(Math.max(1, ...entries))
        const bytes = written((writer) => writeRleBitPackedHybrid(writer, entries, width))
        const values = new Int32Array(entries.length)
        readHybrid({ bytes, at: 0 }, width, values)
        expect([...values]).toEqual(entries)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses what ends early, and never hangs on noise (S1)', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.integer({ min: 0, max: 40 }),
        (bytes, width) => {
          const failures = [
            failureOf(() => readDeltas({ bytes, at: 0 }, new Float64Array(3000))),
            failureOf(() => readHybrid({ bytes, at: 0 }, width, new Int32Array(3000))),
          ]
          const isHonest = failures.every((failure) => failure instanceof Error)
          expect(isHonest || failures.includes(undefined)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
    expect(() => readDeltas({ bytes: new Uint8Array(), at: 0 }, new Float64Array(1))).toThrow(
      'early',
    )
    expect(() => readHybrid({ bytes: Uint8Array.of(3), at: 0 }, 8, new Int32Array(8))).toThrow(
      'early',
    )
  })
})

function failureOf(read: () => void): unknown {
  try {
    read()
    return undefined
  } catch (error) {
    return error
  }
}

function written(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter()
  write(writer)
  return writer.getBytes()
}
