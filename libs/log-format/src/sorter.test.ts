import { mkdtemp, readdir, rm, writeFile, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSorter } from './sorter.ts'
import type { Sorter, SorterOptions } from './sorter.ts'

interface Row {
  readonly word: string
  readonly user: number
  readonly count: number
}

const ROW_BYTES = 100

describe('a sorter', () => {
  let workDir = ''
  beforeEach(async () => {
    workDir = await mkdtemp(join(tmpdir(), 'poglog-sorter-'))
  })
  afterEach(async () => {
    await rm(workDir, { recursive: true })
  })

  function options(rowsHeld: number): SorterOptions<Row> {
    return { workDir, compare, sizeOf: () => ROW_BYTES, bytesMax: rowsHeld * ROW_BYTES }
  }

  it('sorts as Array.sort does, in memory and over files alike', async () => {
    const row = fc.record({
      word: fc.string({ unit: 'grapheme', maxLength: 4 }),
      user: fc.integer({ min: 0, max: 3 }),
      count: fc.integer({ min: 1, max: 9 }),
    })
    const batches = fc.array(fc.array(row, { maxLength: 30 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 1, max: 50 }), async (added, rowsHeld) => {
        await using sorter = createSorter({ ...options(rowsHeld), combine })
        for (const batch of added) await sorter.add(batch)
        expect(await all(sorter)).toEqual(addedUp(added.flat()))
      }),
      { numRuns: 60 },
    )
    expect(await readdir(workDir)).toEqual([])
  })

  it('merges more runs than can be open at once in two passes', async () => {
    const rows = generate(2400)
    await using sorter = createSorter({ ...options(4), combine })
    await sorter.add(rows)
    expect(await files(workDir)).toHaveLength(600)
    expect(await all(sorter)).toEqual(addedUp(rows))
    expect(await files(workDir)).toEqual([])
  })

  it.each([1, 64, 65, 127, 128, 129])('sorts with %i runs', async (runs) => {
    const rows = generate(runs * 8)
    await using sorter = createSorter({ ...options(8), combine })
    await sorter.add(rows)
    expect(await files(workDir)).toHaveLength(runs)
    expect(await all(sorter)).toEqual(addedUp(rows))
  })

  it('keeps the first of equal items, however they were spilled', async () => {
    const rows = Array.from({ length: 1000 }, (_, count) => ({ word: 'a', user: 1, count }))
    const dropped: number[] = []
    await using sorter = createSorter({
      ...options(7),
      onEqual: ({ count }: Row) => dropped.push(count),
    })
    await sorter.add(rows)
    expect(await all(sorter)).toEqual(rows.slice(0, 1))
    expect(new Set(dropped)).toEqual(new Set(rows.slice(1).map(({ count }) => count)))
    expect(dropped).toHaveLength(999)
  })

  it('writes nothing while everything fits', async () => {
    await using sorter = createSorter(options(1001))
    await sorter.add(generate(1000))
    expect(await readdir(workDir)).toEqual([])
    expect(await all(sorter)).toHaveLength(addedUp(generate(1000)).length)
  })

  it('leaves no file when it is given up, before, while and after it is read', async () => {
    {
      await using sorter = createSorter(options(10))
      await sorter.add(generate(1000))
      expect(await files(workDir)).not.toEqual([])
    }
    expect(await readdir(workDir)).toEqual([])
    {
      await using sorter = createSorter(options(300))
      await sorter.add(generate(10_000))
      for await (const batch of sorter.sorted()) {
        expect(batch.length).toBeGreaterThan(0)
        break
      }
      expect(await files(workDir)).not.toEqual([])
    }
    expect(await readdir(workDir)).toEqual([])
  })

  it('fails as the file system fails', async () => {
    const missing = join(workDir, 'missing')
    await using sorter = createSorter({ ...options(10), workDir: missing })
    await expect(sorter.add(generate(100))).rejects.toThrow('ENOENT')
  })

  it('fails for a file that is not as it was written', async () => {
    await using sorter = createSorter(options(100))
    await sorter.add(generate(1000))
    const [path] = await files(workDir)
    if (path === undefined) throw new Error('no file')
    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3)
    await writeFile(path, bytes)
    await expect(all(sorter)).rejects.toThrow('is damaged')
  })

  it('stops when the signal says so, and is used but once', async () => {
    const abort = new AbortController()
    await using sorter = createSorter({ ...options(100), signal: abort.signal })
    await sorter.add(generate(1000))
    const reading = sorter.sorted()
    await reading.next()
    await expect(sorter.add([])).rejects.toThrow('after its end')
    await expect(sorter.sorted().next()).rejects.toThrow('after its end')
    abort.abort(new Error('stopped'))
    await expect(reading.next()).rejects.toThrow('stopped')
  })
})

function compare(left: Row, right: Row): number {
  if (left.word !== right.word) return left.word < right.word ? -1 : 1
  return left.user - right.user
}

function combine(first: Row, second: Row): Row {
  return { word: first.word, user: first.user, count: first.count + second.count }
}

function addedUp(rows: readonly Row[]): Row[] {
  const sums = new Map<string, Row>()
  for (const row of rows) {
    const key = `${row.user} ${row.word}`
    const known = sums.get(key)
    sums.set(key, known === undefined ? row : combine(known, row))
  }
  return [...sums.values()].toSorted(compare)
}

function generate(rows: number): Row[] {
  return Array.from({ length: rows }, (_, index) => ({
    word: `w${(index * 7919) % 997}`,
    user: (index * 31) % 5,
    count: 1,
  }))
}

async function all(sorter: Sorter<Row>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const batch of sorter.sorted()) rows.push(...batch)
  return rows
}

async function files(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
