import { ingestSlotOf } from '@poglog/hot-store'
import { ownersOf } from '@poglog/ingest/owners'
import type { Owner } from '@poglog/ingest/owners'
import { Stage } from './stage.ts'
import type { Comparison } from './stored-lines.ts'

export interface ScaleOptions {
  readonly seed: number
  readonly channels: number
  readonly messagesPerSecond: number
  readonly joinsPer10s: number
  readonly onProgress: (text: string) => void
}

/** A change of the fleet: how many channels moved, and how many had to. */
export interface Move {
  readonly what: string
  readonly moved: number
  readonly least: number
  readonly seconds: number
}

export interface ScaleReport extends Comparison {
  readonly moves: readonly Move[]
  readonly sent: number
  readonly joins: number
  /** In any ten seconds. */
  readonly joinsMost: number
  readonly joinsRefused: number
}

/**
 * Scales ingest out and in again, and restarts every replica, under load: 1, 4, 2, and a rolling restart. Every line must
 * be stored, no more channels may move than have to, and the budget of joins holds.
 */
export async function runScale(options: ScaleOptions): Promise<ScaleReport> {
  await using stage = await Stage.open(options)
  options.onProgress(`logs in ${stage.folder}`)
  const logins = stage.chat.channels
  const moves: Move[] = []
  const change = async (what: string, least: number, act: () => Promise<void>): Promise<void> => {
    const startMs = performance.now()
    const joinsBefore = stage.joins.total
    await act()
    const seconds = (performance.now() - startMs) / 1000
    const move = { what, least, moved: stage.joins.total - joinsBefore, seconds }
    moves.push(move)
    options.onProgress(`${what}: ${move.moved} moved (${least} at least), ${seconds.toFixed(1)} s`)
  }

  await change('start of 1', logins.length, async () => {
    await stage.startReplica('ingest-1')
    await stage.settled()
  })
  stage.record()
  await change('1 to 4', changedOwners(logins, replicas(1), replicas(1, 2, 3, 4)), async () => {
    await Promise.all(['ingest-2', 'ingest-3', 'ingest-4'].map((name) => stage.startReplica(name)))
    await stage.settled()
  })
  await change('4 to 2', changedOwners(logins, replicas(1, 2, 3, 4), replicas(1, 2)), async () => {
    await Promise.all(['ingest-3', 'ingest-4'].map((name) => stage.stopReplica(name)))
    await stage.settled()
  })
  for (const [number, other] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const name = `ingest-${number}`
    // They go to the other, and come back.
    const least = 2 * changedOwners(logins, replicas(1, 2), replicas(other))
    await change(`restart of ${name}`, least, async () => {
      await stage.stopReplica(name)
      await stage.startReplica(name)
      await stage.settled()
    })
  }
  const compared = await stage.compare()
  return {
    ...compared,
    moves,
    joins: stage.joins.total,
    joinsMost: stage.joins.most,
    joinsRefused: stage.refused.total,
  }
}

/** Channels whose owner is another in the second list of replicas than in the first. */
function changedOwners(
  logins: readonly string[],
  before: readonly Owner[],
  after: readonly Owner[],
): number {
  return logins.filter((login) => {
    const slot = ingestSlotOf(login)
    return ownersOf(slot, before, 1)[0] !== ownersOf(slot, after, 1)[0]
  }).length
}

const replicas = (...numbers: number[]): Owner[] =>
  numbers.map((number) => ({ replica: `ingest-${number}`, weight: 1 }))
