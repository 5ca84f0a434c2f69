import type { Cluster, Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { type HotStore } from '../src/index.ts'
import { appendLine, segmentEntry } from '../src/testing.ts'
import type { Reservation, SegmentEntry } from '../src/types.ts'
import { entriesOf, freshPlace, seal, segmentOf } from './setup.ts'

/** The stores of a suite; they exist when its tests run. */
export interface Stores {
  readonly hot: HotStore
  readonly other: HotStore
  readonly raw: Redis | Cluster
}

let objects = 0

/** An entry under a number of a reservation, with an object key of its own. */
export function entryOf(
  { first }: Reservation,
  given: Partial<SegmentEntry> & { readonly at?: number } = {},
): SegmentEntry {
  const { at = 0, ...fields } = given
  objects += 1
  return segmentEntry({ number: first + at, key: `object-${objects}`, level: 'day', ...fields })
}

const tagOf = (shard: number): string => `{s${String(shard).padStart(2, '0')}}`

/** Takes numbers, and uses one for a segment. */
export async function addSegment(
  hot: HotStore,
  shard: number,
  given: Partial<SegmentEntry> = {},
): Promise<SegmentEntry> {
  const reservation = await hot.reserve(shard, 1)
  const entry = entryOf(reservation, { level: 'hour', ...given })
  expect(await hot.swap(reservation, { removed: [], added: [entry] })).toBe('committed')
  return entry
}

const foldOf = (reservation: Reservation): SegmentEntry =>
  entryOf(reservation, { projection: 'by-user', level: 'fold', users: 1 })

/** What reservations and swaps do on any Redis. */
export function swapTests(stores: () => Stores): void {
  describe('reserve and swap', () => {
    it('brings no records into a manifest of the same generation that is another one (I2)', async () => {
      const { hot, raw } = stores()
      const { shard } = freshPlace()
      await addSegment(hot, shard)
      const { state, version } = await hot.snapshot({ shard, channelId: undefined })
      const reservation = await hot.reserve(shard, 1)
      // A failover that lost a change, and another change since.
      await raw.hset(`${tagOf(shard)}:state`, 'generation', state.generation - 1)
      await addSegment(hot, shard)
      expect((await hot.state(shard)).generation).toBe(state.generation)
      const what = { removed: [], added: [entryOf(reservation)], addsRecords: { version } }
      expect(await hot.swap(reservation, what)).toBe('stale')
    })

    it('takes entries out and puts others in, and notes the objects that went (A2)', async () => {
      const { hot, other } = stores()
      const { shard } = freshPlace()
      const hours = [await addSegment(hot, shard), await addSegment(hot, shard)]
      const before = await hot.state(shard)
      const reservation = await hot.reserve(shard, 3)
      expect(reservation).toMatchObject({ scope: shard, first: 3, count: 3, generation: 2 })
      const added = [entryOf(reservation), entryOf(reservation, { at: 2, users: 3, level: 'run' })]
      expect(await hot.swap(reservation, { removed: hours, added })).toBe('committed')

      expect(await hot.manifest(shard)).toEqual(added)
      expect(await other.manifest(shard)).toEqual(added)
      const state = await hot.state(shard)
      expect(state).toMatchObject({ next: 6, generation: before.generation + 1 })
      const removed = await other.removedObjects(shard)
      expect(new Set(removed.map(({ key }) => key))).toEqual(new Set(hours.map(({ key }) => key)))
      for (const { removedAtMs } of removed) {
        expect(removedAtMs).toBeGreaterThanOrEqual(reservation.nowMs)
        expect(removedAtMs).toBeLessThanOrEqual(state.nowMs)
      }
      await hot.forgetRemoved(shard, [hours[0]?.key ?? ''])
      expect((await hot.removedObjects(shard)).map(({ key }) => key)).toEqual([hours[1]?.key])
      expect(await hot.expireReservations(shard, 0)).toEqual([])
    })

    it('is done once when its reply was lost, whatever came after it (A2)', async () => {
      const { hot, other } = stores()
      const { shard } = freshPlace()
      const hour = await addSegment(hot, shard)
      const first = await hot.reserve(shard, 1)
      const what = { removed: [hour], added: [entryOf(first)] }
      expect(await hot.swap(first, what)).toBe('committed')
      expect(await other.swap(first, what)).toBe('already')
      // What it added is gone again: what it removed still says who did it.
      const second = await hot.reserve(shard, 1)
      const next = { removed: what.added, added: [entryOf(second)] }
      expect(await hot.swap(second, next)).toBe('committed')
      expect(await hot.swap(first, what)).toBe('already')
      expect(await hot.manifest(shard)).toEqual(next.added)
      // A swap that adds nothing: every record of its input is erased.
      const third = await hot.reserve(shard, 1)
      const last = { removed: next.added, added: [] }
      expect(await hot.swap(third, last)).toBe('committed')
      expect(await hot.swap(third, last)).toBe('already')
      const fourth = await hot.reserve(shard, 1)
      expect(await hot.swap(fourth, last)).toBe('stale')
      // A swap that only adds, as an import's does.
      const only = { removed: [], added: [entryOf(fourth)] }
      expect(await hot.swap(fourth, only)).toBe('committed')
      expect(await hot.swap(fourth, only)).toBe('already')
    })

    it('refuses when an input is gone, or lies under another key (A2)', async () => {
      const { hot, other } = stores()
      const { shard } = freshPlace()
      const hour = await addSegment(hot, shard)
      const [a, b] = [await hot.reserve(shard, 1), await other.reserve(shard, 1)]
      expect(b.first).toBe(a.first + 1)
      const added = [entryOf(a)]
      const wrongKey = { removed: [{ ...hour, key: 'another' }], added }
      expect(await hot.swap(a, wrongKey)).toBe('stale')
      const [byA, byB] = await Promise.all([
        hot.swap(a, { removed: [hour], added }),
        other.swap(b, { removed: [hour], added: [entryOf(b)] }),
      ])
      expect([byA, byB].toSorted()).toEqual(['committed', 'stale'])
      expect(await hot.manifest(shard)).toHaveLength(1)
    })

    it('refuses a reservation that is over, unknown or of somebody else (A2)', async () => {
      const { hot, raw } = stores()
      const { shard } = freshPlace()
      const reserved = `${tagOf(shard)}:reserved`
      const slept = await hot.reserve(shard, 2)
      const twelveHours = 12 * 3_600_000
      for (const at of [0, 1]) {
        await raw.hset(reserved, String(slept.first + at), slept.nowMs - twelveHours)
      }
      const old = { ...slept, nowMs: slept.nowMs - twelveHours }
      expect(await hot.swap(old, { removed: [], added: [entryOf(old)] })).toBe('stale')
      const nearly = { ...slept, nowMs: slept.nowMs - twelveHours + 60_000 }
      await raw.hset(reserved, String(slept.first), nearly.nowMs)
      expect(await hot.swap(nearly, { removed: [], added: [entryOf(nearly)] })).toBe('committed')

      const ended = await hot.reserve(shard, 2)
      const kept = await hot.reserve(shard, 1)
      await raw.hset(reserved, String(kept.first), kept.nowMs + 1000)
      const left = await hot.expireReservations(shard, kept.nowMs + 1)
      expect(left).toEqual([kept.first])
      expect(await hot.swap(ended, { removed: [], added: [entryOf(ended)] })).toBe('stale')

      // A failover lost the reservation, and the number went to somebody else.
      await raw.hset(reserved, String(ended.first), ended.nowMs + 5)
      expect(await hot.swap(ended, { removed: [], added: [entryOf(ended)] })).toBe('stale')
      expect(await hot.manifest(shard)).toHaveLength(1)
    })

    it('refuses a number that the manifest has already under another key (A2)', async () => {
      const { hot, raw } = stores()
      const { shard } = freshPlace()
      const reservation = await hot.reserve(shard, 1)
      const there = entryOf(reservation)
      await raw.hset(`${tagOf(shard)}:segments`, String(there.number), JSON.stringify(there))
      const what = { removed: [], added: [entryOf(reservation)] }
      expect(await hot.swap(reservation, what)).toBe('stale')
    })

    it('sends nothing that makes no sense (S1)', async () => {
      const { hot } = stores()
      const { shard } = freshPlace()
      const reservation = await hot.reserve(shard, 2)
      const beyond = entryOf(reservation, { at: 2 })
      for (const what of [
        { removed: [], added: [] },
        { removed: [], added: [beyond] },
        { removed: [], added: [entryOf(reservation), entryOf(reservation)] },
        { removed: [], added: [entryOf(reservation)], absorbs: [{ shard, number: 1 }] },
        { removed: [], added: [entryOf(reservation, { digest: 'x' })] },
        { removed: [], added: [entryOf(reservation, { users: 1024 })] },
      ]) {
        await expect(hot.swap(reservation, what)).rejects.toMatchObject({ kind: 'invalid' })
      }
      for (const count of [0, -1, 0.5, 10_001]) {
        await expect(hot.reserve(shard, count)).rejects.toMatchObject({ kind: 'invalid' })
      }
    })

    it('lets a seal under way start over, once, and the seal after it through (A2)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(shard, [appendLine({ channelId })])
      const cutMs = (await hot.state(shard)).nowMs + 1
      const frozen = await hot.freeze(shard, cutMs)
      const reservation = await hot.reserve(shard, 3)
      const what = { cutMs, segment: segmentOf(frozen), records: 1 }
      expect(await hot.check(frozen)).toBe(false)
      expect(await hot.commit(frozen, what)).toBe('stale')
      const again = await seal(hot, shard, cutMs)
      expect(again.next).toBe(reservation.first + 3)
      const day = entryOf(reservation)
      expect(await hot.swap(reservation, { removed: [], added: [day] })).toBe('committed')
      const numbers = (await hot.manifest(shard)).map(({ number }) => number)
      expect(numbers).toEqual([day.number, again.next])
    })

    it('brings new records only while the manifest is as it was looked up, and stops a seal (I2)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(shard, [appendLine({ channelId })])
      const before = await hot.snapshot({ shard, channelId: undefined })
      const reservation = await hot.reserve(shard, 1)
      await addSegment(hot, shard)
      const { state, version } = await hot.snapshot({ shard, channelId: undefined })
      const { nowMs } = state
      const what = { removed: [], added: [entryOf(reservation)] }
      const early = { ...what, addsRecords: { version: before.version } }
      expect(await hot.swap(reservation, early)).toBe('stale')
      const frozen = await hot.freeze(shard, nowMs + 1)
      expect(await hot.swap(reservation, { ...what, addsRecords: { version } })).toBe('committed')
      const sealed = { cutMs: nowMs + 1, segment: segmentOf(frozen), records: 1 }
      expect(await hot.commit(frozen, sealed)).toBe('stale')
      expect(await hot.commit(frozen, { ...sealed, segment: undefined })).toBe('stale')
      // A swap that brings nothing new does not.
      const other = await hot.reserve(shard, 1)
      const later = await hot.freeze(shard, nowMs + 1)
      const added = [entryOf(other)]
      expect(await hot.swap(other, { removed: what.added, added })).toBe('committed')
      const moved = { cutMs: nowMs + 1, segment: segmentOf(later), records: 1 }
      expect(await hot.commit(later, moved)).toBe('committed')
    })
  })

  describe('folds', () => {
    it('absorb runs once, are seen with them, and let them go (A2, Q1)', async () => {
      const { hot, other, raw } = stores()
      const { shard } = freshPlace()
      const runs = [
        await addSegment(hot, shard, { projection: 'by-user', level: 'run', users: 1 }),
        await addSegment(hot, shard, { projection: 'by-user', level: 'run', users: 1 }),
      ]
      const absorbs = runs.map(({ number }) => ({ shard, number }))
      const names = absorbs.map(({ number }) => `${shard}:${number}`)
      const [a, b] = [await hot.reserve('users', 1), await other.reserve('users', 1)]
      const before = await other.usersView()
      const what = { removed: [], added: [foldOf(a)], absorbs }
      expect(await hot.swap(a, what)).toBe('committed')
      expect(await hot.swap(a, what)).toBe('already')
      // Two folds of the same runs: the second would show each record twice.
      const second = { removed: [], added: [foldOf(b)], absorbs: absorbs.slice(1) }
      expect(await other.swap(b, second)).toBe('stale')

      const view = await other.usersView()
      expect(view.version).not.toBe(before.version)
      expect(view.folds).toContainEqual(what.added[0])
      expect(names.every((name) => view.absorbed.has(name))).toBe(true)
      expect(await other.usersView()).toBe(view)

      const late = (await hot.state(shard)).nowMs + 100_000
      expect(await hot.forgetAbsorbed(late)).toBe(0)
      const hour = await addSegment(hot, shard)
      const fresh = await addSegment(hot, shard, { projection: 'by-user', level: 'run', users: 1 })
      // A mark can only be of a run; an hour stays, whatever is marked.
      await raw.hset('{users}:absorbed', `${shard}:${hour.number}`, '1 x')
      const others = [hour.number, fresh.number, 999].map((number) => ({ shard, number }))
      await hot.dropAbsorbed([...absorbs, ...others])
      await hot.dropAbsorbed(absorbs)
      await raw.hdel('{users}:absorbed', `${shard}:${hour.number}`)
      expect(await hot.manifest(shard)).toEqual([hour, fresh])
      expect((await hot.removedObjects(shard)).map(({ key }) => key).toSorted()).toEqual(
        runs.map(({ key }) => key).toSorted(),
      )
      expect(await hot.forgetAbsorbed(1)).toBe(0)
      expect(await hot.forgetAbsorbed(late)).toBe(2)
      const after = await other.usersView()
      expect(names.some((name) => after.absorbed.has(name))).toBe(false)
      expect(after.version).not.toBe(view.version)
    })

    it('may hold nothing at all: every record of their runs is erased (A2)', async () => {
      const { hot } = stores()
      const { shard } = freshPlace()
      const run = await addSegment(hot, shard, { projection: 'by-user', level: 'run', users: 0 })
      const reservation = await hot.reserve('users', 1)
      const what = { removed: [], added: [], absorbs: [{ shard, number: run.number }] }
      expect(await hot.swap(reservation, what)).toBe('committed')
      expect(await hot.swap(reservation, what)).toBe('already')
      const another = await hot.reserve('users', 1)
      expect(await hot.swap(another, what)).toBe('stale')
      await hot.dropAbsorbed(what.absorbs)
      expect(await hot.manifest(shard)).toEqual([])
    })
  })

  describe('restore', () => {
    it('forgets what jobs under way were told: numbers, and which runs are absorbed (A2)', async () => {
      const { hot } = stores()
      const { shard } = freshPlace()
      const own = await hot.reserve(shard, 1)
      const { generation } = await hot.state(shard)
      const what = { segments: [], next: own.first + 1, boundaryMs: 0 }
      expect(await hot.restore(shard, generation, what)).toBe('restored')
      expect(await hot.swap(own, { removed: [], added: [entryOf(own)] })).toBe('stale')

      const run = await addSegment(hot, shard, { projection: 'by-user', level: 'run', users: 0 })
      const absorbs = [{ shard, number: run.number }]
      const folding = await hot.reserve('users', 1)
      const fold = { removed: [], added: [foldOf(folding)], absorbs }
      expect(await hot.swap(folding, fold)).toBe('committed')
      expect((await hot.usersView()).absorbed.size).toBeGreaterThan(0)
      const late = await hot.reserve('users', 1)
      const { folds } = await hot.usersView()
      const users = { segments: folds, next: late.first + 1, boundaryMs: 0 }
      expect(await hot.restore('users', late.generation, users)).toBe('restored')
      const view = await hot.usersView()
      expect(view.absorbed).toEqual(new Set())
      expect(view.folds).toHaveLength(folds.length)
      const lateFold = { removed: [], added: [foldOf(late)], absorbs }
      expect(await hot.swap(late, lateFold)).toBe('stale')
    })

    it('counts out what was hot and is gone, and never more than there was (A1)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      const lines = ['a', 'b', 'c'].map((text) => appendLine({ channelId, text }))
      await hot.append(shard, lines.slice(0, 2))
      const restore = async (goneRecords: number): Promise<number> => {
        const { generation, next, boundaryMs } = await hot.state(shard)
        const what = { segments: [], next, boundaryMs, goneRecords }
        expect(await hot.restore(shard, generation, what)).toBe('restored')
        return (await hot.state(shard)).hotRecords
      }
      expect(await restore(0)).toBe(2)
      expect(await restore(1)).toBe(1)
      expect(await restore(5)).toBe(0)
      await hot.append(shard, lines.slice(2))
      const hotBytes = lines[2]?.raw.length
      expect(await hot.state(shard)).toMatchObject({ hotRecords: 1, hotBytes })
    })

    it('replaces the manifest unless it changed, and nothing goes down (A2)', async () => {
      const { hot, other } = stores()
      const { shard, channelId } = freshPlace()
      const old = await addSegment(hot, shard)
      const { nowMs } = await hot.state(shard)
      await seal(hot, shard, nowMs)
      const { generation } = await hot.state(shard)
      const found = segmentOf(await hot.freeze(shard, nowMs + 1), { number: 40, key: 'found' })
      const what = { segments: [found], next: 41, boundaryMs: nowMs - 5 }
      await expect(hot.restore(shard, generation, { ...what, next: 40 })).rejects.toMatchObject({
        kind: 'invalid',
      })
      const slow = await hot.reserve(shard, 1)
      const frozen = await hot.freeze(shard, nowMs + 2)
      expect(await hot.restore(shard, generation - 1, what)).toBe('stale')
      expect(await hot.restore(shard, generation, what)).toBe('restored')
      expect(await hot.restore(shard, generation, what)).toBe('stale')
      expect(await other.manifest(shard)).toEqual([found])
      expect(await hot.state(shard)).toMatchObject({
        next: 41,
        boundaryMs: nowMs,
        floorMs: nowMs + 2,
      })
      const stale = { removed: [old], added: [entryOf(slow)] }
      expect(await hot.swap(slow, stale)).toBe('stale')
      const commit = { cutMs: nowMs + 2, segment: segmentOf(frozen), records: 0 }
      expect(await hot.commit(frozen, commit)).toBe('stale')

      // The numbers and the boundary may be as they were: a seal under way starts over all the same.
      const same = await hot.freeze(shard, nowMs + 2)
      const as = await hot.state(shard)
      const again = { ...what, next: as.next }
      expect(await hot.restore(shard, as.generation, again)).toBe('restored')
      const late = { cutMs: nowMs + 2, segment: segmentOf(same), records: 0 }
      expect(await hot.commit(same, late)).toBe('stale')

      const { generation: now } = await hot.state(shard)
      const higher = { segments: [], next: 2, boundaryMs: nowMs + 900 }
      expect(await hot.restore(shard, now, higher)).toBe('restored')
      expect(await hot.state(shard)).toMatchObject({
        next: 41,
        boundaryMs: nowMs + 900,
        floorMs: nowMs + 900,
      })
      expect(await hot.manifest(shard)).toEqual([])
      await hot.append(shard, [appendLine({ channelId })])
      const [entry] = await entriesOf(hot, { shard, channelId })
      expect(entry?.receivedAtMs).toBeGreaterThanOrEqual(nowMs + 900)
    })
  })
}
