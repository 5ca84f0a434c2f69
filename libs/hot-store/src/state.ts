import { toInteger, toText } from './reply.ts'
import type { ShardState } from './types.ts'

/** A state and the version of the manifest that belongs to it. */
export interface VersionedState {
  readonly state: ShardState
  readonly version: string
}

/** The fields of the state, in the order in which {@link decodeState} and the scripts have them. */
export const STATE_FIELDS = [
  'boundary',
  'floor',
  'trimmed',
  'next',
  'epoch',
  'generation',
  'appended',
  'sealed',
  'version',
  'ahead',
  'bytes',
] as const

/** Reads what `state.lua` returns. A shard that was never used has boundary and floor 0 and next 1. */
export function decodeState(shard: number, reply: readonly unknown[]): VersionedState {
  const [boundary, floor, trimmed, next, epoch, generation, appended, sealed, ...more] = reply
  const [version, ahead, bytes, ...time] = more
  const state: ShardState = {
    shard,
    boundaryMs: toInteger(boundary, 0),
    floorMs: toInteger(floor, 0),
    aheadMs: toInteger(ahead, 0),
    trimmedMs: toInteger(trimmed, 0),
    next: toInteger(next, 1),
    epoch: toInteger(epoch, 0),
    generation: toInteger(generation, 0),
    hotRecords: Math.max(0, toInteger(appended, 0) - toInteger(sealed, 0)),
    hotBytes: toInteger(bytes, 0),
    nowMs: toInteger(time[0]) * 1000 + Math.floor(toInteger(time[1]) / 1000),
  }
  return { state, version: version === null || version === undefined ? '0' : toText(version) }
}
