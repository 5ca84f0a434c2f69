import { describe, expect, it } from 'vitest'
import { appendLine } from '../src/testing.ts'
import { entriesOf, freshPlace, seal, segmentOf, SHARDS } from './setup.ts'
import { addSegment, entryOf, type Stores } from './swapping.ts'

let users = 5_000_000
const freshUser = (): string => {
  users += 1
  return String(users)
}

/** What requests to erase, retention and the user sets do on any Redis. */
export function erasingTests(stores: () => Stores): void {
  describe('erasure', () => {
    it('hides a user in every scope at once, also from who had the manifest already (P1)', async () => {
      const { hot, other } = stores()
      const { shard, channelId } = freshPlace()
      const userId = freshUser()
      const before = await other.snapshot({ shard, channelId })
      const view = await other.usersView()
      expect(before.erased.has(userId)).toBe(false)
      const erasure = await hot.erasures.request(userId)
      expect(erasure).toMatchObject({ userId, state: 'pending', report: undefined })
      expect(erasure.beforeMs).toBe(erasure.requestedAtMs + 1)

      const { erased, state } = await other.snapshot({ shard, channelId })
      expect(erased.get(userId)).toBe(erasure.beforeMs)
      expect(state.generation).toBe(before.state.generation + 1)
      expect((await other.snapshot({ shard, channelId })).erased).toBe(erased)
      // The list of who is erased travels only when it has changed.
      await addSegment(hot, shard)
      expect((await other.snapshot({ shard, channelId })).erased).toBe(erased)
      const last = await other.snapshot({ shard: SHARDS - 1, channelId: undefined })
      expect(last.erased.get(userId)).toBe(erasure.beforeMs)
      const now = await other.usersView()
      expect(now.erased.get(userId)).toBe(erasure.beforeMs)
      expect(now.version).not.toBe(view.version)
      for (const scope of [shard, 'users'] as const) {
        const { users: ids, erasures } = await hot.erased(scope)
        expect(ids.get(userId)).toBe(erasure.beforeMs)
        expect(erasures).toBe((await hot.reserve(scope, 1)).erasures)
      }
    })

    it('refuses what was begun before it: a seal, a swap and a fold (P1)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      await hot.append(shard, [appendLine({ channelId })])
      const hour = await addSegment(hot, shard)
      const cutMs = (await hot.state(shard)).nowMs + 1
      const reservations = [await hot.reserve(shard, 1), await hot.reserve('users', 1)]
      const frozen = await hot.freeze(shard, cutMs)
      await hot.erasures.request(freshUser())
      const sealed = { cutMs, segment: segmentOf(frozen), records: 1 }
      expect(await hot.commit(frozen, sealed)).toBe('stale')
      for (const reservation of reservations) {
        const removed = reservation.scope === shard ? [hour] : []
        const what = { removed, added: [entryOf(reservation)] }
        expect(await hot.swap(reservation, what)).toBe('stale')
      }
      await seal(hot, shard, cutMs)
      const again = await hot.reserve(shard, 1)
      const what = { removed: [hour], added: [entryOf(again)] }
      expect(await hot.swap(again, what)).toBe('committed')
      // It says what took place before the request, too.
      await hot.erasures.request(freshUser())
      expect(await hot.swap(again, what)).toBe('already')
    })

    it('can be asked for again: the later time wins, and an old report is not noted (P1)', async () => {
      const { hot, other } = stores()
      const userId = freshUser()
      const first = await hot.erasures.request(userId)
      await expect.poll(async () => (await hot.state(0)).nowMs).toBeGreaterThan(first.beforeMs)
      const second = await other.erasures.request(userId)
      expect(second.beforeMs).toBeGreaterThan(first.beforeMs)
      await hot.erasures.update({ ...first, state: 'done' })
      expect(await hot.erasures.find(userId)).toEqual(second)
      await hot.erasures.hide(first)
      expect((await hot.erased('users')).users.get(userId)).toBe(second.beforeMs)
      expect((await hot.erasures.pending()).map((erasure) => erasure.userId)).toContain(userId)

      const report = JSON.stringify({ rewritten: ['a b', 'c\n'] })
      const done = { ...second, state: 'done' as const, report }
      await hot.erasures.update(done)
      expect(await other.erasures.find(userId)).toEqual(done)
      expect((await hot.erasures.pending()).map((erasure) => erasure.userId)).not.toContain(userId)
      expect((await hot.erased(0)).users.get(userId)).toBe(second.beforeMs)
    })

    it('hides first and notes the request last, so that a half request is never noted (P1)', async () => {
      const { hot, raw } = stores()
      const userId = freshUser()
      // The last scope cannot be written: the request fails, and nothing is asked of the archiver.
      const kept = await raw.hgetall('{users}:erased')
      await raw.del('{users}:erased')
      await raw.set('{users}:erased', 'broken')
      await expect(hot.erasures.request(userId)).rejects.toMatchObject({ kind: 'corrupt' })
      expect(await hot.erasures.find(userId)).toBeUndefined()
      await raw.del('{users}:erased')
      if (Object.keys(kept).length > 0) await raw.hset('{users}:erased', kept)
      const erasure = await hot.erasures.request(userId)
      expect((await hot.erased('users')).users.get(userId)).toBe(erasure.beforeMs)
    })

    it('takes only decimal numbers, and knows nobody who was not asked for (S1)', async () => {
      const { hot } = stores()
      for (const userId of ['', 'x', '1 2', '__proto__', '1'.repeat(21)]) {
        await expect(hot.erasures.request(userId)).rejects.toMatchObject({ kind: 'invalid' })
        await expect(hot.erasures.find(userId)).rejects.toMatchObject({ kind: 'invalid' })
      }
      expect(await hot.erasures.find('4999999')).toBeUndefined()
      const erasure = await hot.erasures.request(freshUser())
      const report = 'x'.repeat(1_000_001)
      await expect(hot.erasures.update({ ...erasure, report })).rejects.toMatchObject({
        kind: 'invalid',
      })
    })

    it('removes the entries of the user that were sent before, and counts right (P1)', async () => {
      const { hot } = stores()
      const { shard, channelId } = freshPlace()
      const [gone, kept] = [freshUser(), freshUser()]
      const lines = Array.from({ length: 2500 }, (_, n) =>
        appendLine({
          channelId,
          text: `t${n} ü`,
          userId: n % 5 === 0 ? gone : kept,
          sentAtMs: 1_000_000 + n,
        }),
      )
      for (let from = 0; from < 1000; from += 500) {
        await hot.append(shard, lines.slice(from, from + 500))
      }
      const cutMs = (await hot.state(shard)).nowMs + 1
      await seal(hot, shard, cutMs)
      for (let from = 1000; from < 2500; from += 500) {
        await hot.append(shard, lines.slice(from, from + 500))
      }
      const bytesOf = (some: typeof lines): number =>
        some.reduce((sum, { raw }) => sum + Buffer.byteLength(raw), 0)
      const hotBytes = bytesOf(lines.slice(1000))
      expect(await hot.state(shard)).toMatchObject({ hotRecords: 1500, hotBytes })
      const frozen = await hot.freeze(shard, cutMs + 1)
      const what = { channelId, userId: gone, beforeMs: 1_002_000 }
      expect(await hot.eraseEntries(shard, what)).toBe(400)
      expect(await hot.eraseEntries(shard, what)).toBe(0)
      // 200 of them lay before the boundary, where they were counted out already.
      const erased = bytesOf(lines.slice(1000, 2000).filter((_, n) => n % 5 === 0))
      expect(await hot.state(shard)).toMatchObject({
        hotRecords: 1300,
        hotBytes: hotBytes - erased,
      })
      const left = await entriesOf(hot, { shard, channelId })
      expect(left.map(({ raw }) => raw)).toEqual(
        lines.filter((_, n) => n % 5 !== 0 || n >= 2000).map(({ raw }) => raw),
      )
      // A seal that may have read them would count them out a second time.
      const sealed = { cutMs: cutMs + 1, segment: undefined, records: 0 }
      expect(await hot.commit(frozen, sealed)).toBe('stale')
      expect(await hot.trim(shard, { beforeMs: cutMs })).toEqual({ removed: 800 })
      expect(await hot.eraseEntries(shard, { ...what, beforeMs: 1e13 })).toBe(100)
      expect((await hot.state(shard)).hotRecords).toBe(1200)
    })
  })

  it('keeps how long channels are kept', async () => {
    const { hot, other } = stores()
    await hot.retention.set('101', 30)
    await hot.retention.set('102', 36_500)
    await hot.retention.set('101', 31)
    expect(await other.retention.all()).toEqual(
      new Map([
        ['101', 31],
        ['102', 36_500],
      ]),
    )
    await hot.retention.set('101', undefined)
    expect([...(await other.retention.all()).keys()]).toEqual(['102'])
    for (const days of [0, -1, 1.5, 36_501]) {
      await expect(hot.retention.set('101', days)).rejects.toMatchObject({ kind: 'invalid' })
    }
    await expect(hot.retention.set('x', 1)).rejects.toMatchObject({ kind: 'invalid' })
  })

  it('lets the sets of who wrote where expire, and writes them anew', async () => {
    const { hot, raw } = stores()
    const { shard, channelIds } = freshPlace(3)
    const [a = '', b = '', c = ''] = channelIds
    const userIds = Array.from({ length: 1500 }, freshUser)
    const dayMs = Date.UTC(2026, 10, 20)
    const where = async (userId: string) =>
      (await hot.userChannels({ shard, userId, fromDayMs: dayMs, toDayMs: dayMs })).toSorted()
    const [first = '', second = ''] = userIds
    const pairs = userIds.map((userId) => [userId, a] as const)
    await hot.indexUsers(shard, dayMs, [...pairs, [first, b], [first, b]])
    expect(await where(first)).toEqual([a, b].toSorted())
    await hot.expireUserSets(shard, { dayMs, userIds, afterMs: 60_000 })
    const key = `{s${String(shard).padStart(2, '0')}}:user:2026-11-20:${first}`
    expect(await raw.pttl(key)).toBeGreaterThan(50_000)
    await hot.indexUsers(shard, dayMs, [[first, c]])
    expect(await raw.pttl(key)).toBe(-1)
    expect(await where(first)).toEqual([a, b, c].toSorted())
    await hot.expireUserSets(shard, { dayMs, userIds: [second], afterMs: 0 })
    await expect.poll(() => where(second)).toEqual([])
    await expect(hot.indexUsers(shard, dayMs, [['x', a]])).rejects.toMatchObject({
      kind: 'invalid',
    })
  })

  it('forgets a name in both directions, but not whose it is now (P1)', async () => {
    const { hot, other } = stores()
    const now = 1_760_000_000_000
    await hot.names.learn([
      { id: '7001', login: 'leaving', seenAtMs: now },
      { id: '7002', login: 'renamed', seenAtMs: now },
    ])
    await other.names.learn([{ id: '7003', login: 'renamed', seenAtMs: now + 5 }])
    await hot.names.forget('7001')
    await hot.names.forget('7001')
    await hot.names.forget('7002')
    expect(await hot.names.loginsOf(['7001', '7002', '7003'])).toEqual(
      new Map([['7003', 'renamed']]),
    )
    expect(await hot.names.idsOf(['leaving', 'renamed'])).toEqual(new Map([['renamed', '7003']]))
    expect(await hot.names.learn([{ id: '7001', login: 'leaving', seenAtMs: now }])).toMatchObject({
      written: 2,
    })
    await expect(hot.names.forget('x')).rejects.toMatchObject({ kind: 'invalid' })
  })
}
