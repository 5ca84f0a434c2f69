import { HotStoreError } from './errors.ts'
import type { RunRef } from './types.ts'

/** How absorbed runs are noted: `shard:number`. */
export const runName = ({ shard, number }: RunRef): string => `${shard}:${number}`

const RUN_NAME = /^(\d{1,4}):(\d{1,16})$/

/** @throws {HotStoreError} `corrupt`. */
export function runOf(name: string): RunRef {
  const [, shard, number] = RUN_NAME.exec(name) ?? []
  if (shard === undefined || number === undefined) {
    throw new HotStoreError('corrupt', 'an absorbed run is not readable')
  }
  return { shard: Number(shard), number: Number(number) }
}
