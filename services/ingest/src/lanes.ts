import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fnv1a32 } from '@poglog/hot-store'
import type { AppendLine } from '@poglog/hot-store'
import type { ByteBudget } from './byte-budget.ts'
import { Lane } from './lane.ts'
import type { LaneDeps } from './lane.ts'
import { Spool } from './spool.ts'
import type { SpoolEvents } from './spool.ts'

const LANE_FOLDER = /^lane-\d+$/

export interface LanesOptions extends Omit<LaneDeps, 'spool' | 'events'> {
  readonly lanes: number
  readonly spoolDir: string
  readonly spoolBudget: ByteBudget
  readonly events: LaneDeps['events'] & SpoolEvents
}

/**
 * One lane a shard, so that a node of a cluster that is away does not hold up the channels of others.
 * Only the number of lanes is the configured one of shards: which shard a line belongs to is
 * decided when it is sent, so lanes work before Redis told its number, and what lies in the spool of an
 * earlier number is sent as well.
 */
export class Lanes {
  readonly #lanes: readonly Lane[]
  readonly #all: readonly Lane[]

  private constructor(lanes: readonly Lane[], all: readonly Lane[]) {
    this.#lanes = lanes
    this.#all = all
  }

  static async open(options: LanesOptions): Promise<Lanes> {
    const { lanes: count, spoolDir, spoolBudget: budget, events } = options
    await mkdir(spoolDir, { recursive: true })
    const openLane = async (name: string): Promise<Lane> => {
      const spool = await Spool.open({ dir: join(spoolDir, name), budget, events })
      return new Lane({ ...options, spool })
    }
    const names = Array.from({ length: count }, (_, index) => `lane-${index}`)
    const found = (await readdir(spoolDir)).filter((name) => LANE_FOLDER.test(name))
    const left = found.filter((name) => !names.includes(name))
    const lanes = await Promise.all(names.map(openLane))
    return new Lanes(lanes, [...lanes, ...(await Promise.all(left.map(openLane)))])
  }

  /** Of the lanes whose lines go to the disk first, since when: monotonic ms (`performance.now()`). */
  get spoolingSinceMs(): readonly number[] {
    return this.#all.flatMap(({ spoolingSinceMs }) => spoolingSinceMs ?? [])
  }

  /** Takes a line, or drops it where there is no room and answers `false`. */
  offer(line: AppendLine): boolean {
    const count = this.#lanes.length
    return this.#lanes[count === 1 ? 0 : fnv1a32(line.channelId) % count]?.offer(line) ?? false
  }

  /**
   * Monotonic ms (`performance.now()`): every line offered before it is in Redis or on disk, or was dropped.
   * Now, when nothing waits.
   */
  storedUntilMs(): number {
    return Math.min(...this.#all.map((lane) => lane.storedUntilMs()))
  }

  relieve(): void {
    for (const lane of this.#all) lane.relieve()
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#all.map((lane) => lane.stop(graceMs)))
  }
}
