import { describe, expect, it } from 'vitest'
import { OPT_OUT_CODES_MAX, OPT_OUTS_MAX } from '../src/index.ts'
import type { Stores } from './swapping.ts'

const STATE = '{optouts}:state'
const USERS = '{optouts}:users'
const CODES = '{optouts}:codes'

let ids = 7_000_000
const freshId = (): string => {
  ids += 1
  return String(ids)
}

/** What opting out does on any Redis. */
export function optOutTests(stores: () => Stores): void {
  describe('opting out', () => {
    it('is seen by every process at its next look, and so is opting in (P1)', async () => {
      const { hot, other } = stores()
      const [user, channel] = [freshId(), freshId()]
      const before = await other.optOuts.view()
      expect(before.users.has(user) || before.channels.has(channel)).toBe(false)

      expect(await hot.optOuts.set({ kind: 'users', id: user, isOut: true })).toBe(true)
      const { nowMs } = await hot.state(0)
      expect(await hot.optOuts.set({ kind: 'channels', id: channel, isOut: true })).toBe(true)
      const view = await other.optOuts.view()
      expect(view.users.has(user)).toBe(true)
      expect(view.channels.has(user)).toBe(false)
      expect(view.channels.has(channel)).toBe(true)
      const listed = (await other.optOuts.list('users')).find(({ id }) => id === user)
      expect(listed?.sinceMs).toBeLessThanOrEqual(nowMs)
      expect(listed?.sinceMs).toBeGreaterThan(nowMs - 60_000)

      // Asked for again, nothing changes, and the lists do not travel again.
      expect(await hot.optOuts.set({ kind: 'users', id: user, isOut: true })).toBe(false)
      expect(await other.optOuts.view()).toBe(view)
      expect((await other.optOuts.list('users')).find(({ id }) => id === user)).toEqual(listed)

      expect(await hot.optOuts.set({ kind: 'users', id: user, isOut: false })).toBe(true)
      expect(await hot.optOuts.set({ kind: 'users', id: user, isOut: false })).toBe(false)
      expect((await other.optOuts.view()).users.has(user)).toBe(false)
      expect((await other.optOuts.view()).channels.has(channel)).toBe(true)
    })

    it('is seen also when a failover had undone another that was seen (P1)', async () => {
      const { hot, other, raw } = stores()
      await hot.optOuts.set({ kind: 'users', id: freshId(), isOut: true })
      const kept = [await raw.hgetall(STATE), await raw.hgetall(USERS)] as const
      const lost = freshId()
      await hot.optOuts.set({ kind: 'users', id: lost, isOut: true })
      expect((await other.optOuts.view()).users.has(lost)).toBe(true)
      for (const [index, key] of [STATE, USERS].entries()) {
        await raw.del(key)
        await raw.hset(key, kept[index] ?? {})
      }
      const later = freshId()
      await hot.optOuts.set({ kind: 'users', id: later, isOut: true })
      const { users } = await other.optOuts.view()
      expect([users.has(lost), users.has(later)]).toEqual([false, true])
    })

    it('takes only decimal numbers, and no more than its limit (S1)', async () => {
      const { hot, raw } = stores()
      for (const id of ['', 'x', '1 2', '__proto__', '1'.repeat(21)]) {
        const change = { kind: 'users', id, isOut: true } as const
        await expect(hot.optOuts.set(change)).rejects.toMatchObject({ kind: 'invalid' })
        await expect(hot.optOuts.redeem('abcde', change)).rejects.toMatchObject({ kind: 'invalid' })
      }
      const kept = await raw.hgetall(USERS)
      const id = freshId()
      const change = { kind: 'users', id, isOut: true } as const
      try {
        const fill = Array.from({ length: OPT_OUTS_MAX }, (_, at) => [`${at}`, '1'] as const)
        await raw.del(USERS)
        await raw.hset(USERS, new Map(fill))
        await expect(hot.optOuts.set(change)).rejects.toMatchObject({ kind: 'invalid' })
        const code = (await hot.optOuts.issueCode()) ?? ''
        await expect(hot.optOuts.redeem(code, change)).rejects.toMatchObject({ kind: 'invalid' })
        expect(await hot.optOuts.set({ ...change, id: '5', isOut: false })).toBe(true)
        // The code is good still.
        expect(await hot.optOuts.redeem(code, change)).toBe(true)
      } finally {
        await raw.del(USERS)
        if (Object.keys(kept).length > 0) await raw.hset(USERS, kept)
        await raw.hset(STATE, 'version', 'restored by a test')
      }
    })

    it('by a code works once', async () => {
      const { hot, other } = stores()
      const [first, second] = [freshId(), freshId()]
      const code = (await hot.optOuts.issueCode()) ?? ''
      expect(code).toMatch(/^[A-Za-z0-9]{5}$/)
      expect(await other.optOuts.redeem(code, { kind: 'users', id: first, isOut: true })).toBe(true)
      expect(await hot.optOuts.redeem(code, { kind: 'users', id: second, isOut: true })).toBe(false)
      const { users } = await hot.optOuts.view()
      expect([users.has(first), users.has(second)]).toEqual([true, false])

      const again = (await hot.optOuts.issueCode()) ?? ''
      expect(again).not.toBe(code)
      expect(await hot.optOuts.redeem(again, { kind: 'users', id: first, isOut: false })).toBe(true)
      expect((await other.optOuts.view()).users.has(first)).toBe(false)
      for (const wrong of ['', 'abc', 'abcdef', again, 'ab de', '     ']) {
        const change = { kind: 'users', id: second, isOut: true } as const
        expect(await hot.optOuts.redeem(wrong, change)).toBe(false)
      }
    })

    it('by a code works for a minute only', async () => {
      const { hot, raw } = stores()
      const code = (await hot.optOuts.issueCode()) ?? ''
      const { nowMs } = await hot.state(0)
      const expiresMs = Number(await raw.zscore(CODES, code))
      expect(expiresMs).toBeGreaterThan(nowMs + 50_000)
      expect(expiresMs).toBeLessThanOrEqual(nowMs + 60_000)
      expect(await raw.pttl(CODES)).toBeLessThanOrEqual(60_000)
      expect(await raw.pttl(CODES)).toBeGreaterThan(0)
      await raw.zadd(CODES, nowMs - 1, code)
      const id = freshId()
      expect(await hot.optOuts.redeem(code, { kind: 'users', id, isOut: true })).toBe(false)
      expect((await hot.optOuts.view()).users.has(id)).toBe(false)
      // What is over makes room.
      await hot.optOuts.issueCode()
      expect(await raw.zscore(CODES, code)).toBeNull()
    })

    it('has no more codes out than its limit', async () => {
      const { hot, raw } = stores()
      const { nowMs } = await hot.state(0)
      const fill = Array.from({ length: OPT_OUT_CODES_MAX }, (_, at) => [
        nowMs + 60_000,
        `fill${at}`,
      ])
      await raw.del(CODES)
      await raw.zadd(CODES, ...fill.flat())
      expect(await hot.optOuts.issueCode()).toBeUndefined()
      await raw.zrem(CODES, 'fill0')
      expect(await hot.optOuts.issueCode()).toBeDefined()
      await raw.del(CODES)
    })
  })
}
