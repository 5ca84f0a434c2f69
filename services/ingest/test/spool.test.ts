import { appendFile, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppendLine } from '@poglog/hot-store'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ByteBudget } from '../src/byte-budget.ts'
import type { SpoolLoss, SpooledBatch } from '../src/spool.ts'
import { Spool } from '../src/spool.ts'

const opened: { dir: string; spools: Spool[] }[] = []

afterEach(async () => {
  for (const { dir, spools } of opened.splice(0)) {
    for (const spool of spools) await spool.close()
    await rm(dir, { recursive: true, force: true })
  }
})

async function setup(maxBytes = 1e9) {
  const dir = await mkdtemp(join(tmpdir(), 'poglog-spool-'))
  const spools: Spool[] = []
  opened.push({ dir, spools })
  const losses: SpoolLoss[] = []
  const budget = new ByteBudget(maxBytes)
  const reopen = async (segmentBytesMax = 4096): Promise<Spool> => {
    const events = { spoolLost: (loss: SpoolLoss) => losses.push(loss) }
    const spool = await Spool.open({ dir, budget, events, segmentBytesMax, batchLinesMax: 3 })
    spools.push(spool)
    return spool
  }
  const files = async () => (await readdir(dir)).toSorted()
  return { dir, budget, losses, reopen, files }
}

async function drain(spool: Spool): Promise<AppendLine[]> {
  const lines: AppendLine[] = []
  for (let batch = await spool.read(); batch !== undefined; batch = await spool.read()) {
    lines.push(...batch.lines)
    await spool.acknowledge(batch)
  }
  return lines
}

const LINE: AppendLine = {
  channelId: '1',
  key: 'k',
  raw: '@id=k :a!a@a PRIVMSG #c :hi ',
  sentAtMs: 5,
  userId: '2',
  type: 'PRIVMSG',
}
const line = (raw: string): AppendLine => ({ ...LINE, raw })

const anyLine = fc.record({
  channelId: fc.nat().map(String),
  key: fc.nat().map((key) => key.toString(16)),
  raw: fc.string({ unit: 'grapheme', maxLength: 300 }),
  sentAtMs: fc.option(fc.nat(), { nil: undefined }),
  userId: fc.nat().map(String),
  type: fc.constantFrom('PRIVMSG', 'NOTICE'),
})
const batches = fc.array(fc.array(anyLine, { minLength: 1, maxLength: 4 }), { maxLength: 12 })

describe('Spool', () => {
  it('gives back every line in order, whatever the order of writes, reads and acknowledgements (I1)', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.array(anyLine, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('read' as const, 'acknowledge' as const),
      ),
      { maxLength: 40 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (todo) => {
        const { reopen, budget, files } = await setup()
        const spool = await reopen(600)
        const written: AppendLine[] = []
        const got: AppendLine[] = []
        const open: SpooledBatch[] = []
        for (const step of todo) {
          if (step === 'read') {
            const batch = await spool.read()
            if (batch !== undefined) open.push(batch)
            got.push(...(batch?.lines ?? []))
          } else if (step === 'acknowledge') {
            const batch = open.pop()
            if (batch !== undefined) await spool.acknowledge(batch)
          } else {
            await spool.append(step)
            written.push(...step)
          }
        }
        got.push(...(await drain(spool)))
        for (const batch of open) await spool.acknowledge(batch)
        expect(got).toEqual(written)
        expect(await files()).toEqual([])
        expect(spool.isEmpty).toBe(true)
        expect(budget.usedBytes).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('gives back all whole frames after a crash at any byte, and nothing else (I1)', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(), async (todo, cut) => {
        const { dir, reopen, losses, files } = await setup()
        const spool = await reopen(1_000_000)
        for (const lines of todo) await spool.append(lines)
        await spool.close()
        const [file] = await files()
        if (file === undefined) return
        const size = (await readFile(join(dir, file))).length
        await truncate(join(dir, file), cut % (size + 1))

        const got = await drain(await reopen())
        const whole = todo.flat()
        expect(whole.slice(0, got.length)).toEqual(got)
        const lengths = todo.map((_, index) => todo.slice(0, index + 1).flat().length)
        expect([0, ...lengths]).toContain(got.length)
        expect(losses.every(({ cause }) => cause === 'torn')).toBe(true)
        expect(await files()).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('never gives a line that was not written when a byte has changed, and keeps the file (I1)', async () => {
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (todo, at, flip) => {
          const { dir, reopen, losses, files } = await setup()
          const spool = await reopen(1_000_000)
          for (const lines of todo) await spool.append(lines)
          await spool.close()
          const [file] = await files()
          if (file === undefined) return
          const bytes = await readFile(join(dir, file))
          const place = at % bytes.length
          bytes.writeUInt8(bytes.readUInt8(place) ^ flip, place)
          await writeFile(join(dir, file), bytes)

          const got = (await drain(await reopen())).map((item) => JSON.stringify(item))
          const whole = todo.flat().map((item) => JSON.stringify(item))
          let from = 0
          for (const item of got) from = whole.indexOf(item, from) + 1 || Number.NaN
          expect(from).not.toBeNaN()
          expect(losses.length).toBeGreaterThan(0)
          const isDamaged = losses.some(({ cause }) => cause === 'damaged')
          expect(await files()).toEqual(isDamaged ? [`${file}.damaged`] : [])
        },
      ),
      { numRuns: 150 },
    )
  })

  it('replays what an earlier process did not get acknowledged, before what is new (I1)', async () => {
    const { reopen, files } = await setup()
    const first = await reopen(1)
    for (const raw of ['a', 'b', 'c']) await first.append([line(raw)])
    const batch = await first.read()
    if (batch === undefined) throw new Error('nothing to read')
    await first.acknowledge(batch)
    await first.read() // Read, but never acknowledged: the process dies here.

    const second = await reopen()
    await second.append([line('d')])
    expect((await drain(second)).map(({ raw }) => raw)).toEqual(['b', 'c', 'd'])
    expect(await files()).toEqual([])
  })

  it('keeps a file until all that was read from it is acknowledged (I1)', async () => {
    const { reopen } = await setup()
    const first = await reopen(1_000_000)
    for (const raw of ['a', 'b', 'c', 'd', 'e']) await first.append([line(raw)])
    const read = [await first.read(), await first.read()]
    expect(read.map((batch) => batch?.lines.length)).toEqual([3, 2])
    await first.append([line('f')])
    await first.close()
    const second = await reopen()
    const all: SpooledBatch[] = []
    for (let batch = await second.read(); batch !== undefined; batch = await second.read()) {
      all.push(batch)
    }
    // The last one first: the file is read to its end, and still must stay.
    for (const batch of all.slice(1).toReversed()) await second.acknowledge(batch)
    expect((await drain(await reopen())).map(({ raw }) => raw)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
    ])
  })

  it('refuses lines beyond its limit, and takes them when there is room again', async () => {
    const { reopen } = await setup(400)
    const spool = await reopen()
    await spool.append([line('x'.repeat(100))])
    await expect(spool.append([line('y'.repeat(300))])).rejects.toMatchObject({ kind: 'full' })
    expect((await drain(spool)).length).toBe(1)
    await spool.append([line('y'.repeat(300))])
    expect((await drain(spool)).length).toBe(1)
  })

  it('leaves a torn frame out and says how many bytes it had', async () => {
    const { dir, reopen, losses, files } = await setup()
    const spool = await reopen()
    await spool.append([line('a')])
    await spool.close()
    await appendFile(join(dir, (await files())[0] ?? ''), Buffer.from([9, 0, 0, 0, 1]))
    expect((await drain(await reopen())).map(({ raw }) => raw)).toEqual(['a'])
    expect(losses).toMatchObject([{ lostBytes: 5, cause: 'torn' }])
  })

  it('does not take zeroes, as a crashed machine leaves them, for frames', async () => {
    const { dir, reopen, losses, files } = await setup()
    const spool = await reopen()
    await spool.append([line('a')])
    await spool.close()
    await appendFile(join(dir, (await files())[0] ?? ''), Buffer.alloc(64))
    expect((await drain(await reopen())).length).toBe(1)
    expect(losses).toMatchObject([{ lostBytes: 64, cause: 'damaged' }])
  })
})
