import { setTimeout as sleep } from 'node:timers/promises'
import { runJob } from './run-job.ts'
import type { Fault, VersionFault } from './schedule.ts'
import { untilWhole } from './whole.ts'
import { ROOT } from './world/part.ts'
import type { NetworkMode } from './world/tcp-proxy.ts'
import type { IngestPart, World } from './world/world.ts'

/** Twitch's clients get that long to leave after a RECONNECT. */
const RECONNECT_CLOSE_MS = 10_000
const COMPACT_MS_MAX = 60_000
const READY_POLL_MS = 100
const READY_MS_MAX = 60_000

export interface InflictDeps {
  readonly world: World
  /** Aborted when the run is over: what lasts ends early. */
  readonly signal: AbortSignal
}

/** Does the harm; resolves when it has ended. What it leads to may go on. */
export async function inflict(fault: Fault, deps: InflictDeps): Promise<void> {
  const { world, signal } = deps
  const { chat, redis } = world
  switch (fault.kind) {
    case 'lines-doubled':
      return chat.duplicate(fault.count)
    case 'lines-split':
      return chat.split(fault.count)
    case 'lines-malformed':
      return chat.malformed(fault.count)
    case 'redis-kill':
      return await redis.restart(fault.node, fault.awayMs)
    case 'redis-freeze':
      return await redis.freeze(fault.node, fault.durationMs)
    case 'redis-clock-step':
      return await redis.stepClock(fault.offsetMs)
    case 'archiver-kill':
      return await at(world.archivers, fault.index).kill()
    case 'archiver-restart':
      return await at(world.archivers, fault.index).terminate()
    case 'archiver-freeze':
      return await at(world.archivers, fault.index).freeze(fault.durationMs, signal)
    case 'api-kill':
      return await at(world.apis, fault.index).kill()
    case 'api-freeze':
      return await at(world.apis, fault.index).freeze(fault.durationMs, signal)
    case 'compact':
      await runJob(fault.isFolding ? 'fold' : 'compact', COMPACT_MS_MAX, world)
      return
    case 'compact-killed':
      await runJob(fault.isFolding ? 'fold' : 'compact', fault.afterMs, world)
      return
    case 'upgrade':
    case 'downgrade':
      return await changeVersion(fault, deps)
    case 's3-storm':
    case 's3-answers-lost':
    case 's3-answers-reset':
    case 's3-slow':
    case 's3-kill':
      return await harmS3(fault, deps)
    case 'ingest-kill':
    case 'ingest-freeze':
    case 'ingest-rolling-restart':
    case 'chat-reset':
    case 'chat-stall':
    case 'chat-black-hole':
    case 'chat-refuse':
    case 'chat-reconnect':
    case 'chat-reconnect-all':
      return await harmFleet(fault, deps)
  }
}

async function changeVersion(
  { kind, of, index }: VersionFault,
  { world, signal }: InflictDeps,
): Promise<void> {
  const parts = of === 'ingests' ? world.ingests.map(({ part }) => part) : world[of]
  const root = kind === 'upgrade' ? ROOT : world.options.oldRoot
  await at(parts, index).replace(root ?? ROOT)
  while (!signal.aborted && !(await at(parts, index).isReady())) await pause(READY_POLL_MS, signal)
}

/** Upgrades what is old yet. */
export async function upgradeAll(world: World): Promise<void> {
  const names = ['ingests', 'archivers', 'apis'] as const
  for (const name of names) {
    for (const [index, each] of world[name].entries()) {
      const { root } = 'part' in each ? each.part : each
      if (root === ROOT) continue
      const signal = AbortSignal.timeout(READY_MS_MAX)
      await changeVersion({ kind: 'upgrade', of: name, index }, { world, signal })
    }
  }
}

type S3Fault = Extract<Fault, { kind: `s3-${string}` }>
type FleetFault = Extract<Fault, { kind: `ingest-${string}` | `chat-${string}` }>

async function harmS3(fault: S3Fault, { world, signal }: InflictDeps): Promise<void> {
  const { s3, s3Faults } = world
  switch (fault.kind) {
    case 's3-storm':
      s3Faults.inject({ kind: 'status', status: 503 }, { durationMs: fault.durationMs })
      return await pause(fault.durationMs, signal)
    case 's3-answers-lost':
      return s3Faults.inject({ kind: 'answer-lost' }, { times: fault.times, method: 'PUT' })
    case 's3-answers-reset':
      return s3Faults.inject({ kind: 'answer-reset' }, { times: fault.times })
    case 's3-slow':
      s3Faults.setLatency(fault.delayMs)
      await pause(fault.durationMs, signal)
      return s3Faults.setLatency(0)
    case 's3-kill':
      await s3.kill()
      await sleep(fault.awayMs)
      return await s3.resume()
  }
}

async function harmFleet(fault: FleetFault, deps: InflictDeps): Promise<void> {
  const { world, signal } = deps
  const { chat, ingests } = world
  switch (fault.kind) {
    case 'ingest-kill':
      return await at(ingests, fault.index).part.kill()
    case 'ingest-freeze':
      return await at(ingests, fault.index).part.freeze(fault.durationMs, signal)
    case 'ingest-rolling-restart':
      for (const { part } of ingests) {
        await part.terminate()
        if (!(await untilWhole(world, signal))) return
      }
      return
    case 'chat-reset':
      return at(ingests, fault.index).network.reset()
    case 'chat-stall':
      return await harmNetwork(at(ingests, fault.index), 'stall', { ...fault, signal })
    case 'chat-black-hole':
      return await harmNetwork(at(ingests, fault.index), 'black-hole', { ...fault, signal })
    case 'chat-refuse':
      return await harmNetwork(at(ingests, fault.index), 'refuse', { ...fault, signal })
    case 'chat-reconnect':
    case 'chat-reconnect-all': {
      const only = fault.kind === 'chat-reconnect' ? at(ingests, fault.index).address : undefined
      for (const { id, address } of chat.connections()) {
        if (only !== undefined && address !== only) continue
        chat.reconnect({ connection: id, closeAfterMs: RECONNECT_CLOSE_MS })
      }
      return await pause(RECONNECT_CLOSE_MS, signal)
    }
  }
}

async function harmNetwork(
  { network }: IngestPart,
  mode: NetworkMode,
  { durationMs, signal }: { readonly durationMs: number; readonly signal: AbortSignal },
): Promise<void> {
  network.mode = mode
  if (mode === 'refuse') network.reset()
  await pause(durationMs, signal)
  network.mode = 'pass'
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`there is no number ${index}`)
  return item
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => undefined)
}
