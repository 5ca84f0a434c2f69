import { INGEST_SLOTS, fnv1a32, mix32 } from '@poglog/hot-store'

/** Most owners a slot may have. More would only cost connections and de-duplication. */
export const REPLICATION_MAX = 4

/** Who may own slots, and how much of them: a weight of 2 gets twice the slots of a weight of 1. */
export interface Owner {
  readonly replica: string
  readonly weight: number
}

/**
 * The slots that a replica owns: those for which it is among the `replication` first by weighted rendezvous
 * hashing. Every replica computes the same from the same owners, and an owner that comes or goes moves only the
 * slots that it gets or had.
 *
 * @see https://en.wikipedia.org/wiki/Rendezvous_hashing#Weighted_rendezvous_hash
 */
export function slotsOf(
  replica: string,
  owners: readonly Owner[],
  replication: number,
): ReadonlySet<number> {
  const me = owners.find((owner) => owner.replica === replica)
  if (me === undefined) return new Set()
  const others = owners.filter((owner) => owner !== me).map(withSeed)
  const mine = withSeed(me)
  const slots = new Set<number>()
  for (let slot = 0; slot < INGEST_SLOTS; slot += 1) {
    const score = scoreOf(mine, slot)
    let before = 0
    for (const other of others) {
      const otherScore = scoreOf(other, slot)
      if (otherScore > score || (otherScore === score && other.replica < replica)) before += 1
      if (before >= replication) break
    }
    if (before < replication) slots.add(slot)
  }
  return slots
}

/** The owners of one slot, the first of the rendezvous first. */
export function ownersOf(
  slot: number,
  owners: readonly Owner[],
  replication: number,
): readonly string[] {
  const scored = owners.map((owner) => ({ ...owner, score: scoreOf(withSeed(owner), slot) }))
  scored.sort((left, right) => right.score - left.score || (left.replica < right.replica ? -1 : 1))
  return scored.slice(0, replication).map(({ replica }) => replica)
}

interface SeededOwner extends Owner {
  readonly seed: number
}

const withSeed = ({ replica, weight }: Owner): SeededOwner => ({
  replica,
  weight,
  seed: fnv1a32(replica),
})

function scoreOf({ seed, weight }: SeededOwner, slot: number): number {
  const uniform = (mix32(seed ^ Math.imul(slot + 1, 0x9e3779b1)) + 0.5) / 2 ** 32
  return weight / -Math.log(uniform)
}
