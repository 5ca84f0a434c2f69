import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteRemoved } from '../src/delete-removed.ts'
import { erase } from '../src/erase.ts'
import { startErasing, GONE } from './support/erasing.ts'
import type { Archive, Erasing } from './support/erasing.ts'

let erasing: Erasing

beforeAll(async () => {
  erasing = await startErasing()
})

afterAll(async () => {
  await erasing[Symbol.asyncDispose]()
})

async function seeded(): Promise<Archive> {
  const archive = await erasing.fresh()
  await archive.seed()
  return archive
}

describe('erase', () => {
  it('removes a user from hot and every kind of segment, and nothing else (P1)', async () => {
    const archive = await seeded()
    const { hot } = archive
    const entries = await archive.segments()
    const kinds = new Set(entries.map(({ projection, level }) => `${projection} ${level}`))
    expect([...kinds].toSorted()).toEqual([
      'by-channel day',
      'by-channel hour',
      'by-user fold',
      'by-user run',
      'words day',
      'words fold',
    ])
    await hot.names.learn([{ id: GONE, login: 'gone', seenAtMs: 1 }])
    const erasure = await hot.erasures.request(GONE)
    await expect(archive.assertGone(erasure)).rejects.toThrow()
    const { kind, report } = await erase(erasure, archive.deps())
    expect(kind).toBe('done')
    await archive.assertGone(erasure)
    await archive.assertRest(erasure)
    expect(report).toMatchObject({ unreadable: [] })
    for (const count of ['hotEntries', 'records', 'userRecords', 'wordRows'] as const) {
      expect(report[count]).toBeGreaterThan(0)
    }
    expect(await hot.erasures.pending()).toEqual([])
    const noted = await hot.erasures.find(GONE)
    expect(noted?.state).toBe('done')
    expect(JSON.parse(noted?.report ?? '')).toEqual(report)
    expect(await hot.names.loginsOf([GONE])).toEqual(new Map())
    // Old objects stay for queries that still read them, and go after the grace.
    expect(await archive.marksInStore()).not.toEqual([])
    await deleteRemoved({ graceMs: -10 }, archive.deps())
    for (const key of await archive.marksInStore()) {
      // Runs that folds hold leave their manifests with the next clean.
      expect(key).toMatch(/^by-user\/date=/)
    }
  })
})
