import type { Erasure } from '@poglog/hot-store'
import type { LogRecord } from '@poglog/log-format'
import { NO_TRACING } from '@poglog/service-kit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deleteRemoved } from '../src/clean/delete-removed.ts'
import { reportOf } from '../src/privacy/erase-report.ts'
import { erase } from '../src/privacy/erase.ts'
import type { EraseResult } from '../src/privacy/erase.ts'
import { dropAbsorbed } from '../src/compact/fold.ts'
import { DAY_MS, HOUR_MS, monthStart, periodStart } from '../src/period.ts'
import { rebuild } from '../src/rebuild/rebuild.ts'
import { createJobRunner } from '../src/run-job.ts'
import { GONE, PAST_DAYS, startErasing, withDamage } from './support/erasing.ts'
import type { Archive, Erasing, ErasingDeps } from './support/erasing.ts'
import { FaultSeam, isPlanned } from './support/fault-seam.ts'
import type { FaultPoint } from './support/fault-seam.ts'

const COUNTS = ['hotEntries', 'records', 'userRecords', 'wordRows'] as const
/** What an erasure changes. */
const WRITES = [
  'hot.erasures.hide',
  'hot.erasures.update',
  'hot.expireReservations',
  'hot.eraseEntries',
  'hot.reserve',
  'cold.put',
  'hot.swap',
]
/** Where another job sleeps while a user is erased. */
const SLEEPS_BEFORE = [
  'hot.freeze',
  'hot.reserve',
  'hot.erased',
  'hot.manifest',
  'cold.put',
  'cold.get',
  'hot.commit',
  'hot.swap',
]

const MONTH_MS = monthStart(PAST_DAYS[0] ?? 0)
const JOBS: readonly ((archive: Archive, deps: ErasingDeps) => Promise<void>)[] = [
  (archive, deps) => archive.sealAll(deps),
  (archive, deps) => archive.compactToday(deps),
  (archive, deps) => archive.foldAll(MONTH_MS, deps),
  (archive, deps) => archive.import((PAST_DAYS[2] ?? 0) + 1000, deps),
]

let erasing: Erasing
/** A log with records of everybody at every stage. */
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
    await expect(archive.assertGone(erasure)).rejects.toThrow(/left/)
    const { kind, report } = await erase(erasure, archive.deps())
    expect(kind).toBe('done')
    await archive.assertGone(erasure)
    await archive.assertRest(erasure)
    expect(report.unreadable).toEqual([])
    for (const count of COUNTS) expect(report[count]).toBeGreaterThan(0)
    expect(await hot.erasures.pending()).toEqual([])
    const noted = await hot.erasures.find(GONE)
    expect(noted?.state).toBe('done')
    expect(JSON.parse(noted?.report ?? '')).toEqual(report)
    expect(await hot.names.loginsOf([GONE])).toEqual(new Map())

    // Queries may still be reading the old objects; they go after the grace.
    expect(await archive.marksInStore()).not.toEqual([])
    await dropAbsorbed(archive.deps())
    await deleteRemoved({ graceMs: -1000 }, archive.deps())
    expect(await archive.marksInStore()).toEqual([])
    await archive.assertRest(erasure)
  })

  it('changes nothing where it finds nothing, and asked again goes on where it was (P1)', async () => {
    const archive = await seeded()
    const nobody = await archive.hot.erasures.request('987654321')
    const before = await archive.segments()
    expect(await erase(nobody, archive.deps())).toMatchObject({
      kind: 'done',
      report: { hotEntries: 0, segments: 0 },
    })
    expect(await archive.segments()).toEqual(before)

    const first = await archive.hot.erasures.request(GONE)
    await erase(first, archive.deps())
    const after = await archive.segments()
    expect((await erase(first, archive.deps())).kind).toBe('done')
    expect(await archive.segments()).toEqual(after)
    await archive.append()
    await archive.sealAll()
    const second = await archive.hot.erasures.request(GONE)
    expect((await erase(second, archive.deps())).kind).toBe('done')
    await archive.assertGone(second)
    await archive.assertRest(second)
  })

  it('leaves what is said after the request, and lets no import bring back what was before (P1)', async () => {
    const archive = await seeded()
    const erasure = await archive.hot.erasures.request(GONE)
    await erase(erasure, archive.deps())
    await new Promise((resolve) => setTimeout(resolve, 40))
    await archive.append()
    await archive.sealAll()
    await archive.compactToday()
    const later = await archive.recordsOf(GONE)
    expect(later.length).toBeGreaterThan(0)
    await archive.import(PAST_DAYS[1] ?? 0)
    expect((await erase(erasure, archive.deps())).kind).toBe('done')
    await archive.assertGone(erasure)
    await archive.assertRest(erasure)
    expect(await archive.recordsOf(GONE)).toEqual(later)
    // Another request writes the same segments anew; the counts of the hour of the first stay.
    const second = await archive.hot.erasures.request('71')
    expect((await erase(second, archive.deps())).report.wordRows).toBeGreaterThan(0)
    const isOther = ({ userId, sentAtMs }: LogRecord): boolean =>
      userId !== '71' || sentAtMs >= second.beforeMs
    await archive.assertRest(erasure, isOther)
  })

  it('is kept to by every job from the request on, before anything is removed (P1)', async () => {
    const archive = await seeded()
    const erasure = await archive.hot.erasures.request(GONE)
    const before = new Set((await archive.segments()).map(({ key }) => key))
    await archive.sealAll()
    const sealed = await archive.segments()
    expect(sealed.length).toBeGreaterThan(before.size)
    await archive.compactToday()
    for (const monthMs of new Set([...PAST_DAYS, Date.now()].map(monthStart))) {
      await archive.foldAll(monthMs)
    }
    const after = await archive.segments()
    const fresh = [...sealed, ...after].filter(({ key }) => !before.has(key))
    await archive.assertNoneIn(erasure, fresh)
    const kinds = new Set(fresh.map(({ projection, level }) => `${projection} ${level}`))
    expect(kinds).toEqual(
      new Set(['by-channel hour', 'by-channel day', 'by-user fold', 'words fold']),
    )
  })

  it('hides a user again where a failover has forgotten it (P1)', async () => {
    const archive = await seeded()
    const erasure = await archive.hot.erasures.request(GONE)
    await erasing.forgetTombstones()
    expect((await erase(erasure, archive.deps())).kind).toBe('done')
    for (const scope of [0, 1, 'users'] as const) {
      expect((await archive.hot.erased(scope)).users.get(GONE)).toBe(erasure.beforeMs)
    }
    await archive.assertGone(erasure)
  })

  it('is finished by the next run when it dies or loses a reply anywhere (A2, P1)', async () => {
    const effects = await undisturbed()
    const points = WRITES.flatMap((effect) => pointsOf(effects, effect))
    expect(new Set(points.map(({ effect }) => effect))).toEqual(new Set(WRITES))
    for (const point of points) {
      const archive = await seeded()
      const erasure = await archive.hot.erasures.request(GONE)
      const seam = new FaultSeam([point], () => Promise.resolve())
      await erase(erasure, archive.deps(seam)).catch((error: unknown) => {
        if (!isPlanned(error)) throw error
      })
      expect(seam.struck).toHaveLength(1)
      seam.revive()
      const noted = await archive.hot.erasures.find(GONE)
      expect((await erase(noted ?? erasure, archive.deps(seam))).kind).toBe('done')
      await seam.flushLate()
      await archive.assertGone(erasure)
      await archive.assertRest(erasure)
    }
  }, 180_000)

  it('is not undone by a job that slept meanwhile, wherever it slept (P1)', async () => {
    let slept = 0
    for (const job of JOBS) {
      for (const effect of SLEEPS_BEFORE) {
        const archive = await seeded()
        let erasure: Erasure | undefined
        const seam = new FaultSeam([], async (next) => {
          if (next !== effect || erasure !== undefined) return
          erasure = await archive.hot.erasures.request(GONE)
          expect((await erase(erasure, archive.deps())).kind).toBe('done')
        })
        await job(archive, archive.deps(seam))
        if (erasure === undefined) continue
        slept += 1
        await archive.assertGone(erasure)
        await archive.assertRest(erasure)
      }
    }
    expect(slept).toBeGreaterThan(20)
  }, 180_000)

  it('is kept to by a job that was about to commit when it was asked for (P1)', async () => {
    for (const job of JOBS) {
      const archive = await seeded()
      const before = new Set((await archive.segments()).map(({ key }) => key))
      let erasure: Erasure | undefined
      const seam = new FaultSeam([], async (next) => {
        if (erasure !== undefined || (next !== 'hot.commit' && next !== 'hot.swap')) return
        erasure = await archive.hot.erasures.request(GONE)
      })
      await job(archive, archive.deps(seam))
      expect(erasure).toBeDefined()
      const fresh = (await archive.segments()).filter(({ key }) => !before.has(key))
      await archive.assertNoneIn(erasure ?? { userId: GONE, beforeMs: 0 }, fresh)
    }
  })

  it('is not undone by the very first seal, when there is no segment to write anew (P1)', async () => {
    const archive = await erasing.fresh()
    await archive.append()
    let erasure: Erasure | undefined
    const seam = new FaultSeam([], async (next) => {
      if (next !== 'hot.commit' || erasure !== undefined) return
      erasure = await archive.hot.erasures.request(GONE)
      expect((await erase(erasure, archive.deps())).kind).toBe('done')
    })
    await archive.sealAll(archive.deps(seam))
    await archive.assertGone(erasure ?? { userId: GONE, beforeMs: 0 })
    await archive.assertRest(erasure ?? { userId: GONE, beforeMs: 0 })
    expect(archive.rare.get('refused at commit')).toBe(1)
  })

  it('goes on beside archivers that do everything else at any of its steps (A2, P1)', async () => {
    const effects = await undisturbed()
    for (let at = 3; at <= effects.length; at += Math.ceil(effects.length / 12)) {
      const archive = await seeded()
      const erasure = await archive.hot.erasures.request(GONE)
      let count = 0
      const seam = new FaultSeam([], async () => {
        count += 1
        if (count !== at) return
        await archive.append()
        await archive.sealAll()
        await archive.compactToday()
        await archive.foldAll(MONTH_MS)
        await archive.foldAll(monthStart(Date.now()))
      })
      expect((await erase(erasure, archive.deps(seam))).kind).toBe('done')
      await archive.assertGone(erasure)
      await archive.assertRest(erasure)
    }
  }, 180_000)

  it('looks again at what it could not commit because somebody else asked, too (P1)', async () => {
    const archive = await seeded()
    const erasure = await archive.hot.erasures.request(GONE)
    let swaps = 0
    const seam = new FaultSeam([], async (next) => {
      if (next !== 'hot.swap') return
      swaps += 1
      if (swaps % 3 === 1 && swaps < 10) await archive.hot.erasures.request('987654321')
    })
    expect((await erase(erasure, archive.deps(seam))).kind).toBe('done')
    await archive.assertGone(erasure)
    await archive.assertRest(erasure)
  })

  it('is not undone by a rebuild, not even while the old objects are still there (P1)', async () => {
    for (const areDeleted of [false, true]) {
      const archive = await seeded()
      const erasure = await archive.hot.erasures.request(GONE)
      await erase(erasure, archive.deps())
      if (areDeleted) {
        await dropAbsorbed(archive.deps())
        await deleteRemoved({ graceMs: -1000 }, archive.deps())
      }
      const before = await archive.segments()
      await erasing.loseRedis()
      const result = await rebuild(archive.deps(), { force: false, skipDamaged: false })
      expect(result).toMatchObject({ kind: 'rebuilt', damaged: [] })
      const after = await archive.segments()
      expect(after.map(({ key }) => key).toSorted()).toEqual(
        before.map(({ key }) => key).toSorted(),
      )
      await archive.assertGone(erasure)
    }
  })

  it('stays pending while a segment cannot be read, and names it (P1)', async () => {
    const archive = await seeded()
    const entry = (await archive.segments()).find(({ level }) => level === 'hour')
    const key = entry?.key ?? ''
    const body = (await archive.cold.get(key)) ?? new Uint8Array()
    await archive.cold.delete(key)
    await archive.cold.put(key, new Uint8Array(body.length))
    const erasure = await archive.hot.erasures.request(GONE)
    const { kind, report } = await erase(erasure, archive.deps())
    expect(kind).toBe('unfinished')
    expect(report.unreadable).toEqual([key])
    const [pending] = await archive.hot.erasures.pending()
    expect(JSON.parse(pending?.report ?? '')).toEqual(report)
    await archive.cold.delete(key)
    await archive.cold.put(key, body)
    const again = await erase(pending ?? erasure, archive.deps())
    expect(again).toMatchObject({ kind: 'done', report: { unreadable: [] } })
    expect(again.report.segments).toBeGreaterThan(report.segments)
    await archive.assertGone(erasure)
    await archive.assertRest(erasure)
  })

  it('goes on past a segment that can be looked into and not be written anew (P1)', async () => {
    const archive = await seeded()
    const damaged = (await archive.hot.manifest(0)).find(
      ({ projection }) => projection === 'by-channel',
    )
    const key = damaged?.key ?? ''
    const erasure = await archive.hot.erasures.request(GONE)
    const deps = archive.deps()
    const { kind, report } = await erase(erasure, { ...deps, hot: withDamage(deps.hot, key) })
    expect(kind).toBe('unfinished')
    expect(report.unreadable).toEqual([key])
    const others = (await archive.segments()).filter((entry) => entry.key !== key)
    await archive.assertNoneIn(erasure, others)
    expect((await erase(erasure, deps)).kind).toBe('done')
    await archive.assertGone(erasure)
    await archive.assertRest(erasure)
  })

  it('is not tried again at once where it cannot be finished, until something is different (P1)', async () => {
    const archive = await seeded()
    const [lost] = await archive.hot.manifest(0)
    await archive.cold.delete(lost?.key ?? '')
    await archive.hot.erasures.request(GONE)
    const results: EraseResult[] = []
    let later = 0
    const deps = archive.deps()
    const events = {
      ...deps.events,
      userErased: (result: EraseResult) => void results.push(result),
      retained() {},
    }
    const settings = { trimGraceMs: 0, sweepGraceMs: 5, removedGraceMs: 0, sweepIntervalMs: 7 }
    const clock = () => performance.now() + later
    const run = createJobRunner(
      { ...deps, hot: archive.hot, events, clock, tracing: NO_TRACING },
      settings,
    )
    const kindsAfter = async (): Promise<string[]> => {
      await run({ kind: 'erase', userId: GONE })
      return results.splice(0).map(({ kind }) => kind)
    }
    expect(await kindsAfter()).toEqual(['unfinished'])
    expect(await kindsAfter()).toEqual([])
    later = HOUR_MS
    expect(await kindsAfter()).toEqual(['unfinished'])
    expect(await kindsAfter()).toEqual([])
    await archive.hot.erasures.request(GONE)
    expect(await kindsAfter()).toEqual(['unfinished'])
    expect(await kindsAfter()).toEqual([])
    const reservation = await archive.hot.reserve(0, 1)
    await archive.hot.swap(reservation, { removed: lost === undefined ? [] : [lost], added: [] })
    expect(await kindsAfter()).toEqual(['done'])
    const { report = '{}' } = (await archive.hot.erasures.find(GONE)) ?? {}
    const { finishedAtMs = 0, orphansGoneAtMs } = reportOf({ report })
    expect(orphansGoneAtMs).toBe(finishedAtMs + 24)
  })

  it('forgets in which channels the user wrote on days that have ended (P1)', async () => {
    const archive = await seeded()
    const yesterday = periodStart(Date.now(), DAY_MS) - DAY_MS
    const day = { fromDayMs: yesterday - DAY_MS, toDayMs: yesterday - DAY_MS }
    const pairs = [[GONE, '11'] as const, ['71', '11'] as const]
    await archive.hot.indexUsers(0, day.fromDayMs, pairs)
    await erase(await archive.hot.erasures.request(GONE), archive.deps())
    expect(await archive.hot.userChannels({ shard: 0, userId: GONE, ...day })).toEqual([])
    expect(await archive.hot.userChannels({ shard: 0, userId: '71', ...day })).toEqual(['11'])
  })

  it('removes what was counted by a clock that ran ahead of the request (P1)', async () => {
    const archive = await seeded()
    const erasure = { ...(await archive.hot.erasures.request(GONE)), beforeMs: Date.now() - DAY_MS }
    await erasing.forgetTombstones()
    // Whatever is written now was written after the request, by its name.
    expect((await erase(erasure, archive.deps())).kind).toBe('done')
    const old = (await archive.segments()).filter(
      ({ projection, sentMaxMs }) => projection === 'words' && sentMaxMs < erasure.beforeMs,
    )
    expect(old.length).toBeGreaterThan(0)
    await archive.assertNoneIn(erasure, old)
  })

  it('names an object that is not there, instead of looking for it again and again (P1)', async () => {
    const archive = await seeded()
    const [lost] = await archive.hot.manifest(0)
    await archive.cold.delete(lost?.key ?? '')
    const erasure = await archive.hot.erasures.request(GONE)
    const { kind, report } = await erase(erasure, archive.deps())
    expect(kind).toBe('unfinished')
    expect(report.unreadable).toEqual([lost?.key])
  })
})

/** The effects of an erasure that nothing disturbs. */
async function undisturbed(): Promise<readonly string[]> {
  const archive = await seeded()
  const seam = new FaultSeam([], () => Promise.resolve())
  await erase(await archive.hot.erasures.request(GONE), archive.deps(seam))
  return seam.effects
}

/** Of an effect the first time and the last, each with other faults. An upload that is late finds its file gone. */
function pointsOf(effects: readonly string[], effect: string): FaultPoint[] {
  const times = effects.filter((name) => name === effect).length
  const late = effect === 'cold.put' ? 'error' : 'late'
  return [
    { effect, nth: 1, kind: 'crash-after' },
    { effect, nth: 1, kind: late },
    { effect, nth: times, kind: 'crash-before' },
    { effect, nth: times, kind: 'reply-lost' },
  ]
}
