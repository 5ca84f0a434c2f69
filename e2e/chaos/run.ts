import { setTimeout as sleep } from 'node:timers/promises'
import { Asker } from './ask/asker.ts'
import type { RouteTally } from './ask/asker.ts'
import type { Gap } from './checker/gaps.ts'
import { askForAll, collect, heal, judgeLosses } from './finish.ts'
import { History } from './history.ts'
import { inflict, upgradeAll } from './inflict.ts'
import { startListeners } from './start-listeners.ts'
import { stepsOf } from './schedule.ts'
import type { FaultKind, Track } from './schedule.ts'
import { untilWhole } from './whole.ts'
import { startWorld, untilReady } from './world/world.ts'
import type { World } from './world/world.ts'

/** More of them would leave the services no core of the two. */
const ASKERS_PER_API = 2
const TRACKS: readonly Track[] = ['fleet', 'lines', 'redis', 'clock', 'stores', 'compaction']
/** Parts of two versions work beside each other, and nothing else is harmed. */
const UPGRADE_TRACKS: readonly Track[] = ['versions', 'lines', 'compaction']
const PROGRESS_MS = 1000
/** For what is still on its way to the listeners once the chat is over; they may be away for half a minute. */
const LIVE_MS_MAX = 60_000

export interface ChaosOptions {
  readonly folder: string
  readonly seed: number
  readonly minutes: number
  readonly replication: number
  readonly isCluster: boolean
  readonly channels: number
  readonly messagesPerSecond: number
  /** A folder with another version, which is upgraded and set back instead of being harmed. */
  readonly oldRoot: string | undefined
  /** Called each second. */
  readonly onProgress: (line: string) => void
  /** Called with what is done next. */
  readonly onPhase: (phase: string) => void
}

export interface ChaosResult {
  readonly seed: number
  readonly folder: string
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly sent: number
  /** Of these, sent while nothing might be lost. */
  readonly expected: number
  readonly lost: number
  /** As the coverage ledger tells them, of all channels. */
  readonly gaps: readonly Gap[]
  /** Of all listeners to live routes: how often they were connected, and what they got. */
  readonly live: { readonly connections: number; readonly messages: number }
  readonly routes: ReadonlyMap<string, RouteTally>
  readonly violations: ReadonlyMap<string, number>
  /** What the parts logged, and how often. */
  readonly messages: ReadonlyMap<string, number>
}

/** Runs the world, harms it for some minutes while asking and checking, heals it and asks for everything. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const history = new History(options.folder)
  options.onPhase('starting Redis, Ceph, ingest, archiver and API')
  const world = await startWorld({ ...options, history })
  try {
    return await runIn(world, options)
  } finally {
    await world[Symbol.asyncDispose]()
    await history.close()
  }
}

async function runIn(world: World, options: ChaosOptions): Promise<ChaosResult> {
  const { history } = world.options
  const { book, logins } = world
  const never = new AbortController().signal
  await untilReady(world)
  if (!(await untilWhole(world, never))) throw new Error('the fleet did not become whole')
  book.isExpecting = true
  const startMs = Date.now()
  history.note('begin', { seed: options.seed, replication: options.replication })
  const apis = world.apis.map(({ spec }) => spec.url)
  const asker = new Asker({
    book,
    logins,
    startMs,
    apis,
    history,
    seed: options.seed,
    loopsPerApi: ASKERS_PER_API,
  })
  const listeners = startListeners(world, { hasClockSteps: maySeeClockSteps(options) })
  const faults = new Map<FaultKind, number>()
  const over = AbortSignal.timeout(options.minutes * 60_000)
  const progress = setInterval(() => {
    options.onProgress(describe({ world, asker, faults, startMs }))
  }, PROGRESS_MS).unref()
  await Promise.all(
    tracksOf(options).map((track) => runTrack(track, { world, faults, seed: options.seed, over })),
  )
  options.onPhase('healing')
  history.note('heal')
  await upgradeAll(world)
  history.violated(await heal(world), {})
  const lost = await collect(world)
  await asker.stop()
  for (const listener of listeners) history.violated(await listener.finish(LIVE_MS_MAX), {})
  options.onPhase('sealing, compacting, asking for everything')
  history.note('ask for all')
  history.violated(await askForAll(world, asker), {})
  clearInterval(progress)
  const losses = await judgeLosses(world, lost, startMs)
  history.violated(losses.violations, { at: 'the end' })
  history.note('losses', { lost: losses.lost.map(({ raw }) => raw), gaps: [...losses.gaps] })
  const expected = book.all.filter((line) => line.isExpected).length
  return {
    seed: options.seed,
    folder: options.folder,
    faults,
    lost: losses.lost.length,
    gaps: [...losses.gaps.values()].flat(),
    expected,
    sent: book.all.length,
    live: {
      connections: sum(listeners.map(({ connections }) => connections)),
      messages: sum(listeners.map(({ heard }) => heard)),
    },
    routes: asker.tallies,
    violations: history.violations,
    messages: history.messages,
  }
}

function tracksOf(options: ChaosOptions): readonly Track[] {
  if (options.oldRoot !== undefined) return UPGRADE_TRACKS
  return TRACKS.filter((track) => track !== 'clock' || maySeeClockSteps(options))
}

/** The ledger tells gaps in Redis time, lines tell when they were sent in the time of the chat server. */
function maySeeClockSteps({ replication, isCluster, oldRoot }: ChaosOptions): boolean {
  return replication > 1 && !isCluster && oldRoot === undefined
}

interface TrackDeps {
  readonly world: World
  readonly faults: Map<FaultKind, number>
  readonly seed: number
  /** Aborted when the run is over. */
  readonly over: AbortSignal
}

/** One fault after the other; of the fleet, the next one when it is whole again. */
async function runTrack(track: Track, { world, faults, seed, over }: TrackDeps): Promise<void> {
  const { ingests, archivers, apis, redis, options } = world
  const sizes = {
    ingests: ingests.length,
    archivers: archivers.length,
    apis: apis.length,
    redisNodes: redis.nodes,
  }
  for (const { fault, pauseMs } of stepsOf(track, seed, sizes)) {
    await sleep(pauseMs, undefined, { signal: over }).catch(() => undefined)
    if (over.aborted) return
    faults.set(fault.kind, (faults.get(fault.kind) ?? 0) + 1)
    options.history.note('fault', { fault })
    await inflict(fault, { world, signal: over })
    options.history.note('fault ended', { of: fault.kind })
    if (track !== 'fleet' && track !== 'versions') continue
    const isWhole = await untilWhole(world, over)
    if (isWhole) options.history.note('whole')
    else if (!over.aborted) {
      options.history.violated([{ kind: 'stuck', detail: `after ${fault.kind}` }], {})
    }
  }
}

function describe({
  world,
  asker,
  faults,
  startMs,
}: {
  readonly world: World
  readonly asker: Asker
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly startMs: number
}): string {
  const checked = sum([...asker.tallies.values()].map((tally) => tally.checked))
  const seconds = Math.round((Date.now() - startMs) / 1000)
  return (
    `${seconds} s: ${world.book.all.length} lines sent, ${sum(faults.values())} faults, ` +
    `${checked} answers checked, ${world.options.history.violationCount} violations`
  )
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((left, right) => left + right, 0)
}
