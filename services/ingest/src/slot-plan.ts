import type { FleetView, Holding } from '@poglog/hot-store'
import { ownersOf, slotsOf } from './owners.ts'
import type { Owner } from './owners.ts'

/** What decides which slots a replica should have. */
export interface SlotFacts {
  readonly replica: string
  readonly replication: number
  readonly isLeaving: boolean
  /** Replicas have come a moment ago, and more may come. */
  readonly isGrowing: boolean
  readonly view: FleetView
  /** Slots it has, whether joining or holding. */
  readonly slots: ReadonlySet<number>
}

/**
 * What to do about the slots. `awaited`: those to claim once no more replicas come. `handingOver`: those that are others' by
 * now, and kept until they hold them.
 */
export interface SlotPlan {
  readonly claims: readonly number[]
  readonly releases: readonly number[]
  readonly awaited: readonly number[]
  readonly handingOver: readonly number[]
}

/**
 * Claims the slots that are the replica's by now, and lets go those that all their owners hold. Others that hold a slot
 * without owning it do not count: they wait to leave it, too.
 */
export function planSlots(facts: SlotFacts): SlotPlan {
  const { replica, replication, isLeaving, isGrowing, view, slots } = facts
  const active = view.members.filter((member) => !member.isLeaving)
  const owners = isLeaving ? active.filter((member) => member.replica !== replica) : active
  const ownerIds = owners.map((owner) => owner.replica)
  const mine = slotsOf(replica, owners, replication)
  const fresh = [...mine].filter((slot) => !slots.has(slot))
  const awaited = isGrowing
    ? fresh.filter((slot) => ownerIds.some((owner) => isHeldBy(owner, slot, view)))
    : []
  const claims = awaited.length === 0 ? fresh : fresh.filter((slot) => !awaited.includes(slot))
  const isHeldByOwners = (slot: number): boolean => {
    const wanted = ownersOf(slot, owners satisfies readonly Owner[], replication)
    return wanted.length > 0 && wanted.every((owner) => isHeldBy(owner, slot, view))
  }
  const leaving = Map.groupBy(
    [...slots].filter((slot) => !mine.has(slot)),
    isHeldByOwners,
  )
  return {
    claims,
    releases: leaving.get(true) ?? [],
    awaited,
    handingOver: leaving.get(false) ?? [],
  }
}

/** Whether Redis knows something else of a replica's slots than these. */
export function isUndeclared(
  slots: ReadonlyMap<number, Holding>,
  replica: string,
  view: FleetView,
): boolean {
  let declared = 0
  for (const [slot, holders] of view.holdings) {
    const mine = holders.find((holder) => holder.replica === replica)
    if (mine === undefined) continue
    if (slots.get(slot) !== mine.holding) return true
    declared += 1
  }
  return declared !== slots.size
}

/** Whether any replica but one holds a slot, as far as is known. */
export function isHeldByOthers(slot: number, self: string, view: FleetView | undefined): boolean {
  const holders = view?.holdings.get(slot) ?? []
  return holders.some(({ replica, holding }) => replica !== self && holding === 'holding')
}

function isHeldBy(replica: string, slot: number, view: FleetView): boolean {
  const holders = view.holdings.get(slot) ?? []
  return holders.some((holder) => holder.replica === replica && holder.holding === 'holding')
}
