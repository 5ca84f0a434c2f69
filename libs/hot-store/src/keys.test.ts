import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HotStoreError } from './errors.ts'
import { fnv1a32, isLogin, nameBucketKey, shardOf, stateKey, streamKey, userKey } from './keys.ts'

const HOSTILE = [
  '',
  '-1',
  '1 ',
  '1\n',
  '1:2',
  '{s01}',
  '１２',
  '1e5',
  '*',
  '1'.repeat(21),
  '../1',
  '1\0',
]

describe('keys', () => {
  it('spells every key with the hash tag of its shard, two digits at least', () => {
    expect(stateKey(7)).toBe('{s07}:state')
    expect(stateKey(123)).toBe('{s123}:state')
    expect(streamKey(0, '22484632')).toBe('{s00}:hot:22484632')
    expect(userKey(15, '9', Date.UTC(2026, 10, 21, 23, 59))).toBe('{s15}:user:2026-11-21:9')
  })

  it('hashes with FNV-1a (vectors of its authors)', () => {
    expect(fnv1a32('')).toBe(0x811c9dc5)
    expect(fnv1a32('a')).toBe(0xe40c292c)
    expect(fnv1a32('foobar')).toBe(0xbf9cf968)
  })

  it('spreads channels over the shards', () => {
    const counts = Array.from({ length: 16 }, () => 0)
    for (let id = 1; id <= 16_000; id += 1) {
      const shard = shardOf(String(id), 16)
      counts[shard] = (counts[shard] ?? 0) + 1
    }
    expect(Math.min(...counts)).toBeGreaterThan(800)
  })

  it.each(HOSTILE)('refuses %j as an id (S1)', (id) => {
    expect(() => streamKey(0, id)).toThrow(HotStoreError)
    expect(() => userKey(0, id, 0)).toThrow(HotStoreError)
    expect(() => shardOf(id, 4)).toThrow(HotStoreError)
  })

  it('refuses shards and days that are none (S1)', () => {
    for (const shard of [-1, 0.5, Number.NaN, 1024])
      expect(() => stateKey(shard)).toThrow(HotStoreError)
    for (const day of [-1, Number.NaN, 1e15])
      expect(() => userKey(0, '1', day)).toThrow(HotStoreError)
  })

  it('puts any text into one of 65,536 buckets of the names (S1)', () => {
    const property = fc.property(fc.string(), (text) => {
      expect(nameBucketKey(text)).toMatch(/^names:[0-9a-f]{4}$/)
    })
    fc.assert(property)
  })

  it('knows a login', () => {
    expect(['forsen', '__proto__', '0', 'a'.repeat(25)].every(isLogin)).toBe(true)
    expect(['', 'Forsen', 'a b', 'a'.repeat(26), 'ä', 'a\n'].some(isLogin)).toBe(false)
  })
})
