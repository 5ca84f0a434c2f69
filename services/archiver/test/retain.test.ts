import type { LogRecord } from '@poglog/log-format'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteRemoved } from '../src/clean/delete-removed.ts'
import { dropAbsorbed } from '../src/compact/fold.ts'
import { retain } from '../src/privacy/retain.ts'
import { CHANNELS, DAY_MS, startErasing, withDamage } from './support/erasing.ts'
import type { Archive, Erasing } from './support/erasing.ts'
import { FaultSeam } from './support/fault-seam.ts'

/** One has a shard of its own, of which nothing is left; the other shares one. */
const [ALONE, SHORT] = CHANNELS
/** Longer ago than a hundred days and less than two hundred. */
const DAYS = 150
const NOBODY = { userId: '', beforeMs: 0 }

let erasing: Erasing
let seeded: () => Promise<Archive>

beforeAll(async () => {
  erasing = await startErasing()
  const archive = await erasing.fresh()
  await archive.seed()
  seeded = await erasing.keep(archive)
})

afterAll(async () => {
  await erasing[Symbol.asyncDispose]()
})

const keptOf =
  (...ids: readonly string[]) =>
  ({ channelId, sentAtMs }: LogRecord): boolean =>
    !ids.includes(channelId) || sentAtMs >= Date.now() - DAYS * DAY_MS

describe('retain', () => {
  it('removes what a channel keeps no longer from every order, and nothing else', async () => {
    const archive = await seeded()
    const lookedInto = new Map<string, string>()
    const nothing = { segments: 0, records: 0, userRecords: 0, wordRows: 0, unreadable: [] }
    expect(await retain({ lookedInto }, archive.deps())).toEqual(nothing)
    const isKept = keptOf(ALONE, SHORT)
    await archive.hot.retention.set(ALONE, DAYS)
    await archive.hot.retention.set(SHORT, DAYS)
    const result = await retain({ lookedInto }, archive.deps())
    const gone = [...archive.given.values()].filter((record) => !isKept(record))
    expect(gone.length).toBeGreaterThan(10)
    expect(result).toMatchObject({
      records: gone.length,
      userRecords: gone.filter(({ userId }) => userId !== '').length,
      unreadable: [],
    })
    expect(result.wordRows).toBeGreaterThan(0)
    await archive.assertRest(NOBODY, isKept)

    // Once they have been looked into, segments that have nothing of it are not read again.
    expect(await retain({ lookedInto }, archive.deps())).toEqual(nothing)
    const reads: string[] = []
    const deps = archive.deps()
    const get: typeof deps.cold.get = async (key, ...rest) => {
      reads.push(key)
      return await archive.cold.get(key, ...rest)
    }
    const cold = new Proxy(deps.cold, {
      get: (target, property): unknown =>
        property === 'get' ? get : Reflect.get(target, property),
    })
    expect(await retain({ lookedInto }, { ...deps, cold })).toEqual(nothing)
    expect(reads).toEqual([])

    await dropAbsorbed(archive.deps())
    await deleteRemoved({ graceMs: -1000 }, archive.deps())
    await archive.assertRest(NOBODY, isKept)
  })

  it('is finished by the next run when it dies at any commit, and names what it cannot read (A2)', async () => {
    const isKept = keptOf(SHORT)
    const failures = ['hot.reserve', 'hot.swap', 'cold.put'].flatMap((effect) =>
      [1, 3].map((nth) => ({ effect, nth, kind: 'crash-after' as const })),
    )
    for (const point of failures) {
      const archive = await seeded()
      await archive.hot.retention.set(SHORT, DAYS)
      const seam = new FaultSeam([point], () => Promise.resolve())
      const died = retain({ lookedInto: new Map() }, archive.deps(seam))
      await expect(died).rejects.toThrow(point.effect)
      expect(seam.struck).toHaveLength(1)
      await retain({ lookedInto: new Map() }, archive.deps())
      await archive.assertRest(NOBODY, isKept)
    }

    const archive = await seeded()
    await archive.hot.retention.set(SHORT, DAYS)
    const days = (await archive.segments()).filter(({ level }) => level === 'day')
    const key = days.toSorted((left, right) => left.sentMinMs - right.sentMinMs)[0]?.key ?? ''
    const body = (await archive.cold.get(key)) ?? new Uint8Array()
    await archive.cold.delete(key)
    await archive.cold.put(key, new Uint8Array(body.length))
    const lookedInto = new Map<string, string>()
    expect((await retain({ lookedInto }, archive.deps())).unreadable).toEqual([key])
    await archive.cold.delete(key)
    await archive.cold.put(key, body)
    expect((await retain({ lookedInto }, archive.deps())).unreadable).toEqual([])
    await archive.assertRest(NOBODY, isKept)
  })

  it('goes on past a segment that can be looked into and not be written anew', async () => {
    const archive = await seeded()
    await archive.hot.retention.set(SHORT, DAYS)
    const shard = archive.hot.shardOf(SHORT)
    const old = (await archive.hot.manifest(shard)).filter(
      ({ projection, sentMinMs }) =>
        projection === 'by-channel' && sentMinMs < Date.now() - (DAYS + 7) * DAY_MS,
    )
    expect(old.length).toBeGreaterThan(1)
    const [{ key } = { key: '' }] = old
    const deps = archive.deps()
    const damaged = { ...deps, hot: withDamage(deps.hot, key) }
    const { unreadable, segments } = await retain({ lookedInto: new Map() }, damaged)
    expect(unreadable).toEqual([key])
    expect(segments).toBeGreaterThan(1)
    expect(await retain({ lookedInto: new Map() }, deps)).toMatchObject({
      segments: 1,
      unreadable: [],
    })
    await archive.assertRest(NOBODY, keptOf(SHORT))
  })

  it('keeps for ever what no limit is set for, and everything within the limit', async () => {
    const archive = await seeded()
    const before = await archive.segments()
    await archive.hot.retention.set(SHORT, 36_500)
    await archive.hot.retention.set('987654321', 1)
    await retain({ lookedInto: new Map() }, archive.deps())
    expect(await archive.segments()).toEqual(before)
  })
})
