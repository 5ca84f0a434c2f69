import { INGEST_SLOTS, ingestSlotOf } from '@poglog/hot-store'
import { describe, expect, it } from 'vitest'
import { ownersOf, slotsOf } from './owners.ts'
import type { Owner } from './owners.ts'

const owners = (count: number): Owner[] =>
  Array.from({ length: count }, (_, index) => ({ replica: `ingest-${index + 1}`, weight: 1 }))

const allSlots = (all: readonly Owner[], replication = 1): Map<string, ReadonlySet<number>> =>
  new Map(all.map(({ replica }) => [replica, slotsOf(replica, all, replication)]))

describe('slotsOf', () => {
  it('gives every slot exactly as many owners as replication says, while there are enough', () => {
    for (const [count, replication, expected] of [
      [1, 1, 1],
      [3, 1, 1],
      [3, 2, 2],
      [5, 3, 3],
      [2, 3, 2],
    ] as const) {
      const perSlot = Array.from({ length: INGEST_SLOTS }, () => 0)
      for (const slots of allSlots(owners(count), replication).values()) {
        for (const slot of slots) perSlot[slot] = (perSlot[slot] ?? 0) + 1
      }
      expect(new Set(perSlot)).toEqual(new Set([expected]))
    }
  })

  it('spreads the slots evenly, and by weight', () => {
    for (const slots of allSlots(owners(4)).values()) {
      expect(slots.size).toBeGreaterThan(INGEST_SLOTS / 4 - 60)
      expect(slots.size).toBeLessThan(INGEST_SLOTS / 4 + 60)
    }
    const weighted = [...owners(3), { replica: 'large', weight: 3 }]
    const large = allSlots(weighted).get('large')?.size ?? 0
    expect(large).toBeGreaterThan(INGEST_SLOTS / 2 - 70)
    expect(large).toBeLessThan(INGEST_SLOTS / 2 + 70)
  })

  it('moves only the slots that a new owner gets, and back only those that it had', () => {
    for (const replication of [1, 2]) {
      const before = allSlots(owners(3), replication)
      const after = allSlots(owners(4), replication)
      const gained = after.get('ingest-4')?.size ?? 0
      let lost = 0
      for (const [replica, slots] of before) {
        const kept = after.get(replica) ?? new Set()
        expect([...kept].filter((slot) => !slots.has(slot))).toEqual([])
        lost += slots.size - kept.size
      }
      expect(lost).toBe(gained)
    }
  })

  it('agrees with ownersOf on every slot', () => {
    const weighted = [...owners(3), { replica: 'large', weight: 2.5 }]
    for (const [replica, slots] of allSlots(weighted, 2)) {
      for (let slot = 0; slot < INGEST_SLOTS; slot += 1) {
        expect(ownersOf(slot, weighted, 2).includes(replica)).toBe(slots.has(slot))
      }
    }
  })

  it('gives nothing to a replica that is no owner', () => {
    expect(slotsOf('stranger', owners(2), 1).size).toBe(0)
  })
})

describe('ingestSlotOf', () => {
  it('spreads similar logins over many slots', () => {
    const slots = new Set(
      Array.from({ length: 2000 }, (_, index) => ingestSlotOf(`channel${index}`)),
    )
    expect(slots.size).toBeGreaterThan(800)
  })
})
