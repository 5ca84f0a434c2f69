import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { SegmentError } from './segment-error.ts'
import { compareUserRecords } from './order.ts'
import { readWords } from './read-words.ts'
import { generateRecords, testIdentity } from './testing.ts'
import { readAll, storedBytes, storedSegment, storedWords } from './testing/stored-segment.ts'
import type { LogRecord, SegmentSource, WordCount } from './types.ts'
import { compareWordCounts } from './words.ts'
import { verifySegment } from './verify-segment.ts'
import { knownKeys } from './known-keys.ts'

const RECORDS = [...generateRecords({ channels: 2, recordsEach: 60 })]
const FLIPS_MAX = 1500

async function outcome(source: SegmentSource): Promise<LogRecord[] | SegmentError> {
  try {
    return await readAll(source)
  } catch (error) {
    if (error instanceof SegmentError) return error
    throw error
  }
}

/** Right records or a SegmentError that names the key: anything else fails. */
async function expectHonest(source: SegmentSource, what: string): Promise<'error' | 'records'> {
  const result = await outcome(source)
  if (result instanceof SegmentError) {
    if (result.kind !== 'corrupt' || result.key !== source.key)
      throw new Error(`${what}: ${result}`)
    return 'error'
  }
  if (JSON.stringify(result) !== JSON.stringify(RECORDS)) throw new Error(`${what}: wrong records`)
  return 'records'
}

describe('a damaged segment', () => {
  it('is an error wherever a bit of it flips, never wrong records', async () => {
    const { bytes } = await storedSegment(RECORDS)
    const step = Math.max(1, Math.floor(bytes.length / FLIPS_MAX))
    let errors = 0
    let flips = 0
    for (let at = 0; at < bytes.length; at += step) {
      const damaged = Uint8Array.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      const { source } = await storedBytes(damaged)
      if ((await expectHonest(source, `bit at ${at}`)) === 'error') errors += 1
      flips += 1
    }
    expect(errors).toBe(flips)
  })

  it.each(['by-user', 'words'] as const)(
    'is an error wherever a bit of it flips, in %s order too',
    async (projection) => {
      const { bytes } = await damagedOf(projection)
      const step = Math.max(1, Math.floor(bytes.length / (FLIPS_MAX / 3)))
      for (let at = 0; at < bytes.length; at += step) {
        const damaged = Uint8Array.from(bytes)
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
        const { source } = await storedBytes(damaged)
        const reading = projection === 'words' ? readRows(source) : readAll(source)
        await expect(reading, `bit at ${at}`).rejects.toMatchObject({
          name: 'SegmentError',
          kind: 'corrupt',
          key: source.key,
        })
      }
    },
  )

  it.each(['by-user', 'words'] as const)(
    'is found out when its footer, though sealed, says %s of other rows',
    async (projection) => {
      const { bytes } = await damagedOf(projection)
      const digest = /"digest":"[0-9a-f]{32}"/.exec(Buffer.from(bytes).toString('latin1'))?.[0]
      if (digest === undefined) throw new Error('no digest')
      const other = digest.replace(/[0-9a-f](?="$)/, (digit) => (digit === '0' ? '1' : '0'))
      const { source } = await storedBytes(forged(bytes, digest, other))
      await expect(verifySegment(source)).rejects.toMatchObject({ kind: 'corrupt' })
    },
  )

  it('is an error or rows of its kind for any byte of a sealed words footer (S1)', async () => {
    const { bytes } = await damagedOf('words')
    const footerAt = bytes.length - 8 - Buffer.from(bytes).readUInt32LE(bytes.length - 8)
    for (let at = footerAt; at < bytes.length - 8; at += 3) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x7f
      const { source } = await storedBytes(resealed(damaged))
      const result = await readRows(source).catch((error: unknown) => error)
      const isHonest = result instanceof SegmentError || Array.isArray(result)
      expect(isHonest, `byte ${at}: ${String(result)}`).toBe(true)
    }
  })

  it('is an error when it was cut short or grew, wherever', async () => {
    const { bytes } = await storedSegment(RECORDS)
    const step = Math.max(1, Math.floor(bytes.length / 500))
    for (let length = 0; length < bytes.length; length += step) {
      const { source } = await storedBytes(bytes.subarray(0, length), bytes.length)
      expect(await expectHonest(source, `${length} bytes`)).toBe('error')
      const shorter = await storedBytes(bytes.subarray(0, length))
      expect(await expectHonest(shorter.source, `${length} bytes of ${length}`)).toBe('error')
    }
    const longer = Buffer.concat([bytes, bytes.subarray(0, 100)])
    const { source } = await storedBytes(longer)
    expect(await expectHonest(source, 'longer')).toBe('error')
  })

  it('is an error when blocks changed places', async () => {
    const { bytes } = await storedSegment(generateRecords({ channels: 2, recordsEach: 4000 }))
    const swapped = Uint8Array.from(bytes)
    swapped.copyWithin(16_384, 32_768, 49_152)
    const { source } = await storedBytes(swapped)
    await expect(readAll(source)).rejects.toMatchObject({ kind: 'corrupt' })
    await expect(verifySegment(source)).rejects.toMatchObject({ kind: 'corrupt' })
  })

  it('is missing when there is no such object', async () => {
    const { source } = await storedBytes(new Uint8Array(10))
    const gone = { ...source, key: 'by-channel/gone.parquet' }
    await expect(readAll(gone)).rejects.toMatchObject({ kind: 'missing', key: gone.key })
    await expect(knownKeys(gone, RECORDS)).rejects.toMatchObject({ kind: 'missing' })
  })

  it('is an error for random bytes, with and without the marks of a segment (S1)', async () => {
    const { bytes } = await storedSegment(RECORDS)
    for (let length = 0; length < 200; length += 7) {
      const noise = Buffer.from(Array.from({ length }, (_, index) => (index * 7919 + length) % 256))
      for (const tail of [0, 4, 8, 300]) {
        const made = Buffer.concat([noise, bytes.subarray(bytes.length - tail)])
        const { source } = await storedBytes(made)
        expect(await expectHonest(source, `${length} random bytes`)).toBe('error')
      }
    }
  })

  it('is refused when a newer version wrote it', async () => {
    const { bytes } = await storedSegment(RECORDS)
    const { source } = await storedBytes(forged(bytes, '"version":1', '"version":2'))
    await expect(readAll(source)).rejects.toMatchObject({ kind: 'unsupported' })
  })

  it.each([
    ['"records":120', '"records":121'],
    ['"projection":"by-channel"', '"projection":"by-chanXel"'],
    ['"level":"hour"', '"level":"hxur"'],
    ['{"version"', '["version"'],
    ['"digest"', '"digesX"'],
    ['user_id', 'loser_i'],
  ])('is corrupt when its footer, though sealed, says %j as %j', async (from, to) => {
    const { bytes } = await storedSegment(RECORDS)
    const { source } = await storedBytes(forged(bytes, from, to))
    await expect(readAll(source)).rejects.toMatchObject({ kind: 'corrupt', key: source.key })
  })

  it('believes no number of a sealed footer: no huge allocation, no hang (S1)', async () => {
    const { bytes } = await storedSegment(RECORDS)
    const footerBytes = Buffer.from(bytes).readUInt32LE(bytes.length - 8)
    const footerAt = bytes.length - 8 - footerBytes
    for (let at = footerAt; at < bytes.length - 8; at += 3) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ 0x7f
      const { source } = await storedBytes(resealed(damaged))
      const result = await outcome(source).catch((error: unknown) => error)
      if (result instanceof SegmentError) continue
      if (!Array.isArray(result)) throw new Error(`byte ${at}`, { cause: result })
      expect(result.length).toBeLessThanOrEqual(RECORDS.length)
    }
    expect(process.memoryUsage().rss).toBeLessThan(1_500_000_000)
  })
})

/** A segment of another projection, small enough to try every part of it. */
async function damagedOf(projection: 'by-user' | 'words'): Promise<{ bytes: Uint8Array }> {
  if (projection === 'by-user') {
    const identity = testIdentity({ projection, level: 'run', users: 0 })
    return await storedSegment(RECORDS.toSorted(compareUserRecords), {}, identity)
  }
  const rows = Array.from({ length: 400 }, (_, index) => ({
    channelId: '1',
    wordFolded: `w${Math.floor(index / 10)}`,
    word: `w${Math.floor(index / 10)}`,
    hourMs: 3_600_000 * (index % 5),
    userId: String(100 + index),
    count: 1 + (index % 3),
  }))
  return await storedWords(rows.toSorted(compareWordCounts))
}

async function readRows(source: SegmentSource): Promise<WordCount[]> {
  const rows: WordCount[] = []
  for await (const batch of readWords(source, { fromMs: 0, toMs: Infinity })) rows.push(...batch)
  return rows
}

/** Replaces text in the footer and makes the tail's checksum right again. */
function forged(bytes: Uint8Array, from: string, to: string): Uint8Array {
  if (from.length !== to.length) throw new Error('a forgery keeps the length')
  const made = Buffer.from(bytes)
  const at = made.lastIndexOf(from)
  if (at === -1) throw new Error(`no ${from}`)
  made.write(to, at)
  return resealed(made)
}

function resealed(bytes: Buffer): Uint8Array {
  const footerBytes = bytes.readUInt32LE(bytes.length - 8)
  const trailerAt = bytes.length - 8 - footerBytes - 24
  const tailAt = Number(bytes.readBigUInt64LE(trailerAt + 8))
  bytes.writeUInt32LE(0, trailerAt + 20)
  bytes.writeUInt32LE(crc32(bytes.subarray(tailAt)), trailerAt + 20)
  return bytes
}
