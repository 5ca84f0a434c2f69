import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AppendLine, AppendResult } from '@poglog/hot-store'
import { ByteBudget } from '../src/byte-budget.ts'
import { Lane } from '../src/lane.ts'
import type { LaneEvents } from '../src/lane.ts'
import { Spool } from '../src/spool.ts'
import { CrashSeam, CrashingProcess } from './crash-seam.ts'
import type { FaultPoint } from './crash-seam.ts'

const STEP_MS_MAX = 20_000
const POLL_MS = 2
const BYTES_MAX = 1e8
/** One frame or two a file, so that a short run makes, reads and removes several. */
const SEGMENT_BYTES_MAX = 200
const READ_LINES_MAX = 2

export const lineOf = (number: number): AppendLine => ({
  channelId: '1',
  key: String(number),
  raw: `line ${number} \u{1f600}`,
  sentAtMs: 1000 + number,
  userId: '2',
  type: 'PRIVMSG',
})

/** What came of a run. Numbers are those of the lines, in the order of their arrival in the store. */
export interface CrashOutcome {
  readonly effects: readonly string[]
  readonly struck: readonly FaultPoint[]
  readonly stored: readonly AppendLine[]
  /** Offered, and then said to be in the store or on disk. */
  readonly reported: ReadonlySet<number>
  readonly dropped: readonly number[]
  /** Why the spool could not read bytes back. */
  readonly lost: readonly string[]
  /** A batch was on its way to the store when the ones behind it went to disk: it may come after them. */
  readonly isReordered: boolean
  readonly left: { readonly files: readonly string[]; readonly bytes: number }
}

const nothing = (): void => undefined

/** A store, a folder and one process after the other on them. */
class CrashRun {
  readonly seam: CrashSeam
  readonly dir: string
  readonly stored: AppendLine[] = []
  readonly offered = new Map<number, number>()
  readonly reported = new Set<number>()
  readonly dropped: number[] = []
  readonly lost: string[] = []
  isAway = false
  isRefused = false
  isReordered = false
  #inFlight = 0
  process: CrashingProcess
  lane: Lane | undefined
  spoolBudget = new ByteBudget(BYTES_MAX)
  #next = 0

  constructor(dir: string, plan: readonly FaultPoint[]) {
    this.dir = dir
    this.seam = new CrashSeam(plan)
    this.process = new CrashingProcess(this.seam)
    this.seam.before = () => this.note()
  }

  get isSending(): boolean {
    return this.#inFlight > 0
  }

  /** Notes which lines the lane says are stored. */
  note(): void {
    if (this.lane === undefined || this.process.isDead) return
    const untilMs = this.lane.storedUntilMs()
    for (const [number, offeredMs] of this.offered) {
      if (offeredMs > untilMs) continue
      this.reported.add(number)
      this.offered.delete(number)
    }
  }

  /** A new process on the folder, unless one runs. */
  async ensureLane(): Promise<Lane> {
    if (this.lane !== undefined && !this.process.isDead) return this.lane
    await this.process.end()
    // What the one before held in memory only is gone with it.
    this.offered.clear()
    this.#inFlight = 0
    const process = new CrashingProcess(this.seam)
    this.process = process
    this.spoolBudget = new ByteBudget(BYTES_MAX)
    const spool = await Spool.open({
      dir: this.dir,
      budget: this.spoolBudget,
      segmentBytesMax: SEGMENT_BYTES_MAX,
      batchLinesMax: READ_LINES_MAX,
      files: process.files(),
      events: { spoolLost: ({ cause }) => this.lost.push(cause) },
    })
    this.lane = new Lane({
      append: (lines) => this.#send(lines, process),
      spool,
      buffer: new ByteBudget(BYTES_MAX),
      flushIntervalMs: 1,
      events: this.#laneEvents(),
    })
    return this.lane
  }

  #laneEvents(): LaneEvents {
    return {
      appended: nothing,
      appendFailed: () => {
        this.isRefused = true
      },
      spoolEntered: () => {
        this.isReordered ||= this.#inFlight > 0
      },
      spoolDrained: nothing,
      spooled: nothing,
      spoolFailed: nothing,
      dropped: (lines) => this.dropped.push(...lines.map(({ key }) => Number(key))),
    }
  }

  async #send(lines: readonly AppendLine[], process: CrashingProcess): Promise<AppendResult> {
    this.#inFlight += 1
    try {
      return await process.run({ name: 'store.append', work: () => this.#append(lines) })
    } finally {
      this.#inFlight -= 1
    }
  }

  /** As the append script does: what is there is not stored again. */
  async #append(lines: readonly AppendLine[]): Promise<AppendResult> {
    await delay(1)
    if (this.isAway) throw new Error('away')
    const fresh = lines.filter(({ key }) => !this.stored.some((line) => line.key === key))
    this.stored.push(...fresh)
    return { appended: fresh.length, duplicates: lines.length - fresh.length }
  }

  async offer(count: number): Promise<void> {
    const lane = await this.ensureLane()
    for (let done = 0; done < count; done += 1) {
      lane.offer(lineOf(this.#next))
      this.offered.set(this.#next, performance.now())
      this.#next += 1
    }
    // The clock has to move on before what is offered next.
    await delay(2)
  }

  /** Waits until the process of now has come so far, or has ended. */
  async until(what: string, isTrue: (lane: Lane) => boolean): Promise<void> {
    const { lane, process } = this
    if (lane === undefined) return
    for (const endMs = performance.now() + STEP_MS_MAX; !process.isDead && !isTrue(lane);) {
      if (performance.now() > endMs) throw new Error(`not within ${STEP_MS_MAX} ms: ${what}`)
      await delay(POLL_MS)
    }
    this.note()
  }

  async stop(graceMs: number): Promise<void> {
    const { lane, process } = this
    let isStopped = false
    const stop = async (): Promise<void> => {
      await lane?.stop(graceMs)
      isStopped = true
    }
    await Promise.all([
      Promise.race([stop(), process.ended]),
      this.until('it is stopped', () => isStopped),
    ])
    await process.end()
  }
}

/**
 * A short life of a lane: lines go straight to the store; it goes away, lines go to disk; it comes back, all is replayed; it
 * goes away again, and what is left on disk at the stop is replayed by the next process. A process that crashes is
 * followed by another one on the same folder.
 */
export async function crashRun(plan: readonly FaultPoint[]): Promise<CrashOutcome> {
  const dir = await mkdtemp(join(tmpdir(), 'poglog-crash-'))
  const run = new CrashRun(dir, plan)
  const allStored = (): Promise<void> =>
    run.until('all is stored', () => {
      run.note()
      return run.offered.size === 0
    })
  const goAway = async (): Promise<void> => {
    run.isAway = true
    run.isRefused = false
    await run.offer(3)
    await run.until(
      'an append fails',
      (lane) => run.isRefused || lane.spoolingSinceMs !== undefined,
    )
    await run.offer(3)
    await run.until('it goes to disk', (lane) => {
      if (!run.isSending) lane.relieve()
      run.note()
      return run.offered.size === 0
    })
  }
  try {
    await run.offer(3)
    await allStored()
    await goAway()
    run.isAway = false
    await run.ensureLane()
    await run.seam.flushLate()
    await run.until('the disk is empty', (lane) => lane.spoolingSinceMs === undefined)
    await run.offer(3)
    await allStored()
    await goAway()
    await run.stop(20)
    run.isAway = false
    await run.offer(2)
    await allStored()
    await run.until('the disk is empty', (lane) => lane.spoolingSinceMs === undefined)
    await run.stop(1000)
    await finish(run)
    const { effects, struck } = run.seam
    const { stored, reported, dropped, lost, isReordered } = run
    const left = { files: await readdir(dir), bytes: run.spoolBudget.usedBytes }
    return { effects, struck, stored, reported, dropped, lost, isReordered, left }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Processes follow until one has brought everything to the store without any fault. */
async function finish(run: CrashRun): Promise<void> {
  for (;;) {
    const struck = run.seam.struck.length
    await run.seam.flushLate()
    await run.ensureLane()
    await run.until('the disk is empty', (lane) => lane.spoolingSinceMs === undefined)
    await run.stop(1000)
    if (run.seam.struck.length === struck) return
  }
}
