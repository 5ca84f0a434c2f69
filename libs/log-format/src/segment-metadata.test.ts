import { describe, expect, it } from 'vitest'
import { readMetadata, writeMetadata } from './segment-metadata.ts'
import type { SegmentMetadata } from './segment-metadata.ts'
import { testIdentity } from './testing.ts'

const ULIDS = ['01KAMB6Z5T8R9XQ3W7D2E4F6GH', '01KAMB6Z5T8R9XQ3W7D2E4F6GJ']
const SUMMARY = { records: 3, sentMinMs: 1, sentMaxMs: 2, digest: 'a'.repeat(32) }

describe('the metadata of a segment', () => {
  it.each([
    testIdentity(),
    testIdentity({ level: 'day', companions: ULIDS, replaces: [] }),
    testIdentity({ projection: 'by-user', level: 'run', shard: 2, users: 5 }),
    testIdentity({ projection: 'by-user', level: 'fold', shard: 5, users: 5, replaces: ULIDS }),
    testIdentity({ projection: 'words', level: 'fold', replaces: ULIDS }),
  ])('is read as it was written: $projection $level', (identity) => {
    const metadata = { identity, summary: SUMMARY }
    expect(readMetadata(writeMetadata(metadata))).toEqual(metadata)
  })

  it('of an older segment has no lists', () => {
    const { shard, shards, number, projection, level, arrivalFromMs, arrivalToMs } = testIdentity()
    const identity = { shard, shards, number, projection, level, arrivalFromMs, arrivalToMs }
    const json = JSON.stringify({ version: 1, identity, summary: SUMMARY })
    const metadata = readMetadata(json)
    expect(metadata).toEqual({ identity, summary: SUMMARY })
    expect(Object.keys(identityIn(metadata))).not.toContain('replaces')
  })

  it('of a newer version is told from a damaged one', () => {
    expect(readMetadata(JSON.stringify({ version: 2 }))).toBe('unsupported')
    expect(readMetadata('{')).toBeUndefined()
    expect(readMetadata('[]')).toBeUndefined()
  })

  it.each([
    { level: 'fold' },
    { projection: 'by-user', level: 'run' },
    { projection: 'by-user', level: 'fold', shard: 1, users: 2 },
    { projection: 'words', level: 'hour' },
    { projection: 'other' },
    { shard: -1 },
    { replaces: 'x' },
    { replaces: ['x'] },
    { replaces: [1] },
    { companions: ['../../../etc/passwd'] },
  ])('cannot be %j', (changes) => {
    const identity = { ...testIdentity(), ...changes }
    const json = JSON.stringify({ version: 1, identity, summary: SUMMARY })
    expect(readMetadata(json)).toBeUndefined()
  })

  it('cannot list without end', () => {
    const identity = testIdentity({
      replaces: Array.from({ length: 65_537 }, () => ULIDS[0] ?? ''),
    })
    expect(readMetadata(JSON.stringify({ version: 1, identity, summary: SUMMARY }))).toBeUndefined()
  })

  it('is not written when it could not be read', () => {
    const identity = testIdentity({ replaces: ['no ulid'] })
    expect(() => writeMetadata({ identity, summary: SUMMARY })).toThrow('no segment identity')
  })
})

function identityIn(metadata: ReturnType<typeof readMetadata>): SegmentMetadata['identity'] {
  if (metadata === undefined || metadata === 'unsupported') throw new Error('no metadata')
  return metadata.identity
}
