import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DigestSum } from './digest.ts'
import { hash128 } from './murmur.ts'
import type { Hash128 } from './murmur.ts'
import { generateRecords } from './testing.ts'

const RECORDS = [...generateRecords({ channels: 2, recordsEach: 20 })]

function hex(head: string, tail = ''): string {
  const out: Hash128 = [0, 0, 0, 0]
  hash128(head, tail, out)
  return out.map((word) => word.toString(16).padStart(8, '0')).join('')
}

describe('the digest of records', () => {
  it('does not depend on their order', () => {
    const forward = new DigestSum()
    const backward = new DigestSum()
    for (const record of RECORDS) forward.add(record)
    for (const record of RECORDS.toReversed()) backward.add(record)
    expect(forward.toString()).toBe(backward.toString())
    expect(forward.toString()).toMatch(/^[0-9a-f]{32}$/)
  })

  it('adds up, and what was added can be taken away', () => {
    const whole = new DigestSum()
    const parts = [new DigestSum(), new DigestSum()] as const
    for (const [index, record] of RECORDS.entries()) {
      whole.add(record)
      parts[index % 2 === 0 ? 0 : 1].add(record)
    }
    const sum = new DigestSum()
    for (const part of parts) sum.addDigest(part.toString())
    expect(sum.toString()).toBe(whole.toString())
    for (const part of parts) sum.subtractDigest(part.toString())
    expect(sum.toString()).toBe('0'.repeat(32))
    expect(() => sum.addDigest('x')).toThrow('no digest')
  })

  it('carries over words', () => {
    const sum = new DigestSum()
    sum.addDigest('f'.repeat(32))
    sum.addDigest(`${'0'.repeat(31)}2`)
    expect(sum.toString()).toBe(`${'0'.repeat(31)}1`)
    sum.subtractDigest(`${'0'.repeat(31)}2`)
    expect(sum.toString()).toBe('f'.repeat(32))
  })

  it('changes with every field', () => {
    const [record] = RECORDS
    if (record === undefined) throw new Error('no record')
    const digests = [
      record,
      { ...record, channelId: '1' },
      { ...record, channelLogin: 'x' },
      { ...record, userId: '1' },
      { ...record, sentAtMs: 1 },
      { ...record, receivedAtMs: 1 },
      { ...record, type: 'GAP' } as const,
      { ...record, key: '0'.repeat(32) },
      { ...record, raw: `${record.raw} ` },
    ].map((changed) => {
      const sum = new DigestSum()
      sum.add(changed)
      return sum.toString()
    })
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('of words does not change when rows are added up', () => {
    const row = { channelId: '1', wordFolded: 'pog', word: 'Pog', hourMs: 3_600_000, userId: '2' }
    const counts = fc.array(fc.integer({ min: 1, max: 200_000_000 }), {
      minLength: 1,
      maxLength: 9,
    })
    fc.assert(
      fc.property(counts, (parts) => {
        const apart = new DigestSum()
        for (const count of parts) apart.addWords({ ...row, count })
        const together = new DigestSum()
        together.addWords({ ...row, count: parts.reduce((sum, count) => sum + count, 0) })
        expect(together.toString()).toBe(apart.toString())
        // What FORMAT.md says, in plain arithmetic.
        const hash = BigInt(`0x${hex('1 Pog 3600000 2')}`)
        const sum = parts.reduce((total, count) => total + BigInt(count) * hash, 0n)
        expect(BigInt(`0x${apart.toString()}`)).toBe(sum % 2n ** 128n)
      }),
    )
  })

  it('of words changes with every field but the folded word', () => {
    const row = {
      channelId: '1',
      wordFolded: 'pog',
      word: 'Pog',
      hourMs: 3_600_000,
      userId: '2',
      count: 3,
    }
    const digests = [
      row,
      { ...row, channelId: '2' },
      { ...row, word: 'pog' },
      { ...row, word: '' },
      { ...row, hourMs: 0 },
      { ...row, userId: '3' },
      { ...row, userId: '' },
      { ...row, count: 4 },
    ].map((changed) => {
      const sum = new DigestSum()
      sum.addWords(changed)
      return sum.toString()
    })
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('rests on MurmurHash3_x86_128', () => {
    // Published values of ASCII text, whose bytes are here read two by two as UTF-16LE.
    const fox = 'The quick brown fox jumps over the lazy dog.'
    expect(hex('')).toBe('0'.repeat(32))
    expect(hex(utf16('I will not buy this record, it is scratched.'))).toBe(
      'a0a9683b25ac5e40d9af2895890dddf5',
    )
    expect(hex(utf16(fox).slice(0, 5), utf16(fox).slice(5))).toBe(hex(utf16(fox)))
    expect(hex('é😂'.repeat(9000))).not.toBe(hex('é😂'.repeat(9001)))
  })

  it('does not depend on what was hashed before', () => {
    const texts = Array.from(
      { length: 40 },
      (_, index) => 'ab'.repeat(index) + 'c'.repeat(index % 3),
    )
    const alone = texts.map((text) => hex(text))
    const behind = texts.map((text) => {
      hex('\uffff'.repeat(300))
      return hex(text)
    })
    expect(behind).toEqual(alone)
    expect(new Set(alone).size).toBe(texts.length)
  })
})

function utf16(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf16le')
}
